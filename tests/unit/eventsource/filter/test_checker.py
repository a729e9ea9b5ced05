"""What is refused before there is an event, since it could never be answered."""

import pytest

from eventsource import filter  # noqa: A004
from eventsource.filter.errors import ExpressionError
from tests.unit.eventsource.filter.evaluate import passes, value


@pytest.mark.parametrize(
    "text",
    [
        '1 + "a"', '"a" * 3', "[1] + [2]", "1 < 2 < 3", '"a" > 1', 'not "a"', "!1", '-"a"', "-nil", "1 and true",
        "nil || true", "1 == 'a'", "true == 1", "10.5 % 3", "1.5..2", '"a" in "abc"', "17 in ['a']", "1 in {'a': 1}",
        "1 in 2", '1 matches "a"', '"a" matches 1', '"a" matches "("', '1 contains "a"', '"a" ? 1 : 2', "nil ? 1 : 2",
        "{}[1]", "[1]['a']", "('a')[0]", "[1].x", "(1).x", "(nil).x", "(1)[0:1]", "[1]['a':]", "len(1)", "len()",
        "len(1, 2)", "abs('a')", "int([])", "int(nil)", "upper(1)", "trim('a', 'b', 'c')", "split('a')", "replace('a', 'b')",
        "repeat('a', 2.0)", "join(1)", "max('a')", "max()", "sum(1)", "first('abc')", "last({})", "get(1, 2)",
        "get([1], 'a')", "get([1], nil)", "get({}, 1)", "get(body)", "take([1], 'a')", "keys([1])", "fromPairs({})",
        "sort(1)", "sort([1], 2)", "sortBy([1])", "date(1)", "now(1)", "date('x').Nope()", "date('x').Year(1)",
        "date('x').Add(1.5)", "duration('1h').Year()", "date('x') + date('x')", "all(1, true)", "filter(body, 1)",
        "map(body, nil)", "map(body, #x)", "filter(body, #index)", "count(nil, true)", "let len = 1; len", "upper != 'a'",
        "[1] == {}", "let x = 1; let x = 2; x", "len + 1", "len == 1", "(1)(2)", "1 % 0", "$env.len == 1",
    ],
)  # fmt: skip
def test_refused_whatever_the_event(text: str) -> None:
    """Go fails on each event with these, so the document is refused."""
    with pytest.raises(ExpressionError):
        filter.compile(text)


@pytest.mark.parametrize(
    "text", ["false && 1 + 'a' == 1", "true || len(1) == 1", "body.ok || 1 % 0 == 0", "false ? 'a' * 2 : true"]
)
def test_what_is_never_reached_is_refused_all_the_same(text: str) -> None:
    """Types are checked before anything is left out."""
    with pytest.raises(ExpressionError):
        filter.compile(text)


@pytest.mark.parametrize(
    "text",
    [
        "1 == 1.0", "nil == 1", "nil != 'a'", "nil in [1]", "1 in []", "'a' in {'a': 1}", "body.x in 'abc' || true",
        "1 in [1, 'a']", "true || body.id.x.y", "body.id == 'a' || true", "date('2024-01-01') < date('2024-01-02')",
        "duration('1h') > duration('1m')", "$env.messageId == 'm-1'", "get($env, 'messageId') == 'm-1'", "len == nil",
        "nil == false", "true || nosuch(1, 'a' + 1)", "body.id < 'a'", "date('2024-01-01').Year() == 2024",
        "true || date('2024-01-01').Month() in 1..3",
    ],
)  # fmt: skip
def test_accepted(text: str) -> None:
    """What an event may answer stays, even where it looks odd."""
    filter.compile(text)


def test_a_variable_may_stand_for_a_builtin() -> None:
    """Nobody writes it, but Go understands it."""
    assert value("let f = trim; f(' a ')") == "a"
    assert value("$env.trim(' a ')") == "a"


def test_a_conditional_deceives_the_checker() -> None:
    """Both sides of `==` are taken for integers, since the first branch is one; a JSON number is none."""
    assert passes("(body.ok ? 17 : body.id) == 17")
    with pytest.raises(filter.FilterError, match="not int"):
        passes("(not body.ok ? 17 : body.id) == 17")
