"""Arithmetic: whole numbers as `int64`, which overflow as in Go; others as `float64`, reckoned in decimals."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from common.sprig.numbers import parse_int, to_float64, to_int64
from common.sprig.powers import power
from common.sprig.printing import sprint
from common.sprig.values import MAX_ITEMS, Int64, Slice, SprigError, wrap

_PLACES = 16
_MOST_SEQ = 3


def _int64(number: int) -> Int64:
    return Int64(wrap(number))


def add(*values: object) -> Int64:
    """Add whole numbers."""
    return _int64(sum(to_int64(value) for value in values))


def add1(value: object) -> Int64:
    """Add one."""
    return _int64(to_int64(value) + 1)


def sub(one: object, other: object) -> Int64:
    """Subtract whole numbers."""
    return _int64(to_int64(one) - to_int64(other))


def mul(first: object, *values: object) -> Int64:
    """Multiply whole numbers."""
    product = to_int64(first)
    for value in values:
        product = wrap(product * to_int64(value))
    return _int64(product)


def div(one: object, other: object) -> Int64:
    """Divide whole numbers, cutting towards zero."""
    return _int64(_divided(one, other)[0])


def mod(one: object, other: object) -> Int64:
    """Give the rest of a division, with the sign of what was divided."""
    return _int64(_divided(one, other)[1])


def _divided(one: object, other: object) -> tuple[int, int]:
    number, divisor = to_int64(one), to_int64(other)
    if not divisor:
        raise SprigError("runtime error: integer divide by zero")
    quotient = abs(number) // abs(divisor)
    quotient = quotient if (number < 0) == (divisor < 0) else -quotient
    return quotient, number - quotient * divisor


def largest(first: object, *values: object) -> Int64:
    """Give the largest whole number."""
    return Int64(max(map(to_int64, (first, *values))))


def smallest(first: object, *values: object) -> Int64:
    """Give the smallest whole number."""
    return Int64(min(map(to_int64, (first, *values))))


def maxf(first: object, *values: object) -> float:
    """Give the largest number."""
    return _extreme(max, first, *values)


def minf(first: object, *values: object) -> float:
    """Give the smallest number."""
    return _extreme(min, first, *values)


def _extreme(choose: Callable[..., float], *values: object) -> float:
    numbers = [to_float64(value) for value in values]
    # -0 comes before 0.
    return math.nan if any(map(math.isnan, numbers)) else choose(numbers, key=lambda each: (each, math.copysign(1, each)))


def _exact(value: object) -> Fraction:
    number = to_float64(value)
    if not math.isfinite(number):
        raise SprigError(f"Cannot create a Decimal from {number}")
    return Fraction(Decimal(repr(number)))


def _reckon(operation: Callable[[Fraction, Fraction], Fraction], first: object, values: tuple[object, ...]) -> float:
    result = _exact(first)
    for value in values:
        result = operation(result, _exact(value))
    try:
        return float(result)
    except OverflowError:
        return math.inf if result > 0 else -math.inf


def addf(*values: object) -> float:
    """Add numbers."""
    return _reckon(Fraction.__add__, 0.0, values)


def add1f(value: object) -> float:
    """Add one."""
    return _reckon(Fraction.__add__, value, (1,))


def subf(first: object, *values: object) -> float:
    """Subtract numbers from the first one."""
    return _reckon(Fraction.__sub__, first, values)


def mulf(first: object, *values: object) -> float:
    """Multiply numbers."""
    return _reckon(Fraction.__mul__, first, values)


def divf(first: object, *values: object) -> float:
    """Divide the first number by the others, to sixteen places."""
    return _reckon(_quotient, first, values)


def _quotient(one: Fraction, other: Fraction) -> Fraction:
    if not other:
        raise SprigError("decimal division by 0")
    size = math.floor(abs(one / other) * 10**_PLACES + Fraction(1, 2))
    return Fraction(size if (one < 0) == (other < 0) else -size, 10**_PLACES)


def ceil(value: object) -> float:
    """Round up."""
    return _whole(math.ceil, value)


def floor(value: object) -> float:
    """Round down."""
    return _whole(math.floor, value)


def _whole(way: Callable[[float], int], value: object) -> float:
    number = to_float64(value)
    return math.copysign(float(way(number)), number) if math.isfinite(number) else number


def round_to(value: object, places: int, *up_from: float) -> float:
    """Round to so many places; `up_from` tells from which fraction on up."""
    number, on = to_float64(value), up_from[0] if up_from else 0.5
    scale = power(10.0, places)
    digit = scale * number
    if not math.isfinite(digit):
        return math.nan if math.isnan(digit) or math.isinf(scale) else digit / scale
    result = _whole(math.ceil if math.modf(digit)[0] >= on else math.floor, digit)
    if not scale:
        return math.nan if not result else math.copysign(math.inf, result)
    return result / scale


def to_int(value: object) -> int:
    """Make an `int` of any value."""
    return to_int64(value)


def int64(value: object) -> Int64:
    """Make an `int64` of any value."""
    return Int64(to_int64(value))


def float64(value: object) -> float:
    """Make a `float64` of any value."""
    return to_float64(value)


def atoi(text: str) -> int:
    """Read a decimal number; 0 for what is none, the nearest for what is too large."""
    number = parse_int(text, 10)
    if number is None and text.lstrip("+-").isdigit() and text.isascii() and len(text) - len(text.lstrip("+-")) <= 1:
        return -(1 << 63) if text.startswith("-") else (1 << 63) - 1
    return number or 0


def to_decimal(value: object) -> Int64:
    """Read an octal number."""
    return Int64(parse_int(sprint([value]), 8) or 0)


def until(count: int) -> Slice:
    """List the numbers from 0 up, or down, to a number."""
    return until_step(0, count, -1 if count < 0 else 1)


def until_step(start: int, stop: int, step: int) -> Slice:
    """List numbers by steps."""
    numbers = range(start, stop, step) if step and (step < 0) == (stop < start) else range(0)
    if len(numbers) > MAX_ITEMS:
        raise SprigError("the list gets too long")
    return Slice(numbers, "int")


def seq(*values: int) -> str:
    """Write numbers in order: `seq 5`, `seq 2 5`, `seq 1 2 9`."""
    if not 1 <= len(values) <= _MOST_SEQ:
        return ""
    start, end = (1, values[0]) if len(values) == 1 else (values[0], values[-1])
    direction = -1 if end < start else 1
    step = values[1] if len(values) == _MOST_SEQ else direction
    if len(values) == _MOST_SEQ and direction < 0 < step:
        return ""
    return " ".join(map(str, until_step(start, end + direction, step)))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": add,
    "add1": add1,
    "add1f": add1f,
    "addf": addf,
    "atoi": atoi,
    "biggest": largest,
    "ceil": ceil,
    "div": div,
    "divf": divf,
    "float64": float64,
    "floor": floor,
    "int": to_int,
    "int64": int64,
    "max": largest,
    "maxf": maxf,
    "min": smallest,
    "minf": minf,
    "mod": mod,
    "mul": mul,
    "mulf": mulf,
    "round": round_to,
    "seq": seq,
    "sub": sub,
    "subf": subf,
    "toDecimal": to_decimal,
    "until": until,
    "untilStep": until_step,
}
