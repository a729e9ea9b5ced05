"""`conditions`: what fires, in which order it subscribes, and everything that is refused."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dependencies import conditions, match
from tests.fakes_sensor import event

NAMES = ["a", "b", "c", "d"]


@st.composite
def texts(draw: st.DrawFn, depth: int = 3) -> str:
    """Write any condition over four names."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(NAMES))
    mark = draw(st.sampled_from(["&&", "||"]))
    left, right = draw(texts(depth=depth - 1)), draw(texts(depth=depth - 1))
    blank = draw(st.sampled_from(["", " "]))
    text = f"{left}{blank}{mark}{blank}{right}"
    return f"({text})" if draw(st.booleans()) else text


@given(texts())
def test_it_means_what_python_means(text: str) -> None:
    """`&&` binds tighter than `||`, parentheses bind tightest: the same text in Python gives the same answers."""
    expression = conditions.parse(text, NAMES)
    python = text.replace("&&", " and ").replace("||", " or ")
    for present in itertools.chain.from_iterable(itertools.combinations(NAMES, n) for n in range(5)):
        values = {name: name in present for name in NAMES}
        assert expression.fires(set(present)) == eval(python, {}, values)  # noqa: S307 - names, and, or
    again = conditions.parse(str(expression), NAMES)
    assert str(again) == str(expression)
    assert expression.joins == ("&&" in text)


def test_nothing_written_means_all_together() -> None:
    """Without conditions all dependencies are joined, in the order of the document; a single one fires alone."""
    assert str(conditions.parse("", NAMES)) == "a&&b&&c&&d"
    assert not conditions.parse("", ["a"]).joins


def test_names_come_in_the_order_of_subscribing() -> None:
    """Each once, by its first appearance; `-` and `_` are the same letter, and the document's spelling counts."""
    assert conditions.parse("b || a || b", NAMES).names == ("b", "a")
    assert conditions.parse("dep-1a || x_y", ["dep_1a", "x-y"]).names == ("dep_1a", "x-y")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a &&", "missing at the end"),
        ("&& a", "column 1"),
        ("a b", "column 3"),
        ("a || (b", "closing"),
        ("a)", "column 2"),
        ("a & b", "column 3"),
        ("a or b", "column 3"),
        ("!a", "column 1"),
        ('"a"', "column 1"),
        ("a == b", "column 3"),
        ("a || zzz", "column 6: 'zzz'"),
        ("a.b", "column 2"),
        ("[a]", "column 1"),
        ("()", "column 2"),
        ("  ", "missing at the end"),
        ("(" * 5000 + "a" + ")" * 5000, "parentheses"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(text: str, place: str) -> None:
    """The Go sensor logs these once and never subscribes."""
    with pytest.raises(conditions.Malformed, match=place.replace("(", r"\(")):
        conditions.parse(text, NAMES)


@given(st.text(alphabet="ab-_&|() \t\n\"'.!#$ž\x00", max_size=60) | st.text(max_size=40))
def test_any_text_is_a_condition_or_malformed(text: str) -> None:
    """Whatever stands in a document, the answer is a condition over the dependencies or `Malformed`."""
    try:
        expression = conditions.parse(text, NAMES)
    except conditions.Malformed:
        return
    assert set(expression.names) <= set(NAMES)
    assert expression.fires(set(NAMES))
    assert not expression.fires(set())


def test_it_is_shown_as_it_was_written() -> None:
    """Without blanks, with the names as the dependencies have them, and with every parenthesis."""
    assert str(conditions.parse(" ((dep_1)) ||\tb ", ["dep-1", "b"])) == "((dep-1))||b"


def test_an_event_belongs_to_all_that_name_it() -> None:
    """By source and subject, exactly; several dependencies may name one event."""
    table = match.index([match.Wants("a", "s", "e"), match.Wants("b", "s", "f"), match.Wants("c", "s", "e")])
    assert match.matching(event(source="s", subject="e"), table) == ("a", "c")
    assert match.matching(event(source="s", subject="f"), table) == ("b",)
    assert match.matching(event(source="S", subject="e"), table) == ()
