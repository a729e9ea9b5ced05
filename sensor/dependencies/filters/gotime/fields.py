"""The single fields of a layout: how Go reads each one from the front of a text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NUMBER = re.compile(r"[0-9]{1,2}")
_TWO_DIGITS = re.compile(r"[0-9]{2}")
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_FRACTION = re.compile(r"[.,]([0-9]+)")
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})")
_OFFSET_COLON = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
_ZONE = re.compile(
    r"UTC|ChST|MeST|GMT(?:[+-][0-9]+)?|[+-][0-9]+"
    r"|(?:[A-Z]{4}T|[A-Z]{3}T|WITA|[A-Z]{3})(?![A-Z])"
)
_FARTHEST_HOUR, _FARTHEST_MINUTE, _FARTHEST_NAMED = 24, 60, 23


class Bad(ValueError):
    """The text does not go on as the field wants it."""


class OutOfRange(ValueError):
    """The field is there, but its value is none; the text names the field, `rest` is what follows."""

    def __init__(self, what: str, rest: str) -> None:
        super().__init__(what)
        self.rest = rest


@dataclass(slots=True)
class Parts:
    """What was read so far. `offset` None: none was given."""

    year: int = 0
    month: int = 1
    day: int = 1
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanoseconds: int = 0
    half: str = ""
    offset: int | None = None


Reader = Callable[[Parts, str], str]
"""Read a field from the front of a text into the parts, and give the rest of the text."""


def _take(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.match(text)
    if match is None:
        raise Bad
    return match


def _number(name: str, *, low: int, high: int, fixed: bool = False, label: str = "") -> Reader:
    pattern = _TWO_DIGITS if fixed else _NUMBER

    def read(parts: Parts, text: str) -> str:
        match = _take(pattern, text)
        value = int(match[0])
        if not low <= value <= high:
            raise OutOfRange(label or name, text[match.end() :])
        setattr(parts, name, value)
        return text[match.end() :]

    return read


def _name(names: tuple[str, ...], length: int | None, field: str) -> Reader:
    def read(parts: Parts, text: str) -> str:
        for number, name in enumerate(names, 1):
            wanted = name[:length]
            if text[: len(wanted)].lower() == wanted.lower():
                if field:
                    setattr(parts, field, number)
                return text[len(wanted) :]
        raise Bad

    return read


def _year(parts: Parts, text: str) -> str:
    match = _take(_FOUR_DIGITS, text)
    parts.year = int(match[0])
    return text[match.end() :]


def _day_after_blank(parts: Parts, text: str) -> str:
    return _DAY(parts, text.removeprefix(" "))


def _second(parts: Parts, text: str) -> str:
    # Go takes a fraction of a second whether the layout asks for it or not.
    return fraction(parts, _number("second", low=0, high=59, fixed=True)(parts, text))


def fraction(parts: Parts, text: str) -> str:
    """Read a fraction of a second, if one is there: any number of digits, of which nine count."""
    match = _FRACTION.match(text)
    if match is None:
        return text
    parts.nanoseconds = int(match[1][:9].ljust(9, "0"))
    return text[match.end() :]


def _half(parts: Parts, text: str) -> str:
    if text[:2] not in {"AM", "PM"}:
        raise Bad
    parts.half = text[:2]
    return text[2:]


def _offset(pattern: re.Pattern[str], *, zulu: bool) -> Reader:
    def read(parts: Parts, text: str) -> str:
        if zulu and text.startswith("Z"):
            parts.offset = 0
            return text[1:]
        match = _take(pattern, text)
        hours, minutes = int(match[2]), int(match[3])
        if hours > _FARTHEST_HOUR:
            raise OutOfRange("time zone offset hour", text[match.end() :])
        if minutes > _FARTHEST_MINUTE:
            raise OutOfRange("time zone offset minute", text[match.end() :])
        parts.offset = (hours * 60 + minutes) * (-60 if match[1] == "-" else 60)
        return text[match.end() :]

    return read


def _zone(_parts: Parts, text: str) -> str:
    """Read the name of a zone. As in Go the moment is then that of UTC, whatever the name says."""
    match = _take(_ZONE, text)
    hours = match[0].removeprefix("GMT")
    if hours[:1] in {"+", "-"} and int(hours[1:].lstrip("0")[:3] or "0") > _FARTHEST_NAMED:
        # `GMT` stays a name without its hours; hours alone are no name.
        if hours == match[0]:
            raise Bad
        return text[3:]
    return text[match.end() :]


_DAY = _number("day", low=0, high=99)

READERS: dict[str, Reader] = {
    "January": _name(_MONTHS, None, "month"),
    "Jan": _name(_MONTHS, 3, "month"),
    "Mon": _name(_DAYS, 3, ""),
    "MST": _zone,
    "2006": _year,
    "01": _number("month", low=1, high=12, fixed=True),
    "02": _number("day", low=0, high=99, fixed=True),
    "2": _DAY,
    "_2": _day_after_blank,
    "15": _number("hour", low=0, high=23),
    "3": _number("hour", low=0, high=12),
    "04": _number("minute", low=0, high=59, fixed=True),
    "05": _second,
    "PM": _half,
    ".999999999": fraction,
    "-0700": _offset(_OFFSET, zulu=False),
    "-07:00": _offset(_OFFSET_COLON, zulu=False),
    "Z0700": _offset(_OFFSET, zulu=True),
    "Z07:00": _offset(_OFFSET_COLON, zulu=True),
}
"""The fields that our layouts are made of, by the way Go's reference time writes them."""
