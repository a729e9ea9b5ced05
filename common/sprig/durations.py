"""Lengths of time as Go has them: `1h2m3.5s`, counted in nanoseconds."""

import re

from common.sprig.values import Sized, SprigError, wrap

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_WHOLE = re.compile(r"([-+]?)(?:0|((?:\d*(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h))+))", re.ASCII)
_SECOND, _MINUTE, _HOUR = 10**9, 60 * 10**9, 3600 * 10**9
_LONGEST = 400
_MOST = 1 << 63


class Duration(Sized):
    """`time.Duration`."""

    go_type = "time.Duration"

    def go_string(self) -> str:
        """Write the length as Go does."""
        return format_duration(self)

    __str__ = go_string


def parse_duration(text: str) -> Duration:
    """Read a length of time. Raises `SprigError` for what is none."""
    match = _WHOLE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise SprigError(f"time: invalid duration {text!r}")
    total = 0
    for whole, fraction, unit in _PART.findall(match[2] or ""):
        if not whole and not fraction:
            raise SprigError(f"time: invalid duration {text!r}")
        scale = _UNITS[unit]
        total += int(whole or "0") * scale + (int(fraction) * scale // 10 ** len(fraction) if fraction else 0)
    if total > _MOST - (match[1] != "-"):
        raise SprigError(f"time: invalid duration {text!r}")
    return Duration(-total if match[1] == "-" else total)


def format_duration(length: int) -> str:
    """Write a length of time: hours, minutes and seconds, or below a second the unit that fits."""
    size, sign = abs(int(length)), "-" if length < 0 else ""
    if size < _SECOND:
        if not size:
            return "0s"
        unit = next(unit for unit in ("ms", "µs", "ns") if size >= _UNITS[unit])
        return f"{sign}{_fraction(size, _UNITS[unit])}{unit}"
    hours, rest = divmod(size, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    text = _fraction(rest, _SECOND) + "s"
    if hours:
        text = f"{hours}h{minutes}m{text}"
    elif minutes:
        text = f"{minutes}m{text}"
    return sign + text


def _fraction(size: int, unit: int) -> str:
    whole, rest = divmod(size, unit)
    if not rest:
        return str(whole)
    return f"{whole}." + str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0")


def rounded(length: int, unit: int) -> Duration:
    """Round to a multiple of the unit, halves away from zero."""
    if unit <= 0:
        return Duration(length)
    whole, rest = divmod(abs(length), unit)
    size = (whole + (2 * rest >= unit)) * unit
    return Duration(wrap(-size if length < 0 else size))


def truncated(length: int, unit: int) -> Duration:
    """Cut to a multiple of the unit."""
    if unit <= 0:
        return Duration(length)
    size = abs(length) // unit * unit
    return Duration(-size if length < 0 else size)


def days_and_more(length: int) -> str:
    """Write the largest unit only, from seconds to years: `3mo`."""
    size = abs(length)
    for unit, seconds in (("y", 365 * 86400), ("mo", 30 * 86400), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if size > seconds * _SECOND:
            return f"{size // (seconds * _SECOND)}{unit}"
    return "0s"
