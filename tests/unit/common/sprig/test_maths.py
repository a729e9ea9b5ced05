"""Arithmetic: int64 overflows, decimals do not lie. The results are those of sprig 3.3 itself."""

import math

import pytest

from common.sprig import FUNCTIONS
from common.sprig.powers import power
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("add", (1, "5", 2.9), "8"),
        ("add1", (9223372036854775807,), "-9223372036854775808"),
        ("sub", (1, 3), "-2"),
        ("mul", (4611686018427387904, 4), "0"),
        ("div", (-7, 2), "-3"),
        ("mod", (-7, 2), "-1"),
        ("max", (1, "10", 3.5), "10"),
        ("min", (1, -2, 3), "-2"),
        ("maxf", (1.5, 2), "2"),
        ("minf", (1.5, "x"), "0"),
        ("addf", (0.1, 0.2), "0.3"),
        ("subf", (1.0, 0.9), "0.1"),
        ("mulf", (1.1, 3), "3.3"),
        ("divf", (1, 3), "0.3333333333333333"),
        ("add1f", (1.5,), "2.5"),
        ("ceil", (-1.2,), "-1"),
        ("floor", ("1.5",), "1"),
        ("round", (123.5555, 3), "123.556"),
        ("round", (-2.5, 0), "-3"),
        ("round", (123.555555, 3, 0.6), "123.555"),
        ("int", ("12.7",), "12"),
        ("int", ("0x1F",), "31"),
        ("int64", ("010",), "8"),
        ("int64", (True,), "1"),
        ("float64", ("1e3",), "1000"),
        ("float64", ("x",), "0"),
        ("toDecimal", ("0777",), "511"),
        ("atoi", ("-7",), "-7"),
        ("atoi", ("99999999999999999999",), "9223372036854775807"),
        ("seq", (5,), "1 2 3 4 5"),
        ("seq", (2, -2), "2 1 0 -1 -2"),
        ("seq", (0, 2, 7), "0 2 4 6"),
        ("until", (-3,), "[0 -1 -2]"),
        ("untilStep", (9, 3, -2), "[9 7 5]"),
        ("untilStep", (1, 5, 0), "[]"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed


@pytest.mark.parametrize(
    ("base", "index", "wanted"),
    [
        (25.0, 1.5, 125.0),
        (3.0, 2.5, 15.588457268119894),
        (2.0, 1 / 3, 1.259921049894873),
        (2.0, -0.5, 0.7071067811865475),
        (-18.0, 17.0, -2.1859115597386964e21),
        (10.0, 400.0, math.inf),
        (-math.inf, 0.5, math.inf),
        (0.0, -1.0, math.inf),
        (1.0, math.nan, 1.0),
    ],
)
def test_powers_are_those_of_go(base: float, index: float, wanted: float) -> None:
    """Go's own algorithm, to the last digit (on amd64): 25 ** 1.5 is 125, which C's functions miss."""
    assert power(base, index) == wanted
