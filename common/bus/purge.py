"""The purge: events that every trigger is done with leave the stream, subject by subject, every 30 s.

The floor of a subject is the lowest ack floor of its registered triggers and of all other consumers on it. A subject
without a registered trigger is never purged, and a foreign stream never at all. Who has that floor holds the subject back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import nats.errors
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from common.bus.clock import bus_time
from common.bus.connection import Bus
from common.bus.consumers import ack_floor, consumers_of, floors_of, reads
from common.bus.register import Entry, Register
from common.errors import Unavailable

INTERVAL = 30.0
"""Seconds between two purges."""


@dataclass(frozen=True, slots=True)
class Held:
    """A subject, and who of those that need it is the least far.

    `namespace`, `sensor` and `trigger` are empty where it is a consumer that is not registered. `events` are stored on the
    subject, the oldest of them for `seconds`.
    """

    subject: str
    consumer: str
    floor: int
    events: int
    seconds: float
    namespace: str = ""
    sensor: str = ""
    trigger: str = ""

    @property
    def title(self) -> str:
        """Name the holder for a person."""
        return f"{self.namespace}/{self.sensor}/{self.trigger}" if self.trigger else f"consumer {self.consumer}"


async def purge(
    bus: Bus, register: Register, namespace: str, sensor: str, mine: Collection[tuple[str, str]], *, foreign: bool
) -> dict[str, int]:
    """Write down how far our consumers are, then purge what nobody needs. Gives what was purged: subject → up to.

    `mine`: the triggers of this pod's document, by trigger and subject. Raises `Unavailable`: what was not purged this time
    is purged the next.
    """
    try:
        consumers = await consumers_of(bus.client, bus.names.stream)
        await register.keep(namespace, sensor, mine, floors_of(consumers))
        if foreign:
            return {}
        entries = await register.entries()
        return {
            subject: floor
            for subject in {entry.subject for entry in entries}
            if (floor := await purge_subject(bus, subject, entries, consumers))
        }
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus was not purged: {str(error) or type(error).__name__}") from error


async def purge_subject(bus: Bus, subject: str, entries: Iterable[Entry], consumers: Iterable[ConsumerInfo]) -> int:
    """Purge what nobody needs of one subject; gives up to where, or 0."""
    floor = floor_of(subject, entries, consumers)
    if floor > 0:
        # The sequence given is the first that stays.
        await bus.jetstream.purge_stream(bus.names.stream, seq=floor + 1, subject=subject)
    return floor


def floor_of(subject: str, entries: Iterable[Entry], consumers: Iterable[ConsumerInfo]) -> int:
    """Give the highest sequence of a subject that everybody is done with; 0 if somebody still needs all of it."""
    return min((floor for floor, _ in _needs(subject, entries, consumers)), default=0)


async def held(bus: Bus, register: Register) -> list[Held]:
    """Say of each subject that has a registered trigger who holds it back. Raises `Unavailable`."""
    js, stream = bus.jetstream, bus.names.stream
    try:
        consumers = await consumers_of(bus.client, stream, partial=True)
        floors, now = floors_of(consumers), await bus_time(bus.client, stream)
        entries = [replace(e, floor=max(e.floor, floors.get((e.consumer, e.subject), 0))) for e in await register.entries()]
        counts = (await js.stream_info(stream, subjects_filter=">")).state.subjects or {}
        found = []
        for subject in sorted({entry.subject for entry in entries}):
            floor, who = min(_needs(subject, entries, consumers), key=lambda need: need[0])
            events = counts.get(subject, 0)
            seconds = await _age(js, stream, subject, now) if events else 0.0
            if isinstance(who, Entry):
                found.append(Held(subject, who.consumer, floor, events, seconds, who.namespace, who.sensor, who.trigger))
            else:
                found.append(Held(subject, str(who.name), floor, events, seconds))
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus was not looked at: {str(error) or type(error).__name__}") from error
    return found


def _needs(subject: str, entries: Iterable[Entry], consumers: Iterable[ConsumerInfo]) -> list[tuple[int, Entry | ConsumerInfo]]:
    """Give all that need a subject, each with its floor."""
    registered = {entry.consumer: entry for entry in entries if entry.subject == subject}
    others = [c for c in consumers if c.name not in registered and reads(c, subject)]
    return [*((entry.floor, entry) for entry in registered.values()), *((ack_floor(c), c) for c in others)]


async def _age(js: JetStreamContext, stream: str, subject: str, now: float) -> float:
    """Give for how long the oldest event of a subject has been stored, in seconds."""
    try:
        oldest = await js.get_msg(stream, seq=1, subject=subject, next=True)
    except NotFoundError:
        return 0.0
    return max(0.0, now - oldest.time.timestamp()) if oldest.time else 0.0
