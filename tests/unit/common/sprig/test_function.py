"""Functions take the types that the Go ones take, look outside only where they may, and fail in one way only."""

import contextlib
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.sprig import FUNCTIONS, SYSTEM, Ambient, Function, Int64, Map, Slice, SprigError, functions, method, type_of
from common.sprig.moments import Moment
from common.sprig.values import MAX_ITEMS, MAX_TEXT, Uint32

STILL = Ambient(
    now=lambda: 1_714_979_289_500_000_000, random=lambda count: bytes(range(count % 256)) + bytes(count // 256 * 256)
)
_SLOW = {"bcrypt", "htpasswd", "derivePassword"}


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("trunc", (5.0, "x"), "wrong type for value; expected int; got float64"),
        ("trunc", (Int64(5), "x"), "expected int; got int64"),
        ("upper", (None,), "invalid value; expected string"),
        ("upper", (), "wrong number of args for upper: want 1 got 0"),
        ("join", ("-",), "want 2 got 1"),
        ("ternary", (1, 2, "true"), "expected bool; got string"),
        ("get", ([], "a"), r"expected map\[string\]interface \{\}; got \[\]interface \{\}"),
        ("fail", ("on purpose",), "on purpose"),
        ("div", (1, 0), "integer divide by zero"),
        ("divf", (1, 0), "decimal division by 0"),
        ("first", ("text",), "Cannot find first on type string"),
        ("mustToDate", ("2006-01-02", "x"), "cannot parse"),
        ("mustRegexMatch", ("(", "x"), "error parsing regexp"),
        ("mustFromJson", ("{",), "invalid JSON"),
        ("semver", ("x",), "invalid semantic version"),
        ("dig", ("a", {}), "at least three"),
        ("urlParse", ("http://[::1/",), "missing ']'"),
        ("set", (None, "a", 1), "nil map"),
        ("genPrivateKey", ("rsa",), "keys and certificates are not made in here"),
    ],
)
def test_what_go_refuses_is_refused(name: str, arguments: tuple[object, ...], why: str) -> None:
    """Users see at once what is wrong with a call."""
    with pytest.raises(SprigError, match=why):
        FUNCTIONS[name](*arguments)


@pytest.mark.parametrize("name", ["env", "expandenv", "getHostByName"])
def test_the_outside_is_out_of_reach(name: str) -> None:
    """Secrets of the pod and the network are nothing for a template, unless a setting says so."""
    assert FUNCTIONS[name].refused
    with pytest.raises(SprigError, match=f"function '{name}' is refused"):
        FUNCTIONS[name]("HOME")


def test_a_setting_lets_the_environment_in() -> None:
    """Then the variables are those that it brings."""
    opened = functions(Ambient(STILL.now, STILL.random, environment={"A": "1"}, resolve=lambda _: ["10.0.0.1"]))
    assert opened["env"]("A") == "1"
    assert opened["env"]("B") == ""
    assert opened["expandenv"]("$A-${A}-$B.") == "1-1-."
    assert opened["getHostByName"]("db") == "10.0.0.1"


def test_all_functions_of_sprig_are_there() -> None:
    """None may be unknown; those that are refused say why."""
    refused = {name for name, each in FUNCTIONS.items() if each.refused}
    assert len(FUNCTIONS) == 211
    assert len(refused) == 11


def test_time_and_chance_come_from_the_caller() -> None:
    """So that what is explained offline is what happened."""
    still = functions(STILL)
    assert still["now"]() == Moment(1_714_979_289, 500_000_000)
    assert still["date"]("15:04", "no date") == "07:08"
    assert still["ago"](Int64(1_714_979_000)) == "4m50s"
    assert still["randAlpha"](4) == still["randAlpha"](4)
    assert still["uuidv4"]() == "00010203-0405-4607-8809-0a0b0c0d0e0f"
    assert still["decryptAES"]("key", still["encryptAES"]("key", "text é")) == "text é"
    assert 3 <= FUNCTIONS["randInt"](3, 6) < 6


