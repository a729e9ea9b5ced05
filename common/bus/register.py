"""The register of triggers: who needs which subject, from where on. It lives in a bucket, one record a sensor.

A record is changed by compare-and-set, and holds all triggers of its sensor: they are registered in one step, so a crash
in between can not make one of them start later than its siblings.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import nats.errors
import orjson
from nats.js.errors import KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from common.bus.clock import bus_time
from common.bus.connection import Bus
from common.bus.consumers import Floors, ack_floor, consumers_of
from common.bus.keys import keys_of, value_of
from common.bus.naming import is_ours, name_of
from common.bus.record import Entry, Place, Record, Wanted, read, written
from common.bus.streams import prepare_bucket
from common.errors import Missing, Unavailable
from common.subjects import safe

__all__ = ["Entry", "Place", "Register", "Wanted"]

_TRIES = 20
"""Compare-and-set is tried this often in a row before the bus is called too busy."""


class Register:
    """The records of all sensors on one stream."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def prepare(self) -> None:
        """Make sure that the bucket is there."""
        await prepare_bucket(self._bus.jetstream, self._bus.names.register, self._bus.config)

    async def place(
        self, namespace: str, sensor: str, wanted: Iterable[Wanted], *, foreign: bool, rename: bool = True
    ) -> Mapping[tuple[str, str], Place]:
        """Register the triggers of a sensor and say where each listens, by (trigger, subject).

        The first trigger of a subject starts at the oldest event kept, a further one at the next event; on a foreign
        stream each starts at the next event. One that was registered before goes on at its floor; on a stream that was
        taken away and made anew it goes on at the oldest event, for none of them has been seen.

        `rename`: whether one that is registered may get another name (see `name_of`). Raises `Missing` where there is no
        stream, and `Unavailable`.
        """
        try:
            return await self._place(namespace, sensor, list(wanted), foreign=foreign, rename=rename)
        except NotFoundError as error:
            raise Missing(f"the register of triggers: {error}") from error
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise Unavailable(f"the register of triggers: {str(error) or type(error).__name__}") from error

    async def _place(
        self, namespace: str, sensor: str, wanted: list[Wanted], *, foreign: bool, rename: bool
    ) -> Mapping[tuple[str, str], Place]:
        js, stream = self._bus.jetstream, self._bus.names.stream
        last, now = (await js.stream_info(stream)).state.last_seq, await bus_time(self._bus.client, stream)
        consumers = {str(c.name): c for c in await consumers_of(self._bus.client, stream, partial=True)}

        def step(own: Record, all_: Iterable[Entry]) -> tuple[Entry, ...]:
            taken = {entry.subject for entry in all_}
            left = {(entry.trigger, entry.subject): entry for entry in own.entries}
            entries = []
            for want in wanted:
                title = f"{namespace}/{sensor}/{want.trigger}"
                name = name_of(want, own.entries, consumers, title=title, rename=rename)
                entry = left.pop((want.trigger, want.subject), None)
                start = _start(want, last, first=want.subject not in taken, foreign=foreign)
                there = consumers.get(name)
                # One that is there, of the Go sensor say, knows better than any rule how far it is.
                stands = ack_floor(there) if there and is_ours(there, want.subject, title) else start
                floor = entry.floor if entry else stands
                entries.append(Entry(namespace, sensor, want.trigger, want.subject, name, floor, now))
            # Triggers that left the document stay registered: what waits for them is seen to after a while (`retire`).
            return (*entries, *left.values())

        entries = await self._change(namespace, sensor, step)
        return {(e.trigger, e.subject): Place(e.consumer, e.floor) for e in entries}

    async def entries(self) -> list[Entry]:
        """Give every registered trigger of every sensor; none before the first one made the register. Raises `Unavailable`."""
        try:
            records = await self._records(await self._born())
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise Unavailable(f"the register of triggers: {str(error) or type(error).__name__}") from error
        return [entry for record in records.values() for entry in record.entries]

    async def raise_floors(self, namespace: str, sensor: str, floors: Floors) -> None:
        """Write the floors of a sensor's consumers; a floor never goes down."""
        await self._change(namespace, sensor, lambda own, _: tuple(_raised(entry, floors) for entry in own.entries))

    async def keep(self, namespace: str, sensor: str, mine: Collection[tuple[str, str]], floors: Floors) -> None:
        """Raise floors, and say which triggers (by trigger and subject) this pod's document has: they are seen."""
        now = await bus_time(self._bus.client, self._bus.names.stream)

        def step(own: Record, _: Iterable[Entry]) -> tuple[Entry, ...]:
            return tuple(
                replace(_raised(e, floors), seen=now if (e.trigger, e.subject) in mine else e.seen) for e in own.entries
            )

        await self._change(namespace, sensor, step)

    async def forget(self, entry: Entry) -> None:
        """Take a trigger out of the register, unless a pod has spoken for it meanwhile."""

        def step(own: Record, _: Iterable[Entry]) -> tuple[Entry, ...]:
            key = (entry.trigger, entry.subject, entry.seen)
            return tuple(e for e in own.entries if (e.trigger, e.subject, e.seen) != key)

        await self._change(entry.namespace, entry.sensor, step)

    async def _change(self, namespace: str, sensor: str, step: "_Step") -> tuple[Entry, ...]:
        """Change the record of a sensor by compare-and-set, as often as somebody else is faster."""
        bucket, born, key = await self._bucket(), await self._born(), _key(namespace, sensor)
        for _ in range(_TRIES):
            records = await self._records(born)
            own = records.get(key, Record(born=born))
            entries = step(own, [entry for record in records.values() for entry in record.entries])
            changed = Record(own.revision, born, entries)
            if changed == own or await _write(bucket, key, changed):
                return entries
        raise Unavailable("the register of triggers changes too fast")

    async def _bucket(self) -> KeyValue:
        return await self._bus.jetstream.key_value(self._bus.names.register)

    async def _born(self) -> str:
        """Tell the stream that is there from one of the same name that was before."""
        created = (await self._bus.jetstream.stream_info(self._bus.names.stream)).created
        return created.isoformat() if created else ""

    async def _records(self, born: str) -> dict[str, Record]:
        """Read all records."""
        js, bucket = self._bus.jetstream, self._bus.names.register
        try:
            keys = await keys_of(js, bucket)
        except NotFoundError:
            return {}
        records = {}
        for key in keys:
            found = await value_of(js, bucket, key)
            if found is None:
                continue
            records[key] = read(orjson.loads(found.data or b"{}"), found.revision, born)
        return records


_Step = Callable[[Record, Iterable[Entry]], tuple[Entry, ...]]


def _key(namespace: str, sensor: str) -> str:
    return f"{safe(namespace)}.{safe(sensor)}"


def _start(want: Wanted, last: int, *, first: bool, foreign: bool) -> int:
    if want.start_from == "oldest":
        return 0
    if want.start_from == "next" or foreign:
        return last
    return 0 if first else last


def _raised(entry: Entry, floors: Floors) -> Entry:
    return replace(entry, floor=max(entry.floor, floors.get((entry.consumer, entry.subject), 0)))


async def _write(bucket: KeyValue, key: str, record: Record) -> bool:
    value = orjson.dumps(written(record))
    try:
        if not record.entries:
            await bucket.delete(key, last=record.revision)
        elif record.revision:
            await bucket.update(key, value, last=record.revision)
        else:
            await bucket.create(key, value)
    except KeyWrongLastSequenceError:
        return False
    return True
