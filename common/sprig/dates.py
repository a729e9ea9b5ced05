"""Dates: `now`, `date`, `toDate`, `dateModify`, `duration` and their kin."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from common.sprig.ambient import Ambient
from common.sprig.dateparse import parse_moment
from common.sprig.durations import days_and_more, format_duration, parse_duration, rounded
from common.sprig.layouts import format_moment
from common.sprig.moments import GREENWICH, Moment, zone
from common.sprig.numbers import parse_int
from common.sprig.values import Int64, SprigError, wrap

_SECOND = 10**9
_DATE = "2006-01-02"


def now(ambient: Ambient) -> Moment:
    """Give the time."""
    return Moment(0, 0).plus(ambient.now())


def date(ambient: Ambient, layout: str, value: object) -> str:
    """Write a moment or a number of seconds by a layout; anything else means now."""
    return date_in_zone(ambient, layout, value, "Local")


def html_date(ambient: Ambient, value: object) -> str:
    """Write a date as HTML wants it."""
    return date_in_zone(ambient, _DATE, value, "Local")


def html_date_in_zone(ambient: Ambient, value: object, name: str) -> str:
    """Write a date as HTML wants it, in a time zone."""
    return date_in_zone(ambient, _DATE, value, name)


def date_in_zone(ambient: Ambient, layout: str, value: object, name: str) -> str:
    """Write a moment in a time zone; an unknown one is UTC."""
    try:
        at = zone(name)
    except SprigError:
        at = GREENWICH
    return format_moment(replace(_moment(value) or now(ambient), zone=at), layout)


def _moment(value: object) -> Moment | None:
    if isinstance(value, Moment):
        return value
    return Moment(int(value), 0) if type(value) in {int, Int64} and isinstance(value, int) else None


def date_modify(length: str, value: Moment) -> Moment:
    """Give the moment so much later; the same for what is no length of time."""
    try:
        return must_date_modify(length, value)
    except SprigError:
        return value


def must_date_modify(length: str, value: Moment) -> Moment:
    """Give the moment so much later."""
    return value.plus(parse_duration(length))


def to_date(layout: str, text: str) -> Moment:
    """Read a date by a layout; Go's zero time for what is none."""
    try:
        return parse_moment(layout, text)
    except SprigError:
        return Moment()


def unix_epoch(value: Moment) -> str:
    """Write the seconds since 1970."""
    return str(value.seconds)


def ago(ambient: Ambient, value: object) -> str:
    """Write how long ago a moment was."""
    then = _moment(value) or now(ambient)
    return format_duration(rounded(_clamped(ambient.now() - then.total), _SECOND))


def _clamped(length: int) -> int:
    return max(-(1 << 63), min((1 << 63) - 1, length))


def duration(value: object) -> str:
    """Write a number of seconds, an `int64` or a text, as a length of time."""
    seconds = parse_int(value, 10) if isinstance(value, str) else value if type(value) is Int64 else 0
    return format_duration(wrap(int(seconds or 0) * _SECOND))


def duration_round(ambient: Ambient, value: object) -> str:
    """Write a length of time in its largest unit only."""
    length = 0
    if isinstance(value, str):
        try:
            length = parse_duration(value)
        except SprigError:
            length = 0
    elif type(value) is Int64:
        length = int(value)
    elif isinstance(value, Moment):
        length = _clamped(ambient.now() - value.total)
    return days_and_more(length)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "dateModify": date_modify,
    "date_modify": date_modify,
    "duration": duration,
    "mustDateModify": must_date_modify,
    "mustToDate": parse_moment,
    "must_date_modify": must_date_modify,
    "toDate": to_date,
    "unixEpoch": unix_epoch,
}
WITH_AMBIENT: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "date": date,
    "dateInZone": date_in_zone,
    "date_in_zone": date_in_zone,
    "durationRound": duration_round,
    "htmlDate": html_date,
    "htmlDateInZone": html_date_in_zone,
    "now": now,
}
