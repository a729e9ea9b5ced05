"""Powers as Go's `math.Pow` reckons them (src/math/pow.go): it squares and multiplies, which rounds otherwise than C's pow.

The last digit of a power with a fraction depends on the machine in Go, and may be another one here.
"""

import math

_WHOLE = 2.0**53


def power(base: float, index: float) -> float:
    """Raise a number to a power; what is too large is infinite, what has no real answer is NaN."""
    if base == 1.0:
        return 1.0
    try:
        number = math.pow(base, index)
    except OverflowError:
        return -math.inf if base < 0 and index % 2 == 1 else math.inf
    except ValueError:
        if base:
            return math.nan
        return -math.inf if math.copysign(1.0, base) < 0 and index % 2 == 1 else math.inf
    if not number or not math.isfinite(number) or abs(index) in (0.0, 0.5, 1.0) or abs(index) > _WHOLE:
        return number
    fraction, whole = math.modf(abs(index))
    if fraction > 0.5:  # noqa: PLR2004 - to the nearest
        fraction, whole = fraction - 1, whole + 1
    mantissa = math.exp(fraction * math.log(base)) if fraction else 1.0
    return _scaled(base, int(whole), mantissa, -1 if index < 0 else 1)


def _scaled(base: float, whole: int, mantissa: float, sign: int) -> float:
    """Multiply by a whole power, the exponents of two apart from the digits."""
    exponent = 0
    square, square_exponent = math.frexp(base)
    while whole:
        if whole & 1:
            mantissa, exponent = mantissa * square, exponent + square_exponent
        square, square_exponent = square * square, square_exponent * 2
        if square < 0.5:  # noqa: PLR2004 - half the range of digits
            square, square_exponent = square + square, square_exponent - 1
        whole >>= 1
    try:
        return math.ldexp(1 / mantissa if sign < 0 else mantissa, sign * exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)
