"""The schedule of `conditionsReset`: cron with five fields, in a time zone.

The language is that of the parser which Argo Events sets up (robfig/cron v3): minute, hour, day of month, month, weekday, with
names, lists, ranges, steps, `?` and `CRON_TZ=<zone>` in front; neither seconds nor `@daily`. A time that the clock skips does
not happen, one that it repeats happens twice. cronsim, which follows Debian's cron, answers otherwise in all of this.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from sensor.dependencies.filters.gotime import UnknownZone, Zone

_YEARS = 5
"""How far Argo Events looks ahead and back."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ZONE_PREFIXES = ("TZ=", "CRON_TZ=")
_NUMBER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class _Field:
    """What one of the five fields may hold."""

    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_FIELDS = (_Field(0, 59), _Field(0, 23), _Field(1, 31), _Field(1, 12, _MONTHS), _Field(0, 6, _DAYS))


@dataclass(frozen=True, slots=True)
class Schedule:
    """The moments that a line of cron names. They are given in `zone`, whatever zone the line itself is read in."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    both_days: bool
    """Whether day of month and day of week must both hold (one of them is `*`), or one is enough."""
    clock: tzinfo
    zone: tzinfo

    def next(self, moment: datetime) -> datetime | None:
        """Give the first time after a moment (which has a zone); None if there is none up to the end of the fifth year."""
        start = moment.replace(microsecond=0).astimezone(self.clock)
        last = date(min(start.year + _YEARS, date.max.year), 12, 31)
        for day in range(start.date().toordinal(), last.toordinal() + 1):
            later = [found for found in self._on(date.fromordinal(day)) if found > start.astimezone(UTC)]
            if later:
                return min(later).astimezone(self.zone)
        return None

    def previous(self, moment: datetime) -> datetime | None:
        """Give the last time before a moment (which has a zone); None if there is none back to the start of the fifth year."""
        start = moment.replace(microsecond=0).astimezone(self.clock)
        first = date(max(start.year - _YEARS, date.min.year), 1, 1)
        for day in range(start.date().toordinal(), first.toordinal() - 1, -1):
            earlier = [found for found in self._on(date.fromordinal(day)) if found < start.astimezone(UTC)]
            if earlier:
                return max(earlier).astimezone(self.zone)
        return None

    def _on(self, day: date) -> Iterator[datetime]:
        """Give the moments of a day, in UTC."""
        if not self._holds(day):
            return
        for hour in self.hours:
            for minute in self.minutes:
                for fold in (0, 1):
                    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.clock, fold=fold)
                    found = local.astimezone(UTC)
                    # A time that the clock skips comes back as another one.
                    if found.astimezone(self.clock).replace(tzinfo=None) == local.replace(tzinfo=None):
                        yield found

    def _holds(self, day: date) -> bool:
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (of_month and of_week if self.both_days else of_month or of_week)


def parse(cron: str, timezone: str = "") -> Schedule:
    """Read a line of cron, in a time zone by its IANA name (default UTC). Raises `ValueError` in the words of the Go parser."""
    zone = clock = time_zone(timezone)
    if not cron:
        raise ValueError("empty spec string")
    if cron.startswith(_ZONE_PREFIXES):
        name, _, cron = cron.partition("=")[2].partition(" ")
        try:
            # The local zone is that of the moment asked about.
            clock = zone if name == "Local" else time_zone(name)
        except UnknownZone as error:
            raise ValueError(f"provided bad location {name}: {error}") from error
        cron = cron.strip()
    if cron.startswith("@"):
        raise ValueError(f"parser does not accept descriptors: {cron}")
    texts = cron.split()
    if len(texts) != len(_FIELDS):
        raise ValueError(f"expected exactly {len(_FIELDS)} fields, found {len(texts)}: [{' '.join(texts)}]")
    minutes, hours, days, months, weekdays = (_values(text, field) for text, field in zip(texts, _FIELDS, strict=True))
    return Schedule(minutes, hours, days, months, weekdays, _any(texts[2]) or _any(texts[4]), clock, zone)


def time_zone(name: str) -> tzinfo:
    """Find a zone by its IANA name; none means UTC. Raises `ValueError`."""
    return Zone.named(name).rules or UTC


def _terms(text: str) -> Iterable[str]:
    return (term for term in text.split(",") if term)


def _any(text: str) -> bool:
    """Say whether a field leaves its day open; with a step above 1 it does not."""
    for term in _terms(text):
        span, _, step = term.partition("/")
        if span.partition("-")[0] in {"*", "?"} and (not step or _number(step) == 1):
            return True
    return False


def _values(text: str, field: _Field) -> frozenset[int]:
    return frozenset(value for term in _terms(text) for value in _range(term, field))


def _range(term: str, field: _Field) -> range:
    span, *steps = term.split("/")
    low, *high = span.split("-")
    if low in {"*", "?"}:
        start, end = field.lowest, field.highest
    else:
        start = end = _named(low, field)
        if len(high) > 1:
            raise ValueError(f"too many hyphens: {term}")
        if high:
            end = _named(high[0], field)
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {term}")
    step = _number(steps[0]) if steps else 1
    if steps and not high:
        end = field.highest
    if start < field.lowest:
        raise ValueError(f"beginning of range ({start}) below minimum ({field.lowest}): {term}")
    if end > field.highest:
        raise ValueError(f"end of range ({end}) above maximum ({field.highest}): {term}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {term}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {term}")
    return range(start, end + 1, step)


def _named(text: str, field: _Field) -> int:
    name = text.lower()
    return field.lowest + field.names.index(name) if name in field.names else _number(text)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": value out of range')
    if number < 0:
        raise ValueError(f"negative number ({number}) not allowed: {text}")
    return number
