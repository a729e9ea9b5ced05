"""`time`: the time of day at which the event was published, from the start on, up to the stop; overnight if that is earlier.

The day is that of the event, in the zone of the filter; without a zone in UTC.
"""

from dataclasses import dataclass

from common.cloudevent import CloudEvent
from sensor.dependencies.filters import gotime
from sensor.dependencies.filters.model import Errored, Passed, Rejected, TimeFilter, Verdict

_LAYOUT = "2006-01-02 15:04:05"
_RFC3339 = "2006-01-02T15:04:05Z07:00"
# What Go has for an event without a time.
_NEVER = "0001-01-01T00:00:00Z"
_SOME_DAY = "2000-01-01"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The filter made ready: its zone, or why there is none."""

    given: TimeFilter
    zone: gotime.Zone
    fault: str

    @classmethod
    def of(cls, given: TimeFilter) -> "Prepared":
        """Look the zone up, and try both times on some day."""
        try:
            zone = gotime.Zone.named(given.timezone)
        except gotime.UnknownZone as error:
            return cls(given, gotime.UTC, f"invalid timezone '{given.timezone}': {error}")
        return cls(given, zone, "")

    @property
    def faults(self) -> tuple[str, ...]:
        """What is an error with each event."""
        if self.fault:
            return (self.fault,)
        try:
            for text in (self.given.start, self.given.stop):
                gotime.parse(_LAYOUT, f"{_SOME_DAY} {text}")
        except gotime.Unparsable as error:
            return (str(error),)
        return ()


def judge(filter_: Prepared, event: CloudEvent) -> Verdict:
    """Compare the time of the event with both ends."""
    given = filter_.given
    if filter_.fault:
        return Errored("time", f"time filter error ({filter_.fault})")
    try:
        moment = gotime.parse(_RFC3339, event.time or _NEVER)
        day = gotime.date_text(moment.seconds + filter_.zone.offset(moment.seconds))
        start = gotime.parse(_LAYOUT, f"{day} {given.start}", filter_.zone)
        stop = gotime.parse(_LAYOUT, f"{day} {given.stop}", filter_.zone)
    except gotime.Unparsable as error:
        return Errored("time", f"time filter error ({error})")
    inside = start <= moment < stop if start < stop else moment >= start or moment < stop
    if inside:
        return Passed()
    zone = given.timezone or "UTC"
    return Rejected("time", "time", event.time or "-", f"wanted is {given.start} to {given.stop} {zone}")
