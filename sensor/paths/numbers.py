"""Numbers as Go reads and prints them: `strconv.ParseFloat` and `strconv.FormatFloat(x, 'f', -1, 64)`."""

import math
import re
from decimal import Decimal

_DECIMAL = re.compile(rb"[+-]?(?:inf(?:inity)?|(?:\d[\d_]*+\.?[\d_]*+|\.\d[\d_]*+)(?:e[+-]?\d[\d_]*+)?)|nan", re.IGNORECASE)
_HEXADECIMAL = re.compile(rb"[+-]?0x[\da-f_]*\.?[\da-f_]*p[+-]?\d+", re.IGNORECASE)


def parse_float(text: bytes) -> float:
    """Read a number; 0 for what is none, an infinity for what is too large. `1_2` is 12, as in Go."""
    try:
        if _DECIMAL.fullmatch(text):
            return float(text)
        if _HEXADECIMAL.fullmatch(text):
            return float.fromhex(text.replace(b"_", b"").decode())
    except ValueError:
        return 0.0
    except OverflowError:
        return -math.inf if text.startswith(b"-") else math.inf
    return 0.0


def format_float(number: float) -> str:
    """Print the shortest text that reads back as the same number, never with an exponent."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")
