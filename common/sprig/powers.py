"""Powers as Go's `math.Pow` reckons them (src/math/pow.go): it squares and multiplies, which rounds otherwise than C's pow.

For fractions it has an `Exp` and a `Log` of its own, so that `25 ** 1.5` is 125 there and a little less with C's. Which ones
depends on the machine; here they are those of amd64 with FMA (exp_amd64.s, log_amd64.s), down to the last digit.
"""

import math
from fractions import Fraction
from functools import reduce

_WHOLE = 2.0**53
_LN2_UPPER, _LN2_LOWER = 0.69314718055966295651160180568695068359375, 0.28235290563031577122588448175013436025525412068e-12
_EXP_SERIES = tuple(1 / math.factorial(number) for number in (8, 7, 6, 5, 4, 3, 2, 1))
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_LOG_ODD = (1.479819860511658591e-01, 1.818357216161805012e-01, 2.857142874366239149e-01, 6.666666666666735130e-01)
_LOG_EVEN = (1.531383769920937332e-01, 2.222219843214978396e-01, 3.999999999940941908e-01)


def power(base: float, index: float) -> float:
    """Raise a number to a power; what is too large is infinite, what has no real answer is NaN."""
    if base == 1.0:
        return 1.0
    try:
        number = math.pow(base, index)
    except OverflowError:
        return -math.inf if base < 0 and index % 2 == 1 else math.inf
    except ValueError:
        infinite = -math.inf if math.copysign(1.0, base) < 0 and index % 2 == 1 else math.inf
        return math.nan if base else infinite
    if not number or not math.isfinite(number) or index in (0.0, 1.0) or abs(index) > _WHOLE:
        return number
    if abs(index) == 0.5:  # noqa: PLR2004 - the root
        return math.sqrt(base) if index > 0 else 1 / math.sqrt(base)
    fraction, whole = math.modf(abs(index))
    if fraction > 0.5:  # noqa: PLR2004 - to the nearest
        fraction, whole = fraction - 1, whole + 1
    mantissa = _exp(fraction * _log(base)) if fraction else 1.0
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


def _fused(one: float, other: float, added: float) -> float:
    """Multiply and add with one rounding."""
    return float(Fraction(one) * Fraction(other) + Fraction(added))


def _exp(number: float) -> float:
    """Give e to a power that is neither large nor small."""
    exponent = round(number * (1 / math.log(2)))
    rest = _fused(-_LN2_LOWER, exponent, _fused(-_LN2_UPPER, exponent, number)) / 16
    less_one = reduce(lambda sum_, each: _fused(sum_, rest, each), _EXP_SERIES) * rest
    # e^2x - 1 is (e^x - 1) * (e^x - 1 + 2): four times for the sixteenth.
    for _ in range(3):
        less_one *= less_one + 2
    return math.ldexp(_fused(less_one, less_one + 2, 1.0), exponent)


def _log(number: float) -> float:
    """Give the natural logarithm of a positive number."""
    fraction, exponent = math.frexp(number)
    if fraction < math.sqrt(2) / 2:
        fraction, exponent = fraction * 2, exponent - 1
    over = fraction - 1
    ratio = over / (2 + over)
    square = ratio * ratio
    fourth = square * square
    odd, even = (reduce(lambda sum_, each: sum_ * fourth + each, series) for series in (_LOG_ODD, _LOG_EVEN))
    series, half = square * odd + fourth * even, 0.5 * over * over
    return exponent * _LN2_HIGH - ((half - (ratio * (half + series) + exponent * _LN2_LOW)) - over)
