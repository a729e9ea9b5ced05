"""The language of `exprs` means what it means in Go."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dependencies.filters.govaluate import Failed, Malformed, compile_expression

NAMES = {
    "n": 12.0,
    "a": "hello",
    "t": True,
    "f": False,
    "nul": None,
    "list": ["x", 1.0],
    "o": {"k": 1.0},
    "my-name": 3.0,
    "day": "2014-01-02",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("2 ** 3 ** 2", 64.0, id="one rank is taken left to right"),
        pytest.param("2 + 3 * 4 - 1", 13.0, id="ranks"),
        pytest.param("n & 4 == 4", True, id="& binds closer than =="),
        pytest.param("7 % -3", 1.0, id="the remainder has the sign of the first"),
        pytest.param("-7 % 3", -1.0, id="a prefix binds closest"),
        pytest.param("1 / 0", float("inf"), id="division by zero is no error"),
        pytest.param("1 << 70", 0.0, id="bits fall out of 64"),
        pytest.param("-1 >> 60", 15.0, id="shifts are unsigned"),
        pytest.param("-18 ** 17", -2.1859115597386964e21, id="powers are squared and multiplied, not C's"),
        pytest.param("1 ** (0 % 0)", 1.0, id="any power of 1 is 1"),
        pytest.param("~0", -1.0, id="not is signed"),
        pytest.param("a + n", "hello12", id="a text takes anything along"),
        pytest.param("a + 20971520 + nul + t + list + o", "hello2.097152e+07<nil>true[x 1]map[k:1]", id="as Go prints"),
        pytest.param('n == "12"', False, id="a number is no text"),
        pytest.param("t == 1", False, id="a truth is no number"),
        pytest.param('nul == ""', False, id="null is no text"),
        pytest.param("nul ?? 3", 3.0, id="a value instead of null"),
        pytest.param("f && unknown", False, id="no further than needed"),
        pytest.param("t || unknown", True, id="no further than needed, or"),
        pytest.param("f ? 1 : t ? 2 : 3", 2.0, id="nested conditions are taken left to right"),
        pytest.param("(f ? 1 : 2)", 2.0, id="a condition"),
        pytest.param('"x" in list', True, id="in a list"),
        pytest.param('a in ("x", "hello")', True, id="in a list of the expression"),
        pytest.param('"2014-01-02" < "2014-01-03"', True, id="dates are numbers"),
        pytest.param('day == "2014-01-02"', False, id="so a text is never a date"),
        pytest.param('"3:04PM"', -62167164960.0, id="times of day, too"),
        pytest.param("[my-name] == 3", True, id="odd names in brackets"),
        pytest.param("my\\-name == 3", True, id="odd names with a backslash"),
        pytest.param("0x1F", 31.0, id="hexadecimal"),
        pytest.param('a =~ "h.*o$"', True, id="pattern"),
        pytest.param('a !~ "z"', True, id="no pattern"),
        pytest.param("(1) 2", 1.0, id="what follows a whole expression is not looked at"),
        pytest.param("()", None, id="nothing"),
    ],
)
def test_values(text: str, value: object) -> None:
    """Users bring their expressions along: each of these was run with govaluate."""
    got = compile_expression(text).evaluate(NAMES)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Unexpected end of expression"),
        ("n >", "Unexpected end of expression"),
        ("(n > 1", "Unbalanced parenthesis"),
        ("n = 12", "Invalid token: '='"),
        ("n == 1e1", "Cannot transition token types from NUMERIC [1] to VARIABLE [e1]"),
        ("f(n)", "Undefined function f"),
        ("2.5\\ ", "Unable to parse numeric value '2.5 ' to float64"),
        ("1\\_", "Unable to parse numeric value '1_' to float64"),
        ('"x', "Unclosed string literal"),
        ("[x", "Unclosed parameter bracket"),
        ("o.k == 1", "Unable to access unexported field 'k' in token 'o.k'"),
        ("o. == 1", "Hanging accessor on token 'o.'"),
        ('a =~ "["', "error parsing regexp: missing ]: [: `[`"),
        (r'a =~ "\\C"', r"error parsing regexp: invalid escape sequence: `\C`: `\C`"),
        ("n == '1' \\", "nothing follows the backslash at the end"),
        ("(" * 50 + "1" + ")" * 50, "more than 40 parentheses in each other"),
    ],
)
def test_malformed(text: str, words: str) -> None:
    """The author reads what is wrong in the words that the web knows."""
    with pytest.raises(Malformed) as caught:
        compile_expression(text)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nil == nul", "No parameter 'nil' found."),
        ("n > a", "Value '12' cannot be used with the comparator '>', it is not a number"),
        ("t && a", "Value 'hello' cannot be used with the logical operator '&&', it is not a bool"),
        ("a - 1", "Value 'hello' cannot be used with the modifier '-', it is not a number"),
        ("!n", "Value '12' cannot be used with the prefix '!'"),
        ("n ? 1 : 2", "Value '12' cannot be used with the ternary operator '?', it is not a bool"),
        ("o.K", "Unable to access 'K', 'o' is not a struct"),
        ("n in (12)", "Value '12' cannot be used with the comparator 'in', it is not a number"),
        ("list in (list, list)", "lists and objects cannot be looked for in a list"),
        ("(n +)", "Value '<nil>' cannot be used with the modifier '+', it is not a number"),
    ],
)
def test_failed(text: str, words: str) -> None:
    """An operator and a value that do not go together are an error, not a no."""
    with pytest.raises(Failed) as caught:
        compile_expression(text).evaluate(NAMES)
    assert str(caught.value).startswith(words)


_WORDS = """n a t f nul list o my-name unknown o.K 1 0 0x .5 1.2.3 "h.*" '[' "2014-01-02" true in IN == != > <= =~ !~ && || + -
    * / % ** & | ^ << >> ? : ?? [ ] , ( ) ! ~ ' " é ٣ 1e308"""
_PIECES = st.sampled_from([*_WORDS.split(), "\\", " ", "\x85"])
_TEXTS = st.lists(_PIECES, max_size=24)


@given(st.one_of(st.text(max_size=40), _TEXTS.map(" ".join), _TEXTS.map("".join)))
def test_any_text_gives_a_value_or_our_error(text: str) -> None:
    """No document may crash or hang the sensor."""
    with contextlib.suppress(Malformed, Failed):
        compile_expression(text).evaluate(NAMES)


def test_a_long_chain_needs_no_deep_stack() -> None:
    """Generated expressions are long, not deep."""
    assert compile_expression(" + ".join(["1"] * 5_000)).evaluate({}) == 5000
