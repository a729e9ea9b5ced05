"""Reading by gjson paths. The golden corpus in tests/conformance says more."""

import pytest

from sensor.paths import Kind, compile_path, get, valid

PEOPLE = b"""{"name":{"first":"Tom","last":"Anderson"}, "age":37, "children":["Sara","Alex","Jack"],
 "fav.movie":"Deer Hunter", "friends":[{"first":"Dale","last":"Murphy","age":44,"nets":["ig","fb"]},
            {"first":"Roger","last":"Craig","age":68,"nets":[]},
            {"first":"Jane","last":"Murphy","age":47,"nets":["ig","tw"]}],
 "none":null, "price":1.50, "big":12345678901234567890}"""


def read(document: bytes, path: str) -> str:
    """Give the raw text at a path."""
    return get(document, compile_path(path)).raw.decode()


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("name.last", '"Anderson"'),
        (r"fav\.movie", '"Deer Hunter"'),
        ("children.1", '"Alex"'),
        ("children.01", '"Alex"'),
        ("children.#", "3"),
        ("friends.#.first", '["Dale","Roger","Jane"]'),
        ("friends.#.nets.#", "[2,0,2]"),
        ("friends.#.nosuch", "[]"),
        ("child*.2", '"Jack"'),
        ("?ame.first", '"Tom"'),
        ('friends.#(last=="Murphy").first', '"Dale"'),
        ('friends.#(last=="Murphy")#.first', '["Dale","Jane"]'),
        ("friends.#(age>=47)#.age", "[68,47]"),
        ('friends.#(nets.#(=="tw")).first', '"Jane"'),
        ('friends.#(first%"R*").age', "68"),
        ('friends.#(first!%"R*")#|#', "2"),
        ("friends|0.first", '"Dale"'),
        ("friends.#.first|@reverse|0", '"Jane"'),
        ("{age,name.first}", '{"age":37,"first":"Tom"}'),
        ('{"n":children.#}', '{"n":3}'),
        ("[age,none,nosuch]", "[37,null]"),
        ("friends.#.{first,n:nets.#}|1", '{"first":"Roger","n":0}'),
        ("name.@keys", '["first","last"]'),
        ("age.@tostr", '"37"'),
        ("!true", "true"),
        ("big", "12345678901234567890"),
        ("none", "null"),
        ("price", "1.50"),
    ],
)
def test_a_path_leads_to_the_raw_text(path: str, raw: str) -> None:
    """Every construct of the path language finds what gjson finds, byte for byte."""
    assert read(PEOPLE, path) == raw


@pytest.mark.parametrize("path", ["nosuch", "children.3", "children.-1", "name.#", "age.x", "Name", "nosuch.#", "", "none.x"])
def test_nothing_is_told_from_null(path: str) -> None:
    """A default applies to what is missing, not to what is null."""
    assert not get(PEOPLE, compile_path(path)).exists
    assert get(PEOPLE, compile_path("none")).exists


@pytest.mark.parametrize(
    ("raw", "kind", "text", "truth", "number"),
    [
        (b'"text"', Kind.STRING, "text", False, 0.0),
        (b'"T"', Kind.STRING, "T", True, 0.0),
        (b'"1.5"', Kind.STRING, "1.5", False, 1.5),
        (rb'"\ud83d\ude00\n\"\u00e9"', Kind.STRING, '😀\n"é', False, 0.0),
        (rb'"\ud83d"', Kind.STRING, "\ufffd", False, 0.0),
        (rb'"\ud83d\u0041\u0042"', Kind.STRING, "\ufffdB", False, 0.0),
        (b"1.50", Kind.NUMBER, "1.5", True, 1.5),
        (b"1e5", Kind.NUMBER, "100000", True, 1e5),
        (b"-0", Kind.NUMBER, "-0", False, 0.0),
        (b"9007199254740993", Kind.NUMBER, "9007199254740993", True, 9007199254740992.0),
        (b"1e400", Kind.NUMBER, "+Inf", True, float("inf")),
        (b"true", Kind.TRUE, "true", True, 1.0),
        (b"false", Kind.FALSE, "false", False, 0.0),
        (b"null", Kind.NULL, "", False, 0.0),
        (b'{ "a" : 1 }', Kind.JSON, '{ "a" : 1 }', False, 0.0),
    ],
)
def test_a_value_has_the_forms_of_go(raw: bytes, kind: Kind, text: str, truth: bool, number: float) -> None:  # noqa: FBT001
    """Parameters take the text, filters the text, truth and number; all of them as Go has them."""
    result = get(b'{"v": ' + raw + b" }", compile_path("v"))
    assert (result.kind, result.text, result.bool, result.float) == (kind, text, truth, number)


def test_values_are_decoded_as_go_does() -> None:
    """Templates and expressions see floats only, and the first of repeated keys."""
    value = get(rb'{"v":{"a":1,"a":2,"b":[true,null,"\ud800x"],"c":{}}}', compile_path("v")).value
    assert value == {"a": 1.0, "b": [True, None, "\ufffdx"], "c": {}}
    assert isinstance(value["a"], float)


