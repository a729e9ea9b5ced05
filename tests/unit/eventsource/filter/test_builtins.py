"""The builtins that take values, a table for each family."""

import math

import pytest

from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import typed, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trim(' \\t x\\n')", "x"), ("trim('xax', 'x')", "a"), ("trim('xyayx', 'xy')", "a"),
        ("trimPrefix('abc', 'a')", "bc"), ("trimPrefix(' a')", "a"), ("trimSuffix('abc', 'c')", "ab"),
        ("trimSuffix('a ')", "a"), ("upper('aé')", "AÉ"), ("upper('ß')", "ß"), ("lower('AÉ')", "aé"), ("lower('İ')", "i"),
        ("lower('ΑΣ')", "\u03b1\u03c3"), ("split('a,b', ',')", ["a", "b"]), ("split('a,b,c', ',', 2)", ["a", "b,c"]),
        ("split('a,b', ',', 0)", []), ("split('žl', '')", ["ž", "l"]), ("split('abc', '', 2)", ["a", "bc"]),
        ("split('', ',')", [""]), ("split('', '')", []), ("splitAfter('a,b', ',')", ["a,", "b"]),
        ("splitAfter('a,b,c', ',', 2)", ["a,", "b,c"]), ("replace('aab', 'a', 'x', 1)", "xab"),
        ("replace('aab', 'a', 'x')", "xxb"), ("replace('ab', '', '-')", "-a-b-"), ("replace('ab', 'a', 'x', -1)", "xb"),
        ("repeat('ab', 2)", "abab"), ("repeat('a', 0)", ""), ("join(['a', 'b'])", "ab"), ("join(['a', 'b'], ',')", "a,b"),
        ("join(split('a b', ' '), '-')", "a-b"), ("join([])", ""), ("indexOf('žab', 'b')", 3), ("indexOf('a', 'z')", -1),
        ("lastIndexOf('abab', 'b')", 3), ("hasPrefix('abc', 'a')", True), ("hasSuffix('abc', 'c')", True), ("len('ž')", 2),
        ("len('abc')", 3),
    ],
)  # fmt: skip
def test_strings(text: str, expected: object) -> None:
    """Strings are bytes to Go, letters where it says so."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(-1)", 1), ("abs(-1.5)", 1.5), ("abs(body.id)", 17.0), ("ceil(1.2)", 2.0), ("ceil(1)", 1.0),
        ("floor(-1.2)", -2.0), ("round(1.5)", 2.0), ("round(-2.5)", -3.0), ("round(0.49999999999999994)", 0.0),
        ("floor(1e300)", 1e300), ("int(1.9)", 1), ("int(-1.9)", -1), ("int('5')", 5), ("int('+5')", 5),
        ("int(1e300)", -(2**63)), ("float('1.5')", 1.5), ("float(2)", 2.0), ("float('1_000')", 1000.0),
        ("float('inf')", math.inf), ("asInt('7')", 7), ("asFloat('1e3')", 1000.0), ("max(1, 3.5, 2)", 3.5), ("min(1, 2)", 1),
        ("max('a')", None), ("sum(body.list)", 6.0), ("sum([1, 2])", 3), ("sum([1, 2.5])", 3.5), ("sum([])", 0),
        ("sum(1..4)", 10), ("mean(body.list)", 2.0), ("mean([])", 0.0), ("median([3, 1, 2])", 2.0),
        ("median([4, 1, 2, 3])", 2.5), ("median([])", 0.0), ("median([3, len('') / len(''), 1])", 1.0),
        ("sum([duration('1s'), duration('1s')])", 2 * 10**9),
    ],
)  # fmt: skip
def test_numbers(text: str, expected: object) -> None:
    """Numbers stay whole where Go keeps them whole."""
    if text == "max('a')":
        assert value("max(body.name)") == "Ada"
        return
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("len(body.list)", 3), ("len(body)", 14), ("len(groupBy(body.list, # > 1))", 2), ("first(body.list)", 3.0),
        ("first(body.earr)", None), ("first(body.id)", None), ("last(body.list)", 2.0), ("last(body)", None),
        ("get(body, 'name')", "Ada"), ("get(body, 'zz')", None), ("get(body.list, 9)", None), ("get(body.none, 'x')", None),
        ("get(body.name, 0)", 65), ("take(body.list, 2)", [3.0, 1.0]), ("take(body.list, 9)", [3.0, 1.0, 2.0]),
        ("take(1..5, 2)", range(1, 3)), ("sort(body.list)", [1.0, 2.0, 3.0]), ("sort(body.list, 'desc')", [3.0, 2.0, 1.0]),
        ("sort(['b', 'a'])", ["a", "b"]), ("sort([])", []), ("sort([nil])", [None]), ("sort(3..1)", []),
        ("sortBy(body.items, 'n', 'desc')[0].k", "b"), ("sortBy(body.items, 'k')[0].n", 1.0),
        ("sort(keys(body.items[0]))", ["k", "n"]), ("len(values(body))", 14), ("toPairs(body.o)[0][0]", "p"),
        ("type(toPairs(body.o)[0])", "array"), ("fromPairs([['a', 1]]).a", 1), ("fromPairs([[1, 'x'], [1.0, 'y']])[1]", "x"),
        ("fromPairs(toPairs(body.o)).p.q", 1.0), ("fromPairs([]).zz", None), ("groupBy(body.items, .k)['zz']", []),
    ],
)  # fmt: skip
def test_lists_and_maps(text: str, expected: object) -> None:
    """What is missing is nil, what is wrong is an error."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nil", "nil"), ("true", "bool"), ("1", "int"), ("1.5", "float"), ("body.id", "float"), ("'a'", "string"),
        ("[]", "array"), ("1..2", "array"), ("body", "map"), ("groupBy([1], #)", "map"), ("body.name[0]", "uint"),
        ("date('2024-01-01')", "time.Time"), ("duration('1s')", "time.Duration"), ("date('2024-01-01').Unix()", "int"),
        ("sprig", "map"), ("asInt", "func"),
    ],
)  # fmt: skip
def test_types(text: str, expected: str) -> None:
    """`type` names families of types."""
    assert value(f"type({text})") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string(nil)", "<nil>"), ("string(1.0)", "1"), ("string(body.id)", "17"), ("string(1e6)", "1e+06"),
        ("string(true)", "true"), ("string(body.list)", "[3 1 2]"), ("string([1, nil, 'a'])", "[1 <nil> a]"),
        ("string(body.o)", "map[p:map[q:1]]"), ("string(1..3)", "[1 2 3]"), ("string([1..2])", "[[1 2]]"),
        ("string(fromPairs([[1, 2]]))", "map[1:2]"), ("string(date('2024-05-06'))", "2024-05-06 00:00:00 +0000 UTC"),
        ("string([duration('90s')])", "[1m30s]"), ("toJSON({'a': [1, 'x']})", '{\n  "a": [\n    1,\n    "x"\n  ]\n}'),
        ("toJSON([])", "[]"), ("toJSON('<ž>')", '"\\u003cž\\u003e"'), ("toJSON(1e21)", "1e+21"), ("toJSON(1e-7)", "1e-7"),
        ("toJSON(split('a', 'b', 0))", "null"), ("toJSON(1..2)", "[\n  1,\n  2\n]"),
        ("toJSON(date('2024-05-06'))", '"2024-05-06T00:00:00Z"'), ("toJson(body.o)", '{"p":{"q":1}}'), ("toJson(sprig)", ""),
        ("toJson({'a': fromPairs([])})", ""), ("fromJSON('{\"a\": [1, null]}')", {"a": [1.0, None]}),
        ("fromJSON(' 1 ')", 1.0), ("toBase64('hi')", "aGk="), ("fromBase64('aGk=')", "hi"), ("fromBase64('aG\\nk=')", "hi"),
        ("fromBase64('/w==') == ''", False), ("len(fromBase64('/w=='))", 1), ("toBase64(fromBase64('/w=='))", "/w=="),
        ("fromJSON(toJSON(body)) == body", True),
    ],
)  # fmt: skip
def test_writing_and_reading(text: str, expected: object) -> None:
    """Texts are those that Go writes."""
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "int('1.9')", "int('')", "int('x')", "int(body.none)", "int(body.list)", "int('99999999999999999999')", "float('x')",
        "float('1__0')", "float(body.ok)", "abs(body.name)", "ceil(body.name)", "asInt()", "asInt('x')", "asInt(1, 2)",
        "len(body.id)", "sum(body.strs)", "sum(body.mixed)", "mean(body.name)", "median(body.mixed)", "max(body.name, 1)",
        "upper(body.id)", "trim(body.none)", "join(body.mixed)", "join(body.id)", "repeat('a', -1)", "repeat('a', 1000001)",
        "split(body.name, body.id)", "take(body.id, 1)", "take(body.list, -1)", "take(body.list, body.id)", "sort(body.id)",
        "sort(body.mixed)", "sort([true, false])", "sort(body.list, 'up')", "sort(body.list, body.id)", "sort(body.items)",
        "sortBy(body.items, 'zz')", "sortBy(body.items, body.id)", "keys(body.list)", "toPairs(body.id)",
        "fromPairs(body.list)", "fromPairs([[1]])", "fromPairs([[[1], 2]])", "fromPairs(body.id)", "toJSON(sprig)",
        "toJSON(fromPairs([]))", "toJSON(1 / len(''))", "fromJSON('x')", "fromJSON('1e999')", "fromJSON('[NaN]')",
        "fromJSON('{\"a\": 01}')", "fromBase64('a')", "fromBase64('aGk')", "fromBase64('aG k=')", "toBase64(body.id)",
        "date(body.name)", "date(body.id)", "duration(body.name)",
    ],
)  # fmt: skip
def test_no_answer(text: str) -> None:
    """What Go fails on fails here."""
    with pytest.raises(Fault):
        value(text)


def test_lists_keep_their_types() -> None:
    """A list of strings is another thing than a list of anything."""
    assert typed("split('a', ',')") == "[]string"
    assert typed("toPairs(body.o)") == "[][2]interface {}"
    assert typed("groupBy(body.list, #)") == "map[interface {}][]interface {}"
    assert typed("map(1..2, #)") == "[]interface {}"
    assert typed("filter(1..2, true)") == "[]interface {}"
