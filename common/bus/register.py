"""The register of triggers: who needs which subject, from where on. It lives in a bucket, one record a sensor.

A record is changed by compare-and-set, and holds all triggers of its sensor: they are registered in one step, so a crash
in between can not make one of them start later than its siblings.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace

import nats.errors
import orjson
from nats.js.errors import KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from common.bus.connection import Bus
from common.bus.consumers import ack_floor, consumers_of
from common.bus.keys import keys_of, value_of
from common.bus.streams import prepare_bucket
from common.errors import Unavailable
from common.subjects import safe

_TRIES = 20
"""Compare-and-set is tried this often in a row before the bus is called too busy."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a trigger asks for. `start_from`: `oldest`, `next`, or None for the rule of the house."""

    trigger: str
    subject: str
    consumer: str
    start_from: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered trigger on one subject. Events up to `floor` (a stream sequence) are done with.

    `seen`: when a pod that has it in its document last said so, in seconds since 1970.
    """

    namespace: str
    sensor: str
    trigger: str
    subject: str
    consumer: str
    floor: int
    seen: float = 0.0

    @property
    def title(self) -> str:
        """Name it for a person."""
        return f"{self.namespace}/{self.sensor}/{self.trigger}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a consumer that does not exist yet has to start: right behind `floor`."""

    floor: int


@dataclass(frozen=True, slots=True)
class _Record:
    """What a sensor has registered, by `revision` of its key, on the stream that was `born` then."""

    revision: int = 0
    born: str = ""
    entries: tuple[Entry, ...] = ()


class Register:
    """The records of all sensors on one stream."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def prepare(self) -> None:
        """Make sure that the bucket is there."""
        await prepare_bucket(self._bus.jetstream, self._bus.names.register, self._bus.config)

    async def place(
        self, namespace: str, sensor: str, wanted: Iterable[Wanted], *, foreign: bool
    ) -> Mapping[tuple[str, str], Place]:
        """Register the triggers of a sensor and say where each starts, by (trigger, subject).

        The first trigger of a subject starts at the oldest event kept, a further one at the next event; on a foreign
        stream each starts at the next event. One that was registered before goes on at its floor; on a stream that was
        taken away and made anew it goes on at the oldest event, for none of them has been seen.
        """
        wanted = list(wanted)
        js, stream = self._bus.jetstream, self._bus.names.stream
        info = await js.stream_info(stream)
        # A consumer that is there already, of the Go sensor say, knows better than any rule how far it is.
        found = {str(c.name): ack_floor(c) for c in await consumers_of(js, stream)}

        def step(own: _Record, all_: Iterable[Entry]) -> tuple[Entry, ...]:
            taken = {entry.subject for entry in all_}
            before = {(entry.trigger, entry.subject): entry for entry in own.entries}
            entries = []
            for want in wanted:
                entry = before.pop((want.trigger, want.subject), None)
                start = _start(want, info.state.last_seq, first=want.subject not in taken, foreign=foreign)
                floor = entry.floor if entry else found.get(want.consumer, start)
                entries.append(Entry(namespace, sensor, want.trigger, want.subject, want.consumer, floor, time.time()))
            # Triggers that left the document stay registered: what waits for them is seen to after a while (`retire`).
            return (*entries, *before.values())

        entries = await self._change(namespace, sensor, step)
        return {(e.trigger, e.subject): Place(e.floor) for e in entries}

    async def entries(self) -> list[Entry]:
        """Give every registered trigger of every sensor; none before the first one made the register. Raises `Unavailable`."""
        try:
            records = await self._records(await self._born())
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise Unavailable(f"the register of triggers: {str(error) or type(error).__name__}") from error
        return [entry for record in records.values() for entry in record.entries]

    async def raise_floors(self, namespace: str, sensor: str, floors: Mapping[str, int]) -> None:
        """Write the floors of a sensor's consumers, by consumer name; a floor never goes down."""

        def step(own: _Record, _: Iterable[Entry]) -> tuple[Entry, ...]:
            return tuple(replace(e, floor=max(e.floor, floors.get(e.consumer, 0))) for e in own.entries)

        await self._change(namespace, sensor, step)

    async def keep(self, namespace: str, sensor: str, mine: Collection[tuple[str, str]], floors: Mapping[str, int]) -> None:
        """Raise floors, and say which triggers (by trigger and subject) this pod's document has: they are seen."""
        now = time.time()

        def step(own: _Record, _: Iterable[Entry]) -> tuple[Entry, ...]:
            return tuple(
                replace(
                    e,
                    floor=max(e.floor, floors.get(e.consumer, 0)),
                    seen=now if (e.trigger, e.subject) in mine else e.seen,
                )
                for e in own.entries
            )

        await self._change(namespace, sensor, step)

    async def forget(self, entry: Entry) -> None:
        """Take a trigger out of the register, unless a pod has spoken for it meanwhile."""

        def step(own: _Record, _: Iterable[Entry]) -> tuple[Entry, ...]:
            key = (entry.trigger, entry.subject, entry.seen)
            return tuple(e for e in own.entries if (e.trigger, e.subject, e.seen) != key)

        await self._change(entry.namespace, entry.sensor, step)

    async def _change(self, namespace: str, sensor: str, step: "_Step") -> tuple[Entry, ...]:
        """Change the record of a sensor by compare-and-set, as often as somebody else is faster."""
        bucket, born, key = await self._bucket(), await self._born(), _key(namespace, sensor)
        for _ in range(_TRIES):
            records = await self._records(born)
            own = records.get(key, _Record(born=born))
            entries = step(own, [entry for record in records.values() for entry in record.entries])
            changed = _Record(own.revision, born, entries)
            if changed == own or await _write(bucket, key, changed):
                return entries
        raise Unavailable("the register of triggers changes too fast")

    async def _bucket(self) -> KeyValue:
        return await self._bus.jetstream.key_value(self._bus.names.register)

    async def _born(self) -> str:
        """Tell the stream that is there from one of the same name that was before."""
        created = (await self._bus.jetstream.stream_info(self._bus.names.stream)).created
        return created.isoformat() if created else ""

    async def _records(self, born: str) -> dict[str, _Record]:
        """Read all records. A floor on a stream that was taken away says nothing about the one that is there."""
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
            document = orjson.loads(found.data or b"{}")
            known = document.get("stream", "")
            entries = tuple(Entry(**entry) for entry in document.get("triggers", ()))
            if known != born:
                entries = tuple(replace(entry, floor=0) for entry in entries)
            records[key] = _Record(found.revision, known, entries)
        return records


_Step = Callable[[_Record, Iterable[Entry]], tuple[Entry, ...]]


def _key(namespace: str, sensor: str) -> str:
    return f"{safe(namespace)}.{safe(sensor)}"


def _start(want: Wanted, last: int, *, first: bool, foreign: bool) -> int:
    if want.start_from == "oldest":
        return 0
    if want.start_from == "next" or foreign:
        return last
    return 0 if first else last


async def _write(bucket: KeyValue, key: str, record: _Record) -> bool:
    value = orjson.dumps({"stream": record.born, "triggers": [asdict(entry) for entry in record.entries]})
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
