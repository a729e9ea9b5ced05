"""JSON as text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import jsontext

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.promise("E1")
@given(st.text())
def test_quoting_keeps_every_text(text: str) -> None:
    """Whatever text goes in comes out of any JSON reader unchanged."""
    assert json.loads(jsontext.quote(text)) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("<b>&", b'"\\u003cb\\u003e\\u0026"'),
        ("\u2028\u2029", b'"\\u2028\\u2029"'),
        ('"\\\n', b'"\\"\\\\\\n"'),
        ("\ud800", '"\ufffd"'.encode()),
    ],
)
def test_quoting_escapes_as_go_does(text: str, quoted: bytes) -> None:
    """The bytes are those that Argo Events writes."""
    assert jsontext.quote(text) == quoted


@pytest.mark.promise("E2")
@pytest.mark.parametrize(
    ("text", "compacted"),
    [
        (b' { "b" : 1.50 , "a" : [ 1e5 , 12345678901234567890 ] } ', b'{"b":1.50,"a":[1e5,12345678901234567890]}'),
        (b'{"a":1,"a":2}', b'{"a":1,"a":2}'),
        (b'" a b "', b'" a b "'),
        (b'"\\" \\\\"', b'"\\" \\\\"'),
        (b'"<"', b'"\\u003c"'),
    ],
)
def test_compacting_keeps_number_text_and_order(text: bytes, compacted: bytes) -> None:
    """Only white space outside of texts goes; number text, order and repeated keys stay."""
    assert jsontext.compact(text) == compacted


@given(VALUES)
def test_compacting_changes_no_value(value: object) -> None:
    """Compacted text means the same as the text it came from."""
    text = json.dumps(value, indent=3).encode()
    assert json.loads(jsontext.compact(text)) == value


@pytest.mark.parametrize("text", [b"1", b' "x" ', b"1e999", b"1" * 5000, b"[" * 900 + b"]" * 900, b"null"])
def test_valid_json_of_any_kind(text: bytes) -> None:
    """Numbers beyond a double and longer than Python converts are JSON all the same."""
    assert jsontext.is_valid(text)


@pytest.mark.parametrize("text", [b"", b" ", b"{", b"NaN", b"Infinity", b"01", b"1 2", b'"\n"', b"\xff", b"'x'"])
def test_what_is_not_json(text: bytes) -> None:
    """What Go refuses is refused."""
    assert not jsontext.is_valid(text)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_members_give_the_raw_text_of_each_value(document: dict[str, object]) -> None:
    """Each member's raw text is JSON of its value, whatever braces, quotes and commas its texts hold."""
    raw = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert {key: json.loads(text) for key, text in jsontext.members(raw)} == document
