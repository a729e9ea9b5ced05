"""jq and Lua answer as gojq and gopher-lua do, as far as two other libraries can be brought to it."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.scripts import ScriptFailed, gojson, jqprogram
from sensor.scripts.luascript import Lua

LUA = Lua(64 << 20)
CASES = json.loads(Path(__file__).with_name("lua.json").read_text(encoding="utf-8"))
EVENT = b'{"b":"2","a":1,"f":1.50,"s":"h\xc3\xa9","list":[3,null,"x",[2],{"k":1}],"none":null,"o":{"z":1,"y":2}}'


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        pytest.param(
            ".", '{"a":1,"b":"2","f":1.5,"list":[3,null,"x",[2],{"k":1}],"none":null,"o":{"y":2,"z":1},"s":"hé"}', id="."
        ),
        pytest.param("{x: ({b: 1, a: 2} | tojson)}", '{"x":"{\\"a\\":2,\\"b\\":1}"}', id="keys are sorted in texts"),
        pytest.param('{x: "\\({b: 1, a: 2})"}', '{"x":"{\\"a\\":2,\\"b\\":1}"}', id="in interpolations, too"),
        pytest.param("{x: ({b: 1, a: 2} | to_entries | map(.key))}", '{"x":["a","b"]}', id="and where entries are made"),
        pytest.param("{x: (3.0 | tostring)}", '{"x":"3"}', id="numbers lose their text"),
        pytest.param('{x: ("2024-05-06T07:08:09+02:00" | fromdate)}', '{"x":1714972089}', id="dates with an offset"),
        pytest.param('{x: (0 | strftime("%Z"))}', '{"x":"UTC"}', id="the name of the zone"),
        pytest.param('{x: ({b: 1, a: 2} | [.[]], map(.), [..], join("-"))}', '{"x":[2,1]}', id="the order of keys"),
        pytest.param("[{x: ({b: 1, a: 2} | [..], [paths])}] | last", '{"x":[["a"],["b"]]}', id="and of paths"),
        pytest.param("reduce ({b: 1, a: 2} | .[]) as $n ({}; .x += [$n])", '{"x":[2,1]}', id="and where values are folded"),
        pytest.param("{x: [.o[], .list[-1].k, .list[0]?, .b[]?]}", '{"x":[2,1,1,3]}', id="iteration and indexes"),
        pytest.param("{x: [.s[0], .s[-1], .s[9], (.s | first, last)]}", '{"x":["h","é",null,"h","é"]}', id="characters"),
        pytest.param('{x: "\\(.o[]) \\("\\(.s[0])")"}', '{"x":"2 h"}', id="code inside of texts"),
        pytest.param(
            '{x: [("" | split(",")), ("a,b" | split(","))]}', '{"x":[[""],["a","b"]]}', id="an empty text is one part"
        ),
        pytest.param(
            "{x: ([1e17, 12e-6, 1e-7, 1e21, -1.5e20] | tojson)}",
            '{"x":"[100000000000000000,0.000012,1e-7,1e+21,-150000000000000000000]"}',
            id="exponents in texts",
        ),
        pytest.param('{x: ("a\\nb" | test("a.b"; "m"))}', '{"x":true}', id="the flag m"),
        pytest.param("def f(input): input; {debug} + {x: f(1)}", '{"debug":null,"x":1}', id="names that only libjq knows"),
        pytest.param("{x: (5 | gamma)}", '{"x":24}', id="gamma"),
        pytest.param(
            '{x: ("06 May 24 10:00 +0200" | strptime("%d %b %y %H:%M %z") | mktime)}', '{"x":1714982400}', id="offsets"
        ),
        pytest.param("{a}, error", '{"a":1}', id="the first output counts"),
    ],
)
def test_jq(program: str, wanted: str) -> None:
    """Each was run with gojq."""
    assert jqprogram.transform(program, EVENT).decode() == wanted


@pytest.mark.parametrize(
    "program",
    [
        *(
            "empty",
            ".a",
            "{x: nan}",
            "{x: infinite}",
            "{x: keys_unsorted}",
            "{x: input}",
            "{x: abs}",
            "{x: debug}",
            "{$__loc__}",
            "{x: (try debug catch 1)}",
            '{x: "\\(input?)"}',
        ),
        *("{x: ({} | reverse)}", '{x: ("a" | isnan)}', '{x: ({} | index("a"))}', "{x: ({} | transpose)}", '{@text "k": 1}'),
        *(
            '{x: ("a" | test("A"; "x"))}',
            '{x: ("a" | test(["a"]))}',
            '{x: ("a" | test("(?=a)"))}',
            '{x: ("aa" | gsub("(a)\\\\1"; ""))}',
        ),
        *('{x: ("nan" | tonumber)}', "{x: (null | reverse)}", "{x: 1) | (2}", "{", 'import "a" as a; {}', "{x: $__prog_args}"),
    ],
)
def test_jq_fails_where_gojq_does(program: str) -> None:
    """An answer that Argo Events would not give is no answer."""
    with pytest.raises(ScriptFailed):
        jqprogram.transform(program, EVENT)


@pytest.mark.parametrize(("script", "wanted"), [pytest.param(c["script"], c["wanted"], id=c["about"]) for c in CASES])
def test_lua(script: str, wanted: str) -> None:
    """Each was run with gopher-lua."""
    assert LUA.transform(script, EVENT).decode() == wanted


@pytest.mark.parametrize(
    "script",
    [
        *(
            "return 'x'",
            "return",
            "return {0/0}",
            "return {1/0}",
            "return {print}",
            "return ((",
            "return {1LL}",
            "return {0b1}",
        ),
        *("return {a.b.c}", "error('x')", "error({})", "return {7 // 2}", "return {coroutine.create(function() end)}"),
        "return {[67108000] = 1}",
    ],
)
def test_lua_fails_where_gopher_lua_does(script: str) -> None:
    """An answer that Argo Events would not give is no answer."""
    with pytest.raises(ScriptFailed):
        LUA.transform(script, EVENT)


@pytest.mark.parametrize("data", [b"", b"{bad", b"[1]", b'"x"', b"1", b'{"a":1e400}', b'{"a":NaN}', b"[" * 2000, b"\xff"])
def test_data_that_is_no_object_is_refused(data: bytes) -> None:
    """Both languages get an object, as in Argo Events; null is an empty one."""
    for run in (jqprogram.transform, LUA.transform):
        with pytest.raises(ScriptFailed):
            run("{}" if run is jqprogram.transform else "return {}", data)
    assert LUA.transform("return event", b"null") == b"{}"
    assert jqprogram.transform(".", b"null") == b"null"


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def _read(data: bytes) -> object:
    return json.loads(data, parse_int=float)


@given(st.dictionaries(st.text(), _VALUES))
def test_what_is_written_reads_back(value: dict[str, object]) -> None:
    """Nothing is lost on the way through Go's way of writing."""
    assert _read(gojson.write(value)) == value


@given(st.dictionaries(st.text(), _VALUES), st.text(max_size=20))
def test_any_program_and_event_give_an_answer_or_our_error(value: dict[str, object], program: str) -> None:
    """No text of a user may crash a worker."""
    data = gojson.write(value)
    for run in (jqprogram.transform, LUA.transform, LUA.accepts):
        with contextlib.suppress(ScriptFailed):
            run(program, data)
    assert _read(jqprogram.transform(".", data)) == value
