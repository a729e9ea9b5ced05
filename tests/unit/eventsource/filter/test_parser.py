"""The grammar, and the quirks of it that documents may rely on."""

import pytest

from eventsource import filter  # noqa: A004
from eventsource.filter.errors import ExpressionError
from tests.unit.eventsource.filter.evaluate import value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("10 - 4 - 3", 3),
        ("2 ** 3 ** 2", 512.0),
        ("-2 ** 2", -4.0),
        ("2 ^ 3", 8.0),
        ("-body.id + 1", -16.0),
        ("not true == false", True),
        ("!true == false", True),
        ("true and false or true", True),
        ("true || false && false", True),
        ("1 == 1 == true", True),
        ("1..2 == 1..2", True),
        ("nil ?? 2", 2),
        ("body.none ?? body.missing ?? 3", 3),
        ("true ? 1 : false ? 2 : 3", 1),
        ("body.ok ?: 2", True),
        ("let x = 1; let y = 2; x + y", 3),
        ("let x = body.id; x > 16 ? 'a' : 'b'", "a"),
        ("body.name | upper() | lower()", "ada"),
        ("body.list | filter(# > 1) | len()", 2),
        ("body.list | reduce(#acc + #)", 6.0),
        ("body.list | reduce(#acc + #, 10)", 16.0),
        ("[1, 2,]", [1, 2]),
        ("{a: 1, 'b': 2, 3: 4, (\"c\"): 5,}", {"a": 1, "b": 2, "3": 4, "c": 5}),
        ('{"a": 1, "a": 2}', {"a": 1}),
        ("body.not", None),
        ("body.matches", None),
        ("body?.o?.p.q", 1.0),
        ("body.none?.x.y", None),
        ("body.list[1:]", [1.0, 2.0]),
        ("body.list[:1]", [3.0]),
        ("body.list[:]", [3.0, 1.0, 2.0]),
        ("body.list[-1]", 2.0),
        ("0x10 + 1_000", 1016),
        ("017", 17),
        ("9 not in body.list", True),
        ("body.name not startsWith 'B'", True),
        ("not (body.name matches 'B')", True),
        # The word `not` is lost where the operator behind it binds too weakly for the right side of a `+`.
        ("1 + 2 not in [3]", True),
        ("map(body.items, .k)", ["a", "b"]),
        ("map(body.items, {#.k})", ["a", "b"]),
        ("map(body.list, {# + #index})", [3.0, 2.0, 4.0]),
    ],
)
def test_what_a_text_means(text: str, expected: object) -> None:
    """Operators bind as in Go."""
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "(", "body.id)", "== 17", "body.id; true", "1 2", "a.", "a.1", "a.'b'", "body.id in (1,17)", "f(1,)", "len(",
        "[1,,2]", "[1", "{1}", "{a}", "{a:}", "{a: 1,,}", "{-1: 2}", "let x; 1", "let = 1; 2", "let 1 = 1; 2", "let x = 1",
        "a ? b", "a ? : ", "1 ? 2 :", "x y", "true xor false", "a === b", "a <> b", "# > 1", ".x", "filter(a)", "map(a, )",
        "map(a, {#)", "a | 1", "a | b", "a | b.c()", '"a"[0]', '"a".b', "1.0.0", "1e", "0b11", "0x", "0X1F", "1e999",
        "9223372036854775808", "99999999999999999999", "'a' ?? 'b' == 'a'", "a ?? b || c", "reduce(a)", "a[1:2:3]", "a[]",
        'map(body.items, {"k": 1})', "1 ?? 2 + 3", "not", "-", "a not b", "a..", "a ? b : c : d",
    ],
)  # fmt: skip
def test_what_is_no_expression(text: str) -> None:
    """A text that Go cannot parse is refused when the document is loaded."""
    with pytest.raises(ExpressionError):
        filter.compile(text)


def test_the_error_names_the_place() -> None:
    """The author of a document of many lines needs it."""
    with pytest.raises(ExpressionError, match=r"^unexpected bracket '\)' \(line 2, column 4\)$"):
        filter.compile("true &&\n  1)")


def test_a_minus_may_stand_alone_in_front_of_the_least_integer() -> None:
    """The sign is no part of the number, as in Go: the least integer cannot be written."""
    assert value("-9223372036854775807") == -9223372036854775807
    with pytest.raises(ExpressionError):
        filter.compile("-9223372036854775808")