def test_a_password_is_hashed() -> None:
    """Each time with another salt."""
    first, second = FUNCTIONS["bcrypt"]("secret"), FUNCTIONS["htpasswd"]("u", "secret")
    assert first.startswith("$2a$10$")
    assert len(first) == 60
    assert second.startswith("u:$2a$10$")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("repeat", (10**9, "x")),
        ("until", (10**9,)),
        ("seq", (10**9,)),
        ("indent", (10**8, "a\nb")),
        ("randAlpha", (10**9,)),
        ("replace", ("", "x" * 1000, "y" * 10_000)),
        ("concat", ([0] * MAX_ITEMS, [0])),
        ("regexReplaceAll", ("", "y" * 10_000, "x" * 1000)),
        ("join", ("x" * 10_000, [1] * 10_000)),
    ],
)
def test_nothing_grows_without_end(name: str, arguments: tuple[object, ...]) -> None:
    """A few letters in a template must not fill the memory of the sensor."""
    with pytest.raises(SprigError, match=r"too l|too many"):
        FUNCTIONS[name](*arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("wrap", (3, " " * 500_000)),
        ("wrapWith", (3, "|", "a" * 500_000)),
        ("snakecase", ("a" * 500_000,)),
        ("toDate", ("9" * 500_000, "9" * 500_000)),
        ("regexMatch", ("(" * 500_000, "x")),
        ("semverCompare", ("1.1 " * 100, "1")),
        ("uniq", ([[number] for number in range(20_000)],)),
        ("int64", ("9" * 500_000,)),
    ],
)
def test_nothing_takes_for_ever(name: str, arguments: tuple[object, ...]) -> None:
    """Time grows with the text, not with its square."""
    started = time.process_time()
    with contextlib.suppress(SprigError):
        FUNCTIONS[name](*arguments)
    assert time.process_time() - started < 5


def test_maps_that_hold_themselves_are_no_trap() -> None:
    """A template can build one with `set`."""
    trap: dict[str, object] = {}
    trap["a"] = trap
    for name in ("toString", "mustToJson", "deepCopy"):
        with pytest.raises(SprigError, match=r"nested too deeply|cycle|too large"):
            FUNCTIONS[name](trap)
    assert FUNCTIONS["toJson"](trap) == ""


@pytest.mark.parametrize(
    ("value", "name", "arguments", "result"),
    [
        (Moment(0, 0), "Year", (), 1970),
        (Moment(0, 0), "Format", ("Jan",), "Jan"),
        (Moment(0, 0), "AddDate", (0, 1, -1), Moment(30 * 86_400, 0)),
        (Moment(5, 0), "Unix", (), 5),
        (Moment(0, 0), "IsZero", (), False),
        (Moment(90, 0), "Sub", (Moment(0, 0),), 90 * 10**9),
        (Moment(90, 5), "After", (Moment(90, 4),), True),
    ],
)
def test_times_have_methods(value: object, name: str, arguments: tuple[object, ...], result: object) -> None:
    """As in Go: `(toDate …).Year`."""
    found = method(value, name)
    assert found is not None
    assert found(*arguments) == result


def test_versions_have_methods() -> None:
    """And values that have none say so."""
    version = FUNCTIONS["semver"]("v1.2.3-rc.1+b")
    parts = {name: method(version, name) for name in ("Major", "Prerelease", "Metadata", "Original", "IncPatch")}
    given = {name: each() for name, each in parts.items() if each is not None}
    assert given["Major"] == 1
    assert (given["Prerelease"], given["Metadata"], given["Original"]) == ("rc.1", "b", "v1.2.3-rc.1+b")
    assert given["IncPatch"].go_string() == "1.2.3"
    assert method("text", "Len") is None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(1 << 63), (1 << 63) - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_FITTING = {
    "string": st.text(max_size=8) | st.sampled_from(["a+b", "1.2.3", "2006-01-02", "(", "/a/../b", "http://x:1/"]),
    "int": st.integers(-5, 12),
    "float64": st.floats(),
    "bool": st.booleans(),
    "uint32": st.integers(0, 9).map(Uint32),
    "map[string]interface {}": st.dictionaries(st.text(max_size=3), _VALUES, max_size=3),
    "time.Time": st.integers(-(10**12), 10**12).map(lambda seconds: Moment(seconds, 0)),
}


def _arguments(each: Function) -> st.SearchStrategy[list[object]]:
    fixed = [_FITTING.get(wanted, _VALUES) for wanted in each.parameters[: len(each.parameters) - each.variadic]]
    more = st.lists(_FITTING.get(each.wants(len(fixed)), _VALUES), max_size=3) if each.variadic else st.just([])
    return st.tuples(st.tuples(*fixed), more).map(lambda both: [*both[0], *both[1]])


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - _SLOW))
def test_whatever_is_given_the_error_is_ours(name: str) -> None:
    """No value that an event may bring breaks out of a function."""
    each = functions(STILL)[name]

    @settings(max_examples=40, deadline=None, database=None)
    @given(_arguments(each) | st.lists(_VALUES, max_size=3))
    def holds(values: list[object]) -> None:
        try:
            result = each(*values)
        except SprigError:
            return
        assert type_of(result) != ""
        assert not isinstance(result, str) or len(result) <= MAX_TEXT

    holds()


def test_types_are_told_apart() -> None:
    """The names are those of Go."""
    values = [None, True, 1, Int64(1), 1.5, "x", [], Slice([], "string"), {}, Map({}, "string"), Moment(), math.pi]
    assert [type_of(value) for value in values] == [
        "<nil>", "bool", "int", "int64", "float64", "string", "[]interface {}", "[]string",
        "map[string]interface {}", "map[string]string", "time.Time", "float64",
    ]  # fmt: skip
    assert SYSTEM.now() > 0
