"""Builtins on time: `now`, `duration`, `date`."""

from collections.abc import Callable

from common.sprig.dateparse import parse_moment
from common.sprig.durations import parse_duration
from common.sprig.layouts import chunks
from common.sprig.moments import Zone, zone
from common.sprig.moments import moment as made
from common.sprig.values import SprigError
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.values import Moment, Value, text

_LAYOUTS = (
    "2006-01-02",
    "15:04:05",
    "2006-01-02 15:04:05",
    "2006-01-02T15:04:05Z07:00",
    "02 Jan 06 15:04 MST",
    "Monday, 02-Jan-06 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 MST",
)
_LONGEST = 1_000


def _now(frame: Frame) -> Moment:
    return Moment(0, 0).plus(frame.now())


def _duration(_: Frame, value: Value) -> Value:
    try:
        return parse_duration(text(value))
    except SprigError as error:
        raise Fault(str(error)) from None


def _date(_: Frame, value: Value, *layout: Value) -> Moment:
    if max(len(text(each)) for each in (value, *layout)) > _LONGEST:
        raise Fault("invalid date: too long")
    if len(layout) > 1:
        return _in_zone(value, *layout)
    for each in layout or _LAYOUTS:
        try:
            return parse_moment(each, value)
        except SprigError:
            continue
    raise Fault(f"invalid date {value}")


def _in_zone(value: str, layout: str, name: str) -> Moment:
    try:
        at, moment = zone(name), parse_moment(layout, value)
    except SprigError as error:
        raise Fault(str(error)) from None
    told = any(element == "MST" or element[:3] in ("-07", "Z07") for _, element in chunks(layout))
    return moment if told else _moved(moment, at)


def _moved(value: Moment, at: Zone) -> Moment:
    """Read the clock of a moment in UTC as one of the zone."""
    return made(value.date, value.clock, value.nanoseconds, at)


CALLS: dict[str, Callable[..., Value]] = {"now": _now, "duration": _duration, "date": _date}
