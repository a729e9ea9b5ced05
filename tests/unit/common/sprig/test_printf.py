"""Formats print what Go's `fmt` prints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.sprig import Int64, Map, Slice
from common.sprig.numbers import format_float, parse_float, parse_int
from common.sprig.printf import sprintf
from common.sprig.printing import sprint, sprintln
from common.sprig.quoting import quote, unquote
from common.sprig.values import Uint8


@pytest.mark.parametrize(
    ("template", "values", "printed"),
    [
        ("%v %d %s", [[1, "a"], [1, 2], {"a": 1}], "[1 a] [1 2] map[a:%!s(int=1)]"),
        (
            "%#v %#v %#v",
            [{"a": 1, "b": None}, [], None],
            'map[string]interface {}{"a":1, "b":interface {}(nil)} []interface {}{} <nil>',
        ),
        ("%5t|%05d|%+d|% d|%x", [True, 42, 42, 42, -255], " true|00042|+42| 42|-ff"),
        ("%x|% x|%#x|%X", ["abc", "abc", "hi", "hi"], "616263|61 62 63|0x6869|6869"),
        ("%q %+q %#q %q", ["é\n", "é", "abc", 65], '"é\\n" "\\u00e9" `abc` \'A\''),
        ("%*d|%-*d|%.*f", [5, 42, 5, 42, 2, 3.14159], "   42|42   |3.14"),
        (
            "%6.2f%%|%08.3f|%+08.3f|%e|%g",
            [12.345, 3.14159, 3.14159, 123456789.0, 1e-7],
            " 12.35%|0003.142|+003.142|1.234568e+08|1e-07",
        ),
        ("%x %X %b %.3x", [1.5, -1.5, 1.5, 3.14159], "0x1.8p+00 -0X1.8P+00 6755399441055744p-52 0x1.922p+01"),
        ("%#x %#g %#.3x", [255.0, 1.0, 1.0], "0x1.fe00p+07 1.00000 0x1.000p+00"),
        ("%c|%U|%#U|%o|%#o|%O|%#b", [128014, 65, 128014, 8, 8, 8, 5], "🐎|U+0041|U+1F40E '🐎'|10|010|0o10|0b101"),
        ("%T %T %T %T", [1, Int64(1), Slice(["a"], "string"), Map({}, "string")], "int int64 []string map[string]string"),
        ("%s %d", ["a"], "a %!d(MISSING)"),
        ("a", [1, None], "a%!(EXTRA int=1, <nil>)"),
        ("%[2]s %[1]s|%[5]d|%[x]d", ["a", "b"], "b a|%!d(BADINDEX)|%!d(BADINDEX)"),
        ("%", [], "%!(NOVERB)"),
        ("%!|%z|%w", [1, 2, 3], "%!!(int=1)|%!z(int=2)|%!w(int=3)"),
        ("%t %d %s", ["x", True, 1.5], "%!t(string=x) %!d(bool=true) %!s(float64=1.5)"),
        ("%d %s", [None, None], "%!d(<nil>) %!s(<nil>)"),
        ("%10.3v|%-5v|%05s", ["abcdef", [1, None], "ab"], "       abc|[1     <nil>]|000ab"),
        ("%6.3d|%-6.3d|%06.3d|%.0d", [7, 7, 7, 0], "   007|007   |   007|"),
        ("%v %v %v", [1e6, 1e20, 100000.0], "1e+06 1e+20 100000"),
        ("%v|%+v|%.1f", [1j, -2.0 + 0j, 1.25 + 2j], "(0+1i)|(-2+0i)|(1.2+2.0i)"),
        ("%v %s", [Uint8(98), Uint8(98)], "98 %!s(uint8=98)"),
        ("%20000000d", [1], "%!(NOVERB)%!(EXTRA int=1)"),
        ("%*d", [2000000, 1], "%!(BADWIDTH)1"),
    ],
)
def test_formats(template: str, values: list[object], printed: str) -> None:
    """Checked against Go 1.26."""
    assert sprintf(template, values) == printed


def test_print() -> None:
    """Spaces go between what is no text."""
    assert sprint([1, 2, "a", "b", 3, None, True]) == "1 2a b3 <nil> true".replace("a b3", "ab3")
    assert sprintln(["a", 1]) == "a 1\n"


@pytest.mark.parametrize(
    ("number", "verb", "text"),
    [
        (0.0, "g", "0"), (-0.0, "g", "-0"), (1e21, "g", "1e+21"), (1e-5, "g", "1e-05"), (0.0001, "g", "0.0001"),
        (123456.0, "g", "123456"), (1234567.0, "g", "1.234567e+06"), (5e-324, "g", "5e-324"), (1e22, "f", "1" + "0" * 22),
        (float("inf"), "g", "+Inf"), (float("-inf"), "g", "-Inf"), (float("nan"), "g", "NaN"), (100.0, "f", "100"),
    ],
)  # fmt: skip
def test_numbers_are_printed_as_short_as_they_can_be(number: float, verb: str, text: str) -> None:
    """And with an exponent from a million on."""
    assert format_float(number, verb) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [("0x1F", 31), ("0b11", 3), ("0o17", 15), ("017", 15), ("1_000", 1000), ("-5", -5), ("08", None), ("1__0", None),
     ("9223372036854775808", None), ("", None), ("1.5", None), ("9" * 5000, None)],
)  # fmt: skip
def test_integers_are_read_by_their_prefix(text: str, number: int | None) -> None:
    """As `strconv.ParseInt` with base 0."""
    assert parse_int(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e3", 1000.0), ("1_0.5", 10.5), (".5", 0.5), ("5.", 5.0), ("0x1p4", 16.0), ("inf", float("inf")), ("1e999", None),
     ("_1", None), ("1_", None), (" 1", None), ("", None), (".", None)],
)  # fmt: skip
def test_floats_are_read(text: str, number: float | None) -> None:
    """As `strconv.ParseFloat`."""
    assert parse_float(text) == number


@given(st.text())
def test_quoted_text_reads_back(text: str) -> None:
    """Whatever it holds."""
    quoted = quote(text.encode("utf-8", "replace").decode())
    assert unquote(quoted[1:-1], '"') == text.encode("utf-8", "replace").decode()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_printed_numbers_read_back(number: float) -> None:
    """Short, but never another number."""
    assert float(format_float(number)) == number
    assert float(format_float(number, "f")) == number


@given(
    st.text(alphabet="%[]*.+-# 0123456789vdsqxtz", max_size=12),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
)
def test_no_format_fails(template: str, values: list[object]) -> None:
    """What is wrong is told in the text."""
    assert isinstance(sprintf(template.replace("0", ""), values), str)
