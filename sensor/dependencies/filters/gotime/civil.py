"""Moments and days in the Gregorian calendar, any year: whole numbers only."""

from typing import NamedTuple

DAY = 86_400
_ERA_DAYS, _ERA_YEARS = 146_097, 400
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


class Moment(NamedTuple):
    """A point in time: seconds since 1970-01-01T00:00:00Z, and nanoseconds."""

    seconds: int
    nanoseconds: int = 0


def days_in(year: int, month: int) -> int:
    """Give the length of a month."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == _FEBRUARY else _MONTH_DAYS[month - 1]


def days(year: int, month: int, day: int) -> int:
    """Count the days from 1970-01-01. Years are taken to begin in March, so that the leap day is the last."""
    year -= month <= _FEBRUARY
    era, of_era = divmod(year, _ERA_YEARS)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * _ERA_DAYS + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def date_text(seconds: int) -> str:
    """Write the day of a moment, as `2006-01-02`."""
    era, of_era = divmod(seconds // DAY + 719_468, _ERA_DAYS)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004 - March is the first month here
    year += era * _ERA_YEARS + (month <= _FEBRUARY)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{day:02}"
