"""Writing by sjson paths. The golden corpus in tests/conformance says more."""

import pytest

from sensor.paths import PathError, compile_target


def put(document: str, path: str, text: str = "2") -> str:
    """Set a text."""
    return compile_target(path).put(document.encode(), text).decode()


@pytest.mark.parametrize(
    ("document", "path", "result"),
    [
        ("{}", "a.2", '{"a":[null,null,"2"]}'),
        ('{"a":{}}', "a.0", '{"a":{"0":"2"}}'),
        ("{}", "a.:0", '{"a":{"0":"2"}}'),
        ('{"a":"s"}', "a.b", '{"a":{"b":"2"}}'),
        ('{"a":[1]}', "a.3", '{"a":[1,null,null,"2"]}'),
        ('{"a":[1]}', "a.-1", '{"a":[1,"2"]}'),
        ("{}", "a.-1", '{"a":["2"]}'),
        ("{}", "-1", '{"-1":"2"}'),
        ("", "0", '["2"]'),
        ("null", "a", '{"a":"2"}'),
        ("{}", "a.", '{"a":["2"]}'),
        ("{}", r"metadata.annotations.foo\.bar/baz", '{"metadata":{"annotations":{"foo.bar/baz":"2"}}}'),
        ('{"a":[{"n":"x","v":1}]}', 'a.#(n=="x").v', '{"a":[{"n":"x","v":"2"}]}'),
        ('{"a":[{"n":"x"}]}', 'a.#(n=="x").v', '{"a":[{"n":"x"}]}'),
        ('{"a":[{"v":1},{"v":2},{}]}', "a.#.v", '{"a":[{"v":"2"},{"v":"2"},{}]}'),
        ('{"abc":1}', "a*", '{"abc":"2"}'),
        ('{"abc":1}', "x*", '{"abc":1}'),
        ('{"a":1,"a":2}', "a", '{"a":"2","a":2}'),
        ('{ "a" : 1.0 , "b":[ 1, 2 ],\n "c" : "\\u00e9" }', "b.1", '{ "a" : 1.0 , "b":[ 1, "2" ],\n "c" : "\\u00e9" }'),
        ('{"a":{"b":1}}', "a.c.d", '{"a":{"b":1,"c":{"d":"2"}}}'),
    ],
)
def test_a_value_is_set_as_sjson_sets_it(document: str, path: str, result: str) -> None:
    """What is not touched keeps its bytes, and missing parents are made."""
    assert put(document, path) == result


@pytest.mark.parametrize(
    ("document", "path", "fault"),
    [
        ("{}", "", "path cannot be empty"),
        ('{"a":[1]}', "a.x", "cannot set array element for non-numeric key 'x'"),
        ('{"a":[]}', "a.:1", "cannot set array element for non-numeric key '1'"),
        ("{}", "a.99999999", "is more than the 1000000 allowed"),
    ],
)
def test_what_cannot_be_set_is_told(document: str, path: str, fault: str) -> None:
    """An array does not grow without bound, nor take a key."""
    with pytest.raises(PathError, match=fault):
        put(document, path)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<b>", '"<b>"'),
        ("<b>ž", r'"\u003cb\u003ež"'),
        ('a"b\\', r'"a\"b\\"'),
        ("\x00\n\u2028", r'"\u0000\n\u2028"'),
        ("😀\x7f", '"😀\x7f"'),
    ],
)
def test_text_is_escaped_as_go_does(text: str, written: str) -> None:
    """HTML characters are escaped only where something else has to be, too."""
    assert put("{}", "v", text) == '{"v":' + written + "}"


def test_bytes_that_are_not_text_are_replaced() -> None:
    """Each byte that is not UTF-8 becomes U+FFFD, as Go's encoder writes it."""
    assert compile_target("v").put(b"{}", b"a\xff\xfeb") == rb'{"v":"a\ufffd\ufffdb"}'


def test_raw_json_goes_in_as_it_is() -> None:
    """Number text and spaces of raw values survive."""
    assert compile_target("a.b").put_raw(b'{"a":{}}', b"[ 1.50 ]") == b'{"a":{"b":[ 1.50 ]}}'


def test_a_path_nested_deeper_than_python_goes_is_refused() -> None:
    """It is a fault of the document, not of the sensor."""
    with pytest.raises(PathError, match="too deep"):
        compile_target("a." * 20000 + "a").put(b"{}", "x")


def test_what_a_modifier_made_anew_is_not_in_the_document() -> None:
    """Even where `@ugly` had no blank to take out, there is no place to write to."""
    assert compile_target("#(#).@ugly").put(b"[[]]", "x") == b"[[]]"