def test_the_first_of_repeated_keys_counts_unless_it_lacks_the_next() -> None:
    """As gjson does it; encoding/json takes the last."""
    document = b'{"a":{"b":1},"a":{"b":2,"c":3}}'
    assert (read(document, "a.b"), read(document, "a.c")) == ("1", "3")


def test_text_that_looks_like_json_is_text() -> None:
    """Brackets and quotes inside strings do not end what is around them."""
    document = rb'{"a":["]}\"{[",{"b":"\\"}],"c\"d":"}","e":1}'
    assert (read(document, "e"), read(document, 'c"d'), read(document, "a.1.b")) == ("1", '"}"', r'"\\"')


@pytest.mark.parametrize(
    "broken", [b"", b"{", b'{"a', b'{"a":', b'{"a":"x', b'{"a":[1,', b"}", b'{"a":tru', b"\xff{", b'{"a" 1}', b'["']
)
def test_broken_text_never_raises(broken: bytes) -> None:
    """Whoever reads has checked the text before; whoever has not gets an answer, not a crash."""
    for path in ("a", "a.b", "0", "#", "#.a", "#(a==1)#", "*", "..#", "@this", "@pretty", "@dig:a", "{a}", "a|@fromstr"):
        get(broken, compile_path(path))


def test_deep_nesting_is_walked_without_recursion() -> None:
    """A document of brackets does not bring the process down."""
    assert read(b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b',"b":1}', "b") == "1"


def test_a_path_is_compiled_once() -> None:
    """What can be worked out before an event comes is not worked out with each."""
    assert compile_path("a.b.0") is compile_path("a.b.0")


@pytest.mark.parametrize(
    ("text", "answer"), [(b" [1] ", True), (b"", False), (b"01", False), (b"[1,]", False), (b'"\xff"', True)]
)
def test_validity_is_that_of_go(text: bytes, answer: bool) -> None:  # noqa: FBT001
    """Go takes bytes that are not UTF-8 inside strings; so must we, or events get lost."""
    assert valid(text) is answer


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("@pretty", '{\n  "b": [1, 2],\n  "a": {\n    "x": "y"\n  }\n}\n'),
        (
            '@pretty:{"sortKeys":true,"indent":"\\t","width":5}',
            '{\n\t"a": {\n\t\t"x": "y"\n\t},\n\t"b": [\n\t\t1,\n\t\t2\n\t]\n}\n',
        ),
        ("@ugly", '{"b":[1,2],"a":{"x":"y"}}'),
        ("@reverse", '{"a":{"x":"y"},"b":[1, 2]}'),
        ("@values", '[[1, 2],{"x":"y"}]'),
        ("@this.b.@tostr", '"[1, 2]"'),
        ("[b,b]|@flatten", "[1, 2,1, 2]"),
        ("[a,{b}]|@join", '{"x":"y","b":[1, 2]}'),
        ("@dig:x", '["y"]'),
        ("{b}.@group", '[{"b":1},{"b":2}]'),
        ("b.@valid.1", "2"),
        ("b.@tostr.@fromstr.0", "1"),
        ("@nosuch", ""),
    ],
)
def test_modifiers_change_the_document(path: str, raw: str) -> None:
    """All modifiers of gjson are there."""
    assert read(b'{"b": [1, 2], "a": {"x":"y"}}', path) == raw


@pytest.mark.parametrize("path", ["@this.#", "#.a", "#(a=1)#"])
def test_an_array_counts_only_when_it_closes(path: str) -> None:
    """A bracket inside of a text begins no array that anything could be gathered from."""
    assert not get(b'"a [x"', compile_path(path)).exists
    assert read(b'{"a":1}\n{"a":2}', "..#.a") == "[1,2]"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ('!{"a":}', {}),
        ('!{"a" 1,"a":2}', {"a": 1.0}),
        ("![1,x,tru,{", [1.0, True, {}]),
        (r'![{"k":["\u0041\"', [{"k": ['A"']}]),
        ('!{1:2,"b":3}', {"": "b"}),
    ],
)
def test_a_value_is_read_from_what_is_no_json(path: str, value: object) -> None:
    """A path may make texts that are none; Go steps over what it does not know."""
    assert get(b"{}", compile_path(path)).value == value


def test_what_is_nested_deeper_than_python_goes_never_raises() -> None:
    """Go has no such limit: the value is read all the same; a path that deep leads nowhere."""
    deep = get(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", compile_path("a")).value
    for _ in range(4999):
        (deep,) = deep
    assert deep == []
    for path in ("@this|" * 5000 + "a", "[" * 5000 + "]" * 5000, "a." * 5000 + "a"):
        assert not get(b'{"a":' * 5000 + b"1" + b"}" * 5000, compile_path(path)).exists


def test_half_a_surrogate_in_a_path_is_the_replacement_character() -> None:
    """So Go's reader of documents leaves it, in paths as in events."""
    assert read(b'{"a\\ud800":1}', "a\ud800") == "1"
