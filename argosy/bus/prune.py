"""The removal of what a sensor left on the bus that is no more: its events are parked or dropped, and nothing stays."""

from collections.abc import Callable
from dataclasses import dataclass

import nats.errors

from argosy.bus.survey import at_work
from common.bus import Bus
from common.bus.clock import bus_time
from common.bus.purge import INTERVAL
from common.bus.register import Entry, Register
from common.bus.retire import retire, waiting
from common.errors import Refused, Unavailable

QUIET = 3 * INTERVAL
"""Seconds for which no pod has spoken for a trigger whose sensor is gone."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A registered trigger that is to go, and how many events wait for it."""

    entry: Entry
    events: int


async def look(bus: Bus, namespace: str, sensor: str, trigger: str, *, force: bool = False) -> list[Doomed]:
    """Say what would go; `trigger` empty: all of the sensor; `force`: also where a pod has spoken for it just now.

    Raises `Refused` if pods of it are at work, and `Unavailable`.
    """
    js, stream = bus.jetstream, bus.names.stream
    try:
        entries = [
            entry
            for entry in await Register(bus).entries()
            if (entry.namespace, entry.sensor) == (namespace, sensor) and trigger in ("", entry.trigger)
        ]
        now = await bus_time(bus.client, stream)
        for entry in entries:
            if await at_work(js, stream, entry):
                raise Refused(f"trigger {entry.title} is at work: stop its pods, or take it out of its document")
            if now - entry.seen < QUIET and not force:
                seen = f"{now - entry.seen:.0f} s ago"
                raise Refused(
                    f"trigger {entry.title} was in the document of a pod {seen}: wait {QUIET:.0f} s after the last one"
                )
        return [Doomed(entry, await waiting(js, stream, entry)) for entry in entries]
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus does not tell: {str(error) or type(error).__name__}") from error


async def prune(bus: Bus, doomed: list[Doomed], *, park: bool, progress: Callable[[int], None]) -> list[Entry]:
    """Take them off the bus; gives those of which somebody still has events in hand. `progress` hears of each event."""
    left, register = [], Register(bus)
    for one in doomed:
        done = 0

        def count(events: int) -> None:
            nonlocal done
            progress(events - done)
            done = events

        if not await retire(bus, register, one.entry, park=park, progress=count):
            left.append(one.entry)
    return left
