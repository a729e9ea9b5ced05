"""Read a moment by a Go layout: `time.ParseInLocation` in UTC."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from common.sprig.layouts import chunks
from common.sprig.moments import GREENWICH, LOCAL, MONTHS, WEEKDAYS, Moment, Zone, days, is_leap, moment
from common.sprig.values import SprigError

_ZONE_NAME = re.compile(
    r"ChST|MeST|GMT(?:[+-](?:2[0-3]|[01]?[0-9])(?![0-9]))?|[+-](?:2[0-3]|[01]?[0-9])(?![0-9])|[A-Z]{4}T(?![A-Z])|[A-Z]{3}T(?![A-Z])"
    r"|WITA(?![A-Z])|[A-Z]{3}(?![A-Z])"
)
_OFFSETS = {
    "07:00:00": re.compile(r"([+-])(\d\d):(\d\d):(\d\d)", re.ASCII),
    "070000": re.compile(r"([+-])(\d\d)(\d\d)(\d\d)", re.ASCII),
    "07:00": re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII),
    "0700": re.compile(r"([+-])(\d\d)(\d\d)", re.ASCII),
    "07": re.compile(r"([+-])(\d\d)", re.ASCII),
}
_LOOSE, _STRICT = re.compile(r"\d\d?", re.ASCII), re.compile(r"\d\d", re.ASCII)
_YEARDAY, _STRICT_YEARDAY = re.compile(r" {0,2}(\d{1,3})", re.ASCII), re.compile(r"\d{3}", re.ASCII)
_FRACTION = re.compile(r"[.,](\d+)", re.ASCII)
_PIVOT, _NOON = 69, 12
_LONGEST = 10_000
_RANGES = {"month": (1, 12), "hour": (0, 23), "hour12": (0, 12), "minute": (0, 59), "second": (0, 59)}
_NUMBERS = {
    "1": ("month", _LOOSE), "01": ("month", _STRICT),
    "2": ("day", _LOOSE), "_2": ("day", re.compile(r" ?(\d\d?)", re.ASCII)), "02": ("day", _STRICT),
    "__2": ("yearday", _YEARDAY), "002": ("yearday", _STRICT_YEARDAY),
    "15": ("hour", _LOOSE), "3": ("hour12", _LOOSE), "03": ("hour12", _STRICT),
    "4": ("minute", _LOOSE), "04": ("minute", _STRICT), "5": ("second", _LOOSE), "05": ("second", _STRICT),
}  # fmt: skip


class BadDateError(SprigError):
    """The text is no date of this layout."""


def parse_moment(layout: str, text: str) -> Moment:
    """Read a text by a layout. Raises `SprigError`."""
    if max(len(layout), len(text)) > _LONGEST:
        raise SprigError("parsing time: the text is too long")
    reader = _Reader(text)
    elements = list(chunks(layout))
    try:
        for number, (literal, element) in enumerate(elements):
            reader.skip(literal)
            reader.element(element, elements[number + 1][1] if number + 1 < len(elements) else "")
        return reader.moment()
    except BadDateError as error:
        raise SprigError(f'parsing time "{text}" as "{layout}": cannot parse "{reader.rest}"') from error


@dataclass
class _Reader:
    rest: str
    values: dict[str, int] = field(default_factory=dict)
    nanoseconds: int = 0
    half: str = ""
    zone: Zone | None = None
    offset: int | None = None
    zone_name: str = ""

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Read what the pattern says. Raises `BadDateError`."""
        match = pattern.match(self.rest)
        if match is None:
            raise BadDateError
        self.rest = self.rest[match.end() :]
        return match

    def skip(self, literal: str) -> None:
        """Read the text between elements; a space stands for any number of them, even none at the end."""
        while literal:
            if literal[0] == " ":
                if self.rest and self.rest[0] != " ":
                    raise BadDateError
                literal, self.rest = literal.lstrip(" "), self.rest.lstrip(" ")
            elif not self.rest or self.rest[0] != literal[0]:
                raise BadDateError
            else:
                literal, self.rest = literal[1:], self.rest[1:]

    def element(self, element: str, following: str) -> None:
        """Read one element of the layout; `following` is the next one, whatever text stands between."""
        if element in _NUMBERS:
            self._number(*_NUMBERS[element])
            if element in {"5", "05"} and following[:1] not in {".", ","} and _FRACTION.match(self.rest):
                self._nanoseconds(self.take(_FRACTION)[1])
        elif element in _OTHERS:
            _OTHERS[element](self)
        elif element[:1] in {".", ","}:
            self._fraction(element)
        elif element:
            self._offset(element)

    def _number(self, name: str, pattern: re.Pattern[str]) -> None:
        match = self.take(pattern)
        number = int(match[match.lastindex or 0])
        least, most = _RANGES.get(name, (0, 999))
        if not least <= number <= most:
            raise BadDateError
        self.values[name.removesuffix("12")] = number

    def _fraction(self, element: str) -> None:
        if element[1] == "9":
            match = _FRACTION.match(self.rest)
            if match is not None:
                self.rest = self.rest[match.end() :]
                self._nanoseconds(match[1])
        else:
            self._nanoseconds(self.take(re.compile(rf"[.,](\d{{{len(element) - 1}}})", re.ASCII))[1])

    def _nanoseconds(self, digits: str) -> None:
        self.nanoseconds = int(digits[:9].ljust(9, "0"))

    def _offset(self, element: str) -> None:
        if element[0] == "Z" and self.rest.startswith("Z"):
            self.rest = self.rest[1:]
            self.zone = GREENWICH
            return
        match = self.take(_OFFSETS[element[1:]])
        hours, minutes, seconds = (int(part) for part in (*match.groups()[1:], "0", "0")[:3])
        if hours > 24 or minutes > 60 or seconds > 60:  # noqa: PLR2004 - Go lets these ends in
            raise BadDateError
        size = (hours * 60 + minutes) * 60 + seconds
        self.offset = -size if match[1] == "-" else size

    def name(self, names: tuple[str, ...], length: int | None) -> int:
        """Read a name in any case; say which it was, from 1."""
        for number, name in enumerate(names, 1):
            short = name[:length]
            if self.rest[: len(short)].lower() == short.lower():
                self.rest = self.rest[len(short) :]
                return number
        raise BadDateError

    def day_half(self, *marks: str) -> None:
        """Read `AM` or `PM`."""
        if not self.rest.startswith(marks):
            raise BadDateError
        self.half, self.rest = self.rest[:2].upper(), self.rest[2:]

    def zone_abbreviation(self) -> None:
        """Read something that looks like the name of a zone."""
        if self.rest.startswith("UTC"):
            self.zone, self.rest = GREENWICH, self.rest[3:]
        else:
            self.zone_name = self.take(_ZONE_NAME)[0]

    def moment(self) -> Moment:
        """Put together what was read."""
        if self.rest:
            raise BadDateError
        get = self.values.get
        hour = get("hour", 0)
        if self.half == "PM" and hour < _NOON:
            hour += _NOON
        elif self.half == "AM" and hour == _NOON:
            hour = 0
        date = self._date()
        made = moment(date, (hour, get("minute", 0), get("second", 0)), self.nanoseconds)
        if self.zone is not None:
            return made
        if self.offset is not None:
            at = Zone(self.zone_name, self.offset) if self.offset or self.zone_name not in {"", "UTC"} else LOCAL
            return Moment(made.seconds - self.offset, made.nanoseconds, at)
        if self.zone_name:
            offset = int(self.zone_name[3:] or 0) * 3600 if self.zone_name.startswith("GMT") else 0
            # Go takes the clock for that of Greenwich here, whatever the name says.
            return Moment(made.seconds, made.nanoseconds, Zone(self.zone_name, offset))
        return Moment(made.seconds, made.nanoseconds, LOCAL)

    def _date(self) -> tuple[int, int, int]:
        year, month, day = self.values.get("year", 0), self.values.get("month"), self.values.get("day")
        yearday = self.values.get("yearday")
        if yearday is not None:
            if not 1 <= yearday <= 365 + is_leap(year):
                raise BadDateError
            first = days(year, 1, 1)
            found = next(m for m in range(12, 0, -1) if days(year, m, 1) - first < yearday)
            on = yearday - (days(year, found, 1) - first)
            if month not in {None, found} or day not in {None, on}:
                raise BadDateError
            return year, found, on
        month, day = month or 1, 1 if day is None else day
        length = days(year + month // 12, month % 12 + 1, 1) - days(year, month, 1)
        if not 1 <= day <= length:
            raise BadDateError
        return year, month, day


def _short_year(reader: _Reader) -> None:
    number = int(reader.take(_STRICT)[0])
    reader.values["year"] = number + (1900 if number >= _PIVOT else 2000)


def _long_year(reader: _Reader) -> None:
    reader.values["year"] = int(reader.take(re.compile(r"\d{4}", re.ASCII))[0])


def _month(length: int | None) -> Callable[[_Reader], None]:
    def read(reader: _Reader) -> None:
        reader.values["month"] = reader.name(MONTHS, length)

    return read


def _weekday(length: int | None) -> Callable[[_Reader], None]:
    def read(reader: _Reader) -> None:
        reader.name(WEEKDAYS, length)

    return read


_OTHERS: dict[str, Callable[[_Reader], None]] = {
    "06": _short_year,
    "2006": _long_year,
    "Jan": _month(3),
    "January": _month(None),
    "Mon": _weekday(3),
    "Monday": _weekday(None),
    "PM": lambda reader: reader.day_half("AM", "PM"),
    "pm": lambda reader: reader.day_half("am", "pm"),
    "MST": _Reader.zone_abbreviation,
}
