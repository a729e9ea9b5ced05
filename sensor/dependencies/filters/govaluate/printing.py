"""Values as text, as Go's `%v` writes them; `+` joins texts with these."""

import math
from decimal import Decimal
from typing import Any

_LARGEST_PLAIN, _SMALLEST_PLAIN = 6, -4


def shown(value: Any) -> str:  # noqa: ANN401 - one line for each type
    """Write a value as Go prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list):
        return f"[{' '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{shown(value[key])}' for key in sorted(value))}]"
    return str(value)


def number(value: float) -> str:
    """Write a number: the shortest digits, with an exponent where it is large or small."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - neither NaN nor infinite
    power = len(digits) - 1 + exponent if value else 0
    if _SMALLEST_PLAIN <= power < _LARGEST_PLAIN:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    mantissa = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02}"
