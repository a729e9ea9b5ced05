"""What an expression sees of an event."""

import pytest

from eventsource import filter  # noqa: A004
from eventsource.filter.document import load
from eventsource.filter.environment import expanded
from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import passes, value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"1", 1.0), (b"-0", -0.0), (b"9007199254740993", 9007199254740992.0), (b'"\\u00e9"', "é"),
        (b'"\\ud83d\\ude00"', "😀"), (b'"\\ud800x"', "\ufffdx"), (b'{"\\ud800":["\\ud800"]}', {"\ufffd": ["\ufffd"]}),
        (b'"a\xffb"', "a\ufffdb"), (b'"\xf0\x9f\x98"', "\ufffd\ufffd\ufffd"), (b'{"a":1,"a":2}', {"a": 2.0}),
        (b" [1 , true]\n", [1.0, True]), (b"null", None),
    ],
)  # fmt: skip
def test_json_as_go_reads_it(data: bytes, expected: object) -> None:
    """Numbers are float64, and all strings are text."""
    assert load(data) == expected


@pytest.mark.parametrize(
    "data", [b"", b"x", b"[1", b"01", b"[NaN]", b"-Infinity", b"1e400", b'"a\nb"', b"{'a':1}", b"[1,]", b"[" * 100_000]
)
def test_what_is_no_json(data: bytes) -> None:
    """It is an error, never a crash."""
    with pytest.raises(Fault):
        load(data)


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        ({"a.b": 1}, "a.b == 1", True),
        ({"a.b": 1, "a.c": 2}, "a.b == 1 && a.c == 2", True),
        ({"a": 5, "a.b": 1}, "a.b == 1", True),
        ({"a.b.c": 1}, "a.b.c == 1", True),
        ({"a-b": 1}, "a_b == 1", True),
        ({"body": {"x.y": 1, "a-b": 2}}, 'body["x.y"] == 1 && body["a-b"] == 2', True),
        ({"sprig": 5, "asInt": 5}, "sprig == 5 || asInt == 5", False),
        ({}, "len($env) == 5", True),
        ({"$env": 1}, "$env.body == nil", True),
    ],
)
def test_names(data: object, text: str, expected: bool) -> None:  # noqa: FBT001
    """Points make levels and minus becomes underscore, on the first level only; the added names hide the data's."""
    assert passes(text, data) is expected


def test_levels_merge() -> None:
    """What shares a beginning comes together."""
    assert expanded({"a.b.c": 1, "a.b.d": 2, "a": 3, "ab": 4}) == {"a": {"b": {"c": 1, "d": 2}}, "ab": 4}


@pytest.mark.parametrize("data", [b"[1]", b"x", b'"a"', b"1", b"true"])
def test_data_that_is_no_object(data: bytes) -> None:
    """Even `true` has no answer for it, as in Go."""
    with pytest.raises(filter.FilterError):
        filter.compile("true").passes(data)


def test_no_data_is_an_empty_object() -> None:
    """`null` decodes into a map in Go."""
    assert filter.compile("body == nil").passes(b"null")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sprig.trim(' x ')", "x"),
        ("sprig.add(1, 2) == 3", True),
        ("[sprig.add(1, 2)] == [3]", False),
        ("sprig.trunc(2, body.name)", "Ad"),
        ("sprig.list(1, 'a') == [1, 'a']", True),
        ("sprig.default('d', body.empty)", "d"),
        ("sprig.splitList(',', 'a,b')[1]", "b"),
        ("sprig.dict('a', 1).a", 1),
        ("sprig.split('.', 'a.b')._1", "b"),
        ("sprig.split('.', 'a.b').zz", ""),
        ("sprig.toDate('2006-01-02', '2024-05-06').Year()", 2024),
        ("sprig.semver('1.2.3').Major()", 1),
        ("sprig.until(3) == 0..2", True),
        ("sprig.has(2, 1..3)", True),
        ("sprig.toString(1..3)", "[1 2 3]"),
        ("sprig.join('-', body.list)", "3-1-2"),
        ("toJson(sprig.list())", "[]"),
    ],
)
def test_sprig(text: str, expected: object) -> None:
    """Its functions take and give the values of the language."""
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "sprig.trunc(body.id, 'a')",
        "sprig.trim()",
        "sprig.trim(1)",
        "sprig.trim(nil)",
        "sprig.keys(nil)",
        "sprig.nosuch(1)",
        "sprig.fail('x')",
    ]
    + [f"sprig.{name}('HOME')" for name in ("env", "expandenv", "getHostByName", "genPrivateKey")],
)
def test_sprig_refuses(text: str) -> None:
    """Types are those of Go; the pod's environment and the network are out of reach."""
    with pytest.raises(Fault):
        value(text)
