"""What holds for any text and any data."""

import json
import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventsource import filter  # noqa: A004
from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import DATA, value

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**60), 2**60)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
_ROW = (
    "1 2.5 .5 0x1F 'a' body .id id name list # .n ( ) [ ] { } , : ; ? ?. ?? | || && and or not in let x = == != < > <= >= "
    "+ - * ** ^ / % .. matches contains startsWith true false nil len( map( filter( reduce( all( sort( string( sprig .trim "
    "$env date( jsonpath( toJson( #acc #index groupBy( keys( int( float( 1e3 1..3 body.list body.items body.mixed split( `"
)
_WORDS = st.sampled_from(_ROW.split())
_OPERANDS = st.sampled_from(
    [
        "1", "-2", "0", "2.5", "'a'", "''", "nil", "true", "[]", "[1, 'a']", "{a: 1}", "1..3", "body", "body.id",
        "body.name", "body.list", "body.items", "body.mixed", "body.none", "body.ok", "date('2024-01-01')", "duration('1h')",
        "sprig", "asInt",
    ]
)  # fmt: skip
_CALLS = st.sampled_from(
    [
        "len", "type", "abs", "int", "float", "string", "trim", "upper", "toJSON", "first", "last", "keys", "sort", "sum",
        "median", "max", "toPairs", "fromPairs", "join", "toJson", "asInt", "date", "sprig.trim", "sprig.toString",
        "sprig.first", "sprig.add", "fromJSON", "toBase64",
    ]
)  # fmt: skip
_SIGNS = st.sampled_from(
    [
        "==",
        "!=",
        "<",
        ">",
        "<=",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        "in",
        "not in",
        "contains",
        "startsWith",
        "matches",
        "and",
        "or",
        "??",
        "..",
    ]
)
_LOOPS = st.sampled_from(
    ["all", "any", "none", "one", "filter", "map", "count", "find", "findIndex", "findLast", "groupBy", "reduce"]
)


_CLOSURES = st.sampled_from(["#", ".n > 1", "# == 1", "#acc"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, _SIGNS, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(_CALLS, inner).map(lambda parts: f"{parts[0]}({parts[1]})"),
        st.tuples(_LOOPS, inner, inner | st.sampled_from(["#", ".n > 1", "# == 1", "#acc"])).map(
            lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
        ),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        st.tuples(inner, st.sampled_from([".n", "?.k", ".Year()", ".x.y"])).map("".join),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        inner.map(lambda part: f"not {part}"),
        inner.map(lambda part: f"-({part})"),
    )


_EXPRESSIONS = st.recursive(_OPERANDS, _larger, max_leaves=8)
_PATIENT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _judge(text: str, data: bytes) -> bool | None:
    """Ask a filter; None where it has no answer. Anything but the two errors of the package is a failure."""
    fault: filter.FilterError | None = None
    try:
        return filter.compile(text).passes(data)
    except filter.ExpressionError:
        return None
    except filter.FilterError as error:
        fault = error
    # A cause is something that we did not think of.
    assert fault.__cause__ is None
    return None


@_PATIENT
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """The author of a document may write anything."""
    _judge(text, b'{"body": {"id": 17}}')


@_PATIENT
@given(st.lists(_WORDS, max_size=14).map(" ".join), _JSON)
def test_any_row_of_words_is_judged_or_refused(text: str, body: Any) -> None:  # noqa: ANN401
    """Nothing but the two errors comes out."""
    _judge(text, json.dumps({"body": body}).encode())


@_PATIENT
@given(_EXPRESSIONS, _JSON)
def test_any_expression_is_answered_or_refused(text: str, body: Any) -> None:  # noqa: ANN401
    """Whatever the event holds, and whatever is asked of it."""
    _judge(text, json.dumps({"body": body}).encode())
    _judge(text, json.dumps(DATA).encode())


@_PATIENT
@given(_EXPRESSIONS)
def test_an_answer_does_not_change(text: str) -> None:
    """The same event gets the same answer, from the same filter and from a new one."""
    data = json.dumps(DATA).encode()
    assert _judge(text, data) == _judge(text, data)


@_PATIENT
@given(st.binary(max_size=40))
def test_any_data_is_judged_or_refused(data: bytes) -> None:
    """What comes in need not be JSON."""
    answer = _judge("body == nil", data)
    assert answer is None or answer in (True, False)


@_PATIENT
@given(_JSON)
def test_json_survives(body: Any) -> None:  # noqa: ANN401
    """Written and read again, a value is equal to itself."""
    assert value("fromJSON(toJSON(body)) == body and fromJSON(toJson(body)) == body", {"body": body}) is True
    assert value("body in [body]", {"body": body}) is True


@_PATIENT
@given(st.integers(-(2**53), 2**53), st.integers(-(2**53), 2**53))
def test_arithmetic_is_that_of_python(left: int, right: int) -> None:
    """As long as nothing overflows."""
    data = {"body": {"l": str(left), "r": str(right)}}
    text = "let l = int(body.l); let r = int(body.r);"
    assert value(f"{text} [l + r, l - r, l < r, l == r]", data) == [left + right, left - right, left < right, left == right]
    if right:
        assert value(f"{text} [l % r, l / r]", data) == [math.fmod(left, right), left / right]


@_PATIENT
@given(st.text(max_size=12), st.text(max_size=3))
def test_pieces_of_a_string_make_it_up(text: str, separator: str) -> None:
    """Also where a cut goes through a letter."""
    data = {"body": {"s": text, "c": separator}}
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert value("join(split(body.s, body.c), body.c)", data) == whole
    assert value("join(splitAfter(body.s, body.c))", data) == whole
    assert value("let n = len(body.s); join(map(n > 0 ? 0..n - 1 : [], body.s[#:# + 1]))", data) == whole
    assert value("fromBase64(toBase64(body.s)) == body.s", data) is True


@_PATIENT
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_sorting(numbers: list[float]) -> None:
    """Upwards and downwards."""
    data = {"body": numbers}
    assert value("sort(body)", data) == sorted(numbers)
    assert value("sort(body, 'desc')", data) == sorted(numbers, reverse=True)
    assert value("len(filter(body, # > 0)) + count(body, # <= 0)", data) == len(numbers)


@_PATIENT
@given(st.text(alphabet="$.[]()?@*'\"0123456789abn,:-=<>!& ", max_size=24))
def test_any_path_is_walked_or_refused(path: str) -> None:
    """JSONPath is a language of its own."""
    document = '{"a":[1,{"b":2,"n":[3,4]},"x",null],"n":{"a":1}}'
    try:
        value("jsonpath(body.d, body.p)", {"body": {"d": document, "p": "$" + path}})
    except Fault:
        return
