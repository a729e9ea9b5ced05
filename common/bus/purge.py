"""The purge: events that every trigger is done with leave the stream, subject by subject, every 30 s.

The floor of a subject is the lowest ack floor of its registered triggers and of all other consumers on it. A subject
without a registered trigger is never purged, and a foreign stream never at all.
"""

from collections.abc import Iterable

import nats.errors
from nats.js.api import ConsumerInfo

from common.bus.connection import Bus
from common.bus.consumers import ack_floor, consumers_of, reads
from common.bus.register import Entry, Register
from common.errors import Unavailable

INTERVAL = 30.0
"""Seconds between two purges."""


async def purge(bus: Bus, register: Register, namespace: str, sensor: str, *, foreign: bool) -> dict[str, int]:
    """Write down how far our consumers are, then purge what nobody needs. Gives what was purged: subject → up to.

    Raises `Unavailable`: what was not purged this time is purged the next.
    """
    try:
        return await _purge(bus, register, namespace, sensor, foreign=foreign)
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus was not purged: {str(error) or type(error).__name__}") from error


async def _purge(bus: Bus, register: Register, namespace: str, sensor: str, *, foreign: bool) -> dict[str, int]:
    consumers = await consumers_of(bus.jetstream, bus.names.stream)
    await register.raise_floors(namespace, sensor, {str(c.name): ack_floor(c) for c in consumers})
    if foreign:
        return {}
    entries = await register.entries()
    purged = {}
    for subject in {entry.subject for entry in entries}:
        floor = floor_of(subject, entries, consumers)
        if floor > 0:
            # The sequence given is the first that stays.
            await bus.jetstream.purge_stream(bus.names.stream, seq=floor + 1, subject=subject)
            purged[subject] = floor
    return purged


def floor_of(subject: str, entries: Iterable[Entry], consumers: Iterable[ConsumerInfo]) -> int:
    """Give the highest sequence of a subject that everybody is done with; 0 if somebody still needs all of it."""
    registered = {entry.consumer: entry.floor for entry in entries if entry.subject == subject}
    others = [ack_floor(c) for c in consumers if c.name not in registered and reads(c, subject)]
    return min([*registered.values(), *others], default=0)
