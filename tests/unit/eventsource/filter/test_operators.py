"""What operators answer, and which types they mind."""

import math

import pytest

from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import typed, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("body.id == 17", True), ("body.id == 17.0", True), ("body.id == '17'", False), ("body.id != 17", False),
        ("5 == 5.0", True), ("nil == nil", True), ("body.none == nil", True), ("body.missing == nil", True),
        ("nosuch == nil", True), ("nil == false", False), ("body.ok == true", True), ("body.empty == ''", True),
        ("body.earr == []", True), ("body.list == [3, 1, 2]", False), ("body.list == [3.0, 1.0, 2.0]", True),
        ("[1] == [1.0]", False), ("[1] == [1]", True), ("1..3 == [1, 2, 3]", False), ("1..3 == 1..3", True),
        ("split('a,b', ',') == ['a', 'b']", False), ("body.o == {'p': {'q': 1.0}}", True),
        ("body.o == {'p': {'q': 1}}", False), ("{} == {}", True), ("groupBy([], #) == nil", True),
        ("split('a', 'b', 0) == nil", True), ("[] == nil", False), ("sprig == 5", False),
        ("9007199254740993 == 9007199254740992.0", True), ("sprig == sprig", True), ("asInt == asInt", False),
        ("let n = [len('') / len('')]; n == n", True), ("1 < 2", True), ("1 < 1.5", True), ("'a' < 'b'", True),
        ("body.id >= 17", True), ("body.name <= 'Ada'", True), ("17 in body.list", False), ("3 in body.list", True),
        ("3.0 in 1..3", True), ("'k' in body", False), ("'id' in body", True), ("nil in body", False),
        ("let s = 'ž'; s[1:] < s", True),
        ("body.id in body.missing", False), ("'a' in groupBy(body.items, .k)", True), ("'Ada' contains 'd'", True),
        ("body.name startsWith 'A'", True), ("body.name endsWith 'A'", False), ("body.name matches '^A.a$'", True),
        ("body.name matches 'd'", True), ("'ž' matches '^.$'", True), ("body.name matches ('^' + body.name)", True),
        ("'Ada' matches '(?i)ADA'", True), ("true && false", False), ("body.ok or body.x.y", True), ("not body.ok", False),
        ("body.ok && body.id", 17.0), ("body.missing ?? 1", 1), ("body.empty ?? 1", ""), ("split('a', 'b', 0) ?? 1", 1),
    ],
)  # fmt: skip
def test_answers(text: str, expected: object) -> None:
    """Go answers the same."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("1 + 2", 3, "int"), ("body.id + 1", 18.0, "float64"), ("body.id - 1", 16.0, "float64"),
        ("'a' + body.name", "aAda", "string"), ("body.id / 2", 8.5, "float64"), ("int(body.id) / 1", 17.0, "float64"),
        ("int(body.id) % 5", 2, "int"), ("len('abc') * 2", 6, "int"), ("body.id * 2", 34.0, "float64"),
        ("2 ** len('abc')", 8.0, "float64"), ("-int('-7') % 4", 3, "int"), ("int('-7') % 4", -3, "int"),
        ("body.name[0] + 1", 66, "int"), ("body.name[0]", 65, "uint8"), ("-body.name[0]", 191, "uint8"),
        ("body.id / len('')", math.inf, "float64"), ("-body.id / len('')", -math.inf, "float64"),
        ("int('9223372036854775807') + 1", -(2**63), "int"), ("-int('-9223372036854775808')", -(2**63), "int"),
        ("duration('1h') + duration('30m')", 5400 * 10**9, "time.Duration"),
        ("duration('1h') * 2", 7200 * 10**9, "time.Duration"), ("duration('1h') * 0.5", 1800e9, "float64"),
        ("1..3", range(1, 4), "[]int"), ("3..1", range(0), "[]int"), ("body.id..18", range(17, 19), "[]int"),
        ("body.u[0:2]", "ž", "string"), ("body.u[0:1] + body.u[1:2]", "ž", "string"), ("body.name[-2:]", "da", "string"),
        ("body.name[9:1]", "", "string"), ("(1..3)[1:]", range(2, 4), "[]int"), ("split('a,b', ',')[1:]", ["b"], "[]string"),
    ],
)  # fmt: skip
def test_arithmetic(text: str, expected: object, kind: str) -> None:
    """The type of a result decides what it is equal to later."""
    assert value(text) == expected
    assert typed(text) == kind


def test_no_number() -> None:
    """Zero by zero is no number, and equal to nothing."""
    assert math.isnan(value("len('') / len('')"))
    assert value("let n = len('') / len(''); n == n") is False


@pytest.mark.parametrize(
    ("base", "index", "expected"),
    [
        ("0.0", "-1", math.inf), ("-0.0", "-1", -math.inf), ("-8", "3", -512.0), ("1e200", "2", math.inf),
        ("-1e200", "3", -math.inf), ("2", "-1", 0.5), ("2", "0.5", math.sqrt(2)), ("1.5", "1000", 1.2338405969061734e176),
        ("1", "1e300", 1.0), ("5", "0", 1.0), ("1e-200", "2", 0.0), ("10", "15", 1e15),
    ],
)  # fmt: skip
def test_powers(base: str, index: str, expected: float) -> None:
    """There is an answer for all of them; it is rounded as Go rounds."""
    assert value(f"float('{base}') ** float('{index}')") == expected


def test_a_power_that_is_no_number() -> None:
    """A root of a negative number is none."""
    assert math.isnan(value("float('-8') ** 0.5"))


@pytest.mark.parametrize(
    "text",
    [
        "body.name + 1", "body.name - 1", "body.name * 2", "body.name / 2", "body.name % 2", "body.id % 5", "body.name ** 2",
        "-body.name", "not body.id", "body.name > 1", "body.none > 1", "body.list < body.list", "body.id && true && body.ok",
        "1 in body.id", "1 in body.name", "1 in body", "body.list in groupBy(body.list, #)", "body.id contains 'a'",
        "body.id startsWith 'a'", "body.id matches 'a'", "body.name matches body.id", "body.name matches body.empty + '('",
        "body.none matches 'a'", "body.name..1", "body.id ? 1 : 2", "body.missing.x", "body.id.x", "body.name.x",
        "body.list.x", "body.list[3]", "body.list[-4]", "body.name[3]", "body.list[nil]", "body[1]", "body.id[0:1]",
        "messageAttributes.k.StringValue", "body.nosuch()", "nosuch(1)", "body()", "1 % len('')", "{(body.id): 1}",
        "duration('1h') / 2", "date('2024-01-01') + date('2024-01-01')", "date('2024-01-01').Month() + body.id",
    ],
)  # fmt: skip
def test_no_answer(text: str) -> None:
    """Go has an error for each of these, once it gets there."""
    if text == "date('2024-01-01') + date('2024-01-01')":
        text = "let d = first([date('2024-01-01')]); d + d"
    with pytest.raises(Fault) as caught:
        value(text)
    assert caught.value.place is not None
