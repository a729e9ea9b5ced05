"""The register of triggers: who needs which subject, from where on. It lives in a bucket, one record a sensor.

A record is changed by compare-and-set, and holds all triggers of its sensor: they are registered in one step, so a crash
in between can not make one of them start later than its siblings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

import orjson
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError, NoKeysError
from nats.js.kv import KeyValue

from common.bus.connection import Bus
from common.bus.consumers import ack_floor, consumers_of
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
    """A registered trigger on one subject. Events up to `floor` (a stream sequence) are done with."""

    trigger: str
    subject: str
    consumer: str
    floor: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a consumer that does not exist yet has to start: right behind `floor`."""

    floor: int


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
        stream each starts at the next event. One that was registered before goes on at its floor.
        """
        wanted = list(wanted)
        bucket = await self._bucket()
        js, stream = self._bus.jetstream, self._bus.names.stream
        last = (await js.stream_info(stream)).state.last_seq
        # A consumer that is there already, of the Go sensor say, knows better than any rule how far it is.
        found = {str(c.name): ack_floor(c) for c in await consumers_of(js, stream)}
        for _ in range(_TRIES):
            records = await self._records(bucket)
            key = _key(namespace, sensor)
            revision, known = records.get(key, (0, ()))
            before = {(entry.trigger, entry.subject): entry for entry in known}
            taken = {entry.subject for _, entries in records.values() for entry in entries}
            entries = []
            for want in wanted:
                entry = before.pop((want.trigger, want.subject), None)
                start = _start(want, last, first=want.subject not in taken, foreign=foreign)
                floor = entry.floor if entry else found.get(want.consumer, start)
                entries.append(Entry(want.trigger, want.subject, want.consumer, floor))
            # Triggers that left the document stay registered: their events wait until somebody decides about them.
            if await _write(bucket, key, revision, [*entries, *before.values()]):
                return {(e.trigger, e.subject): Place(e.floor) for e in entries}
        raise Unavailable("the register of triggers changes too fast")

    async def entries(self) -> list[Entry]:
        """Give every registered trigger of every sensor."""
        records = await self._records(await self._bucket())
        return [entry for _, entries in records.values() for entry in entries]

    async def floor(self, namespace: str, sensor: str, trigger: str, subject: str) -> int | None:
        """Give the floor of one trigger, or None if it is not registered."""
        records = await self._records(await self._bucket())
        _, entries = records.get(_key(namespace, sensor), (0, ()))
        return next((e.floor for e in entries if (e.trigger, e.subject) == (trigger, subject)), None)

    async def raise_floors(self, namespace: str, sensor: str, floors: Mapping[str, int]) -> None:
        """Write the floors of a sensor's consumers, by consumer name; a floor never goes down."""
        bucket = await self._bucket()
        key = _key(namespace, sensor)
        for _ in range(_TRIES):
            revision, entries = (await self._records(bucket)).get(key, (0, ()))
            raised = [replace(e, floor=max(e.floor, floors.get(e.consumer, 0))) for e in entries]
            if raised == list(entries) or await _write(bucket, key, revision, raised):
                return
        raise Unavailable("the register of triggers changes too fast")

    async def _bucket(self) -> KeyValue:
        return await self._bus.jetstream.key_value(self._bus.names.register)

    async def _records(self, bucket: KeyValue) -> dict[str, tuple[int, tuple[Entry, ...]]]:
        try:
            keys = await bucket.keys()
        except NoKeysError:
            return {}
        records = {}
        for key in keys:
            try:
                found = await bucket.get(key)
            except KeyNotFoundError:
                continue
            document = orjson.loads(found.value or b"{}")
            records[key] = (found.revision or 0, tuple(Entry(**entry) for entry in document.get("triggers", ())))
        return records


def _key(namespace: str, sensor: str) -> str:
    return f"{safe(namespace)}.{safe(sensor)}"


def _start(want: Wanted, last: int, *, first: bool, foreign: bool) -> int:
    if want.start_from == "oldest":
        return 0
    if want.start_from == "next" or foreign:
        return last
    return 0 if first else last


async def _write(bucket: KeyValue, key: str, revision: int, entries: Iterable[Entry]) -> bool:
    value = orjson.dumps({"triggers": [asdict(entry) for entry in entries]})
    try:
        if revision:
            await bucket.update(key, value, last=revision)
        else:
            await bucket.create(key, value)
    except KeyWrongLastSequenceError:
        return False
    return True
