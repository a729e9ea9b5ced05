"""Numbers as Go reads, prints and converts them."""

import math
import re
from decimal import Decimal

from common.sprig.values import Sized, wrap

_INT64_LEAST, _INT64_MOST = -(1 << 63), (1 << 63) - 1
_INTEGER = re.compile(
    r"([-+]?)(?:0[xX](_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|0[bB](_?[01]+(?:_[01]+)*)|0[oO](_?[0-7]+(?:_[0-7]+)*)"
    r"|0(_?[0-7]+(?:_[0-7]+)*)|(0|[1-9][0-9]*(?:_[0-9]+)*))",
    re.ASCII,
)
_BASES = (16, 2, 8, 8, 10)
_LONGEST = 400
_DECIMAL = re.compile(r"[-+]?(?:inf(?:inity)?|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)|nan", re.IGNORECASE | re.ASCII)
_HEXADECIMAL = re.compile(r"[-+]?0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)p[-+]?\d+", re.IGNORECASE | re.ASCII)
_STRAY_UNDERSCORE = re.compile(r"(?<![0-9a-fA-FxX])_|_(?![0-9a-fA-F])")
_CUT = re.compile(r"([-+]?[0-9]*)(?:\.[0-9]*)?")
_PLAIN_FROM, _PLAIN_BELOW = -4, 6
_MANTISSA = 52
_LEAST_EXPONENT = -1021


def parse_int(text: str, base: int = 0) -> int | None:
    """Read an `int64` as `strconv.ParseInt` does; None for what is none. Base 0 goes by the prefix and takes `1_000`."""
    if len(text) > _LONGEST:
        return None
    if base:
        digits = "".join("0123456789"[:base])
        match = re.fullmatch(rf"[-+]?[{digits}]+", text)
        value = int(text, base) if match else None
    else:
        match = _INTEGER.fullmatch(text)
        value = _prefixed(match) if match else None
    return value if value is not None and _INT64_LEAST <= value <= _INT64_MOST else None


def _prefixed(match: re.Match[str]) -> int:
    base, digits = next((base, digits) for base, digits in zip(_BASES, match.groups()[1:], strict=True) if digits)
    return int(match[1] + digits.replace("_", ""), base)


def parse_float(text: str) -> float | None:
    """Read a `float64` as `strconv.ParseFloat` does: `1_000.5` too; None for what is none, or too large."""
    if "_" in text:
        if _STRAY_UNDERSCORE.search(text):
            return None
        text = text.replace("_", "")
    try:
        if _DECIMAL.fullmatch(text):
            value = float(text)
        elif _HEXADECIMAL.fullmatch(text):
            value = float.fromhex(text)
        else:
            return None
    except OverflowError:
        return None
    return None if math.isinf(value) and "n" not in text.lower() else value


def to_int64(value: object) -> int:
    """Make an integer of any value; 0 of what is none. Text is cut at the point and read by its prefix."""
    if isinstance(value, Sized):
        return wrap(int(value))
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float):
        return from_float(value)
    if isinstance(value, str):
        return parse_int(_without_fraction(value)) or 0
    return 0


def from_float(value: float) -> int:
    """Convert as amd64 does: towards zero, and all that does not fit is the least `int64`."""
    if not math.isfinite(value) or not _INT64_LEAST <= value <= _INT64_MOST:
        return _INT64_LEAST
    return wrap(int(value)) if value < _INT64_MOST else _INT64_LEAST


def _without_fraction(text: str) -> str:
    match = _CUT.fullmatch(text) if "." in text else None
    if match is None:
        return text
    return match[1] + "0" if match[1] in {"", "-", "+"} else match[1]


def to_float64(value: object) -> float:
    """Make a number of any value; 0 of what is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        return parse_float(value) or 0.0
    return 0.0


def format_float(value: float, verb: str = "g", precision: int = -1) -> str:
    """Print a number as `strconv.FormatFloat` does; precision -1 prints as few digits as tell the number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if verb in "xX":
        text = _hexadecimal(value, precision)
        return text.upper() if verb == "X" else text
    if verb == "b":
        return _binary(value)
    if precision >= 0:
        return f"{value:.{precision}{verb}}"
    text = _shortest(value, verb.lower())
    return text.upper() if verb.isupper() else text


def _shortest(value: float, verb: str) -> str:
    number = Decimal(repr(value))
    sign, all_digits, scale = number.as_tuple()
    digits = "".join(map(str, all_digits)).strip("0") or "0"
    exponent = len("".join(map(str, all_digits)).lstrip("0")) + int(scale) - 1 if value else 0
    if verb == "f" or (verb == "g" and _PLAIN_FROM <= exponent < _PLAIN_BELOW):
        text = format(number, "f")
        return text.rstrip("0").removesuffix(".") if "." in text else text
    fraction = "." + digits[1:] if len(digits) > 1 else ""
    return f"{'-' if sign else ''}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _hexadecimal(value: float, precision: int) -> str:
    mantissa, exponent = math.frexp(abs(value))
    bits, exponent = int(mantissa * (1 << (_MANTISSA + 1))), exponent - 1 if value else 0
    if 0 <= precision < _MANTISSA // 4:
        unit = 1 << (_MANTISSA - 4 * precision)
        whole, rest = divmod(bits, unit)
        bits = (whole + (2 * rest > unit or (2 * rest == unit and whole % 2))) * unit
        if bits >> (_MANTISSA + 1):
            bits, exponent = bits >> 1, exponent + 1
    digits = f"{bits & ((1 << _MANTISSA) - 1):013x}"
    digits = digits.rstrip("0") if precision < 0 else digits[:precision].ljust(precision, "0")
    sign = "-" if math.copysign(1, value) < 0 else ""
    return f"{sign}0x{bits >> _MANTISSA}{'.' + digits if digits else ''}p{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _binary(value: float) -> str:
    exponent = max(math.frexp(value)[1], _LEAST_EXPONENT) - _MANTISSA - 1 if value else _LEAST_EXPONENT - _MANTISSA - 1
    sign = "-" if math.copysign(1, value) < 0 else ""
    return f"{sign}{int(math.ldexp(abs(value), -exponent))}p{exponent:+}"
