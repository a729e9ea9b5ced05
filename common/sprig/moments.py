"""Points in time as Go's `time.Time` has them, from the year -292e9 on: seconds since 1970, nanoseconds and a zone."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from common.sprig.values import Sized, SprigError, Struct

_DAY = 86_400
_CYCLE_DAYS, _CYCLE_YEARS = 146_097, 400
_EPOCH = 719_468
_NEAR = 253_402_000_000
_SECOND = 10**9
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Month(Sized):
    """`time.Month`, from 1."""

    go_type = "time.Month"
    go_kind = "int"

    def go_string(self) -> str:
        """Give its English name."""
        return MONTHS[self - 1]


class Weekday(Sized):
    """`time.Weekday`; Sunday is 0."""

    go_type = "time.Weekday"
    go_kind = "int"

    def go_string(self) -> str:
        """Give its English name."""
        return WEEKDAYS[self]


@dataclass(frozen=True, slots=True)
class Zone(Struct):
    """A time zone: one of the tz database by its `key`, or a fixed offset with a name (which may be empty)."""

    name: str = "UTC"
    offset: int = 0
    key: str = ""

    go_type = "*time.Location"
    go_kind = "ptr"

    def at(self, seconds: int) -> tuple[str, int]:
        """Give the zone's abbreviation and offset at a point in time."""
        if not self.key:
            return self.name, self.offset
        here = self._clock(seconds)
        offset = here.utcoffset()
        return here.tzname() or "", int(offset.total_seconds()) if offset is not None else 0

    def saves_daylight(self, seconds: int) -> bool:
        """Say whether the clocks are put forward at a point in time."""
        return bool(self.key and self._clock(seconds).dst())

    def _clock(self, seconds: int) -> datetime:
        if seconds > _NEAR:
            # A year with the same calendar, late enough for the rules that hold for good.
            seconds = seconds % (_CYCLE_DAYS * _DAY) + _CYCLE_DAYS * _DAY
        return datetime.fromtimestamp(max(seconds, -62_000_000_000), UTC).astimezone(_zone_info(self.key))

    def go_string(self) -> str:
        """Give the name."""
        return self.key or self.name

    def go_source(self) -> str:
        """Write the zone as Go source."""
        if self is LOCAL:
            return "time.Local"
        return "time.UTC" if self == GREENWICH else f'time.Location("{self.go_string()}")'


GREENWICH = Zone()
LOCAL = Zone("UTC", 0)


@lru_cache(maxsize=64)
def _zone_info(key: str) -> ZoneInfo:
    return ZoneInfo(key)


def zone(name: str) -> Zone:
    """Find a zone by its name in the tz database; `Local` is UTC. Raises `SprigError` where there is none."""
    if name in {"", "UTC", "Local"}:
        return GREENWICH
    try:
        _zone_info(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise SprigError(f"unknown time zone {name}") from error
    return Zone(key=name)


@dataclass(frozen=True, slots=True)
class Moment(Struct):
    """`time.Time`. The default is Go's zero time, the first second of the year 1."""

    seconds: int = -62_135_596_800
    nanoseconds: int = 0
    zone: Zone = GREENWICH

    go_type = "time.Time"

    @property
    def local(self) -> int:
        """Seconds since 1970 by the clock of the zone."""
        return self.seconds + self.zone.at(self.seconds)[1]

    @property
    def date(self) -> tuple[int, int, int]:
        """Year, month and day in the zone."""
        return civil(self.local // _DAY)

    @property
    def clock(self) -> tuple[int, int, int]:
        """Hour, minute and second in the zone."""
        minutes, second = divmod(self.local % _DAY, 60)
        return minutes // 60, minutes % 60, second

    @property
    def weekday(self) -> Weekday:
        """The day of the week in the zone."""
        return Weekday((self.local // _DAY + 4) % 7)

    @property
    def yearday(self) -> int:
        """The day of the year in the zone, from 1."""
        return self.local // _DAY - days(self.date[0], 1, 1) + 1

    @property
    def total(self) -> int:
        """Nanoseconds since 1970."""
        return self.seconds * _SECOND + self.nanoseconds

    def go_string(self) -> str:
        """Write the moment as Go's `String` does."""
        year, month, day = self.date
        hour, minute, second = self.clock
        name, offset = self.zone.at(self.seconds)
        sign, size = "-" if offset < 0 else "+", abs(offset) // 60
        number = f"{sign}{size // 60:02}{size % 60:02}"
        fraction = f".{self.nanoseconds:09}".rstrip("0") if self.nanoseconds else ""
        years = f"{'-' if year < 0 else ''}{abs(year):04}"
        return f"{years}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction} {number} {name or number}"

    def go_source(self) -> str:
        """Write the moment as Go source, which is what `%#v` prints."""
        year, month, day = self.date
        clock = ", ".join(map(str, (day, *self.clock, self.nanoseconds)))
        return f"time.Date({year}, time.{MONTHS[month - 1]}, {clock}, {self.zone.go_source()})"

    def plus(self, nanoseconds: int) -> "Moment":
        """Give the moment so many nanoseconds later."""
        seconds, nanoseconds = divmod(self.total + nanoseconds, _SECOND)
        return replace(self, seconds=seconds, nanoseconds=nanoseconds)


def moment(date: tuple[int, int, int], clock: tuple[int, int, int], nanoseconds: int = 0, at: Zone = GREENWICH) -> Moment:
    """Make a moment of a date and a time; months and days out of range run on, as in Go."""
    year, month, day = date
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    local = (days(year, month, 1) + day - 1) * _DAY + clock[0] * 3600 + clock[1] * 60 + clock[2]
    # As Go does it: with the offset that holds where the offset at this clock in Greenwich leads to.
    return Moment(local - at.at(local - at.at(local)[1])[1], nanoseconds, at)


def days(year: int, month: int, day: int) -> int:
    """Count the days from 1970-01-01 to a date of the Gregorian calendar."""
    year -= month < 3  # noqa: PLR2004 - the year begins with March here
    cycle, year_of_cycle = divmod(year, _CYCLE_YEARS)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_cycle = year_of_cycle * 365 + year_of_cycle // 4 - year_of_cycle // 100 + day_of_year
    return cycle * _CYCLE_DAYS + day_of_cycle - _EPOCH


def civil(number: int) -> tuple[int, int, int]:
    """Give the date of a day counted from 1970-01-01."""
    cycle, day = divmod(number + _EPOCH, _CYCLE_DAYS)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day_of_month = day - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9  # noqa: PLR2004 - the year begins with March here
    return year + cycle * _CYCLE_YEARS + (month <= 2), month, day_of_month  # noqa: PLR2004 - same


def is_leap(year: int) -> bool:
    """Say whether February has 29 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % _CYCLE_YEARS == 0)
