"""The state of joins on the bus, shared by all replicas: an index a trigger, changed by compare-and-set, and the bodies.

A body is written before the index names it and deleted after the index has forgotten it, so what the index names is there. A
crash in between leaves a body that nobody names: `sweep` takes it away.
"""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import nats.errors
import orjson
from nats.js.errors import (
    APIError,
    KeyWrongLastSequenceError,
    NotFoundError,
)
from nats.js.kv import KeyValue

from common.bus import Bus
from common.bus.clock import bus_time
from common.bus.keys import Value, keys_of, value_of
from common.errors import Rejected, Unavailable
from sensor.dependencies.join import Asking, Begun, Body, Fate, Index, Leaving, Waiting

_TRIES = 100
"""Compare-and-set is tried this often in a row before the bus is called too busy; each try reads what was faster."""
_ORPHAN_AFTER = 600.0
"""Seconds after which a body that no index names was left behind by a crash."""
_TOO_LARGE = 10054
"""JetStream: message size exceeds the maximum allowed (server/errors.json)."""
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class JoinKey:
    """Whose join it is."""

    namespace: str
    sensor: str
    trigger: str

    @property
    def of_sensor(self) -> str:
        """The token of its sensor in all its keys."""
        return _token(f"{self.namespace}/{self.sensor}")

    @property
    def prefix(self) -> str:
        """Its tokens in all its keys: hashes, because names may hold anything and be of any length."""
        return f"{self.of_sensor}.{_token(self.trigger)}"


def _token(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:24]


async def joined_triggers(bus: Bus, namespace: str, sensor: str) -> set[str]:
    """Give the triggers of a sensor that have ever joined events, those among them that its document has no more."""
    of_sensor = JoinKey(namespace, sensor, "").of_sensor
    try:
        keys = await keys_of(bus.jetstream, bus.names.joins, f"index.{of_sensor}.*")
        values = [await value_of(bus.jetstream, bus.names.joins, key) for key in keys]
    except NotFoundError:
        return set()
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise _unavailable(error) from error
    return {str(orjson.loads(value.data)["trigger"]) for value in values if value}


@dataclass(slots=True)
class _Asked:
    """A change that somebody waits for. `taken`: it is on its way; if it is not `done` when that ended, it failed."""

    step: Callable[[Index], tuple[Index, Any]]
    taken: bool = False
    done: bool = False
    result: Any = None


class BusJoin:
    """See `sensor.dependencies.join.JoinState`."""

    def __init__(self, bus: Bus, key: JoinKey) -> None:
        self._bus = bus
        self._trigger = key.trigger
        self._index_key = f"index.{key.prefix}"
        self._bodies = f"body.{key.prefix}"
        self._known: tuple[int, Index] | None = None
        self._asked: list[_Asked] = []
        self._one = asyncio.Lock()
        self._bucket: KeyValue | None = None
        self._generation = -1

    async def load(self) -> Index:
        """Give the index as it is now. Raises `Unavailable`."""
        async with self._one:
            self._known = None
            return (await self._current())[1]

    def change(self, step: Callable[[Index], tuple[Index, ResultT]]) -> Coroutine[Any, Any, ResultT]:
        """Change the index, after all changes that were asked for before. Raises `Unavailable`.

        Those that are asked for while one is on its way to the bus go there together.
        """
        asked = _Asked(step)
        self._asked.append(asked)
        return self._changed(asked)

    async def _changed(self, asked: "_Asked") -> Any:  # noqa: ANN401 - what the step gives
        async with self._one:
            if not asked.taken:
                await self._apply()
        if not asked.done:
            raise Unavailable("the state of the join was not changed")
        return asked.result

    async def _apply(self) -> None:
        """Make all changes that are asked for in one, as often as another pod is faster."""
        all_asked, self._asked = self._asked, []
        for asked in all_asked:
            asked.taken = True
        for _ in range(_TRIES):
            revision, index = await self._current()
            changed, results = index, []
            for asked in all_asked:
                changed, result = asked.step(changed)
                results.append(result)
            if changed == index or await self._write(revision, changed):
                for asked, result in zip(all_asked, results, strict=True):
                    asked.done, asked.result = True, result
                return
            self._known = None
        raise Unavailable("the state of the join changes too fast")

    async def keep(self, digest: str, body: Body) -> None:
        """Store an event. Raises `Unavailable`, and `Rejected("too_large")` for what the bus can never hold."""
        head = {
            "subject": body.subject,
            "sequence": body.sequence,
            "headers": dict(body.headers),
            "original": len(body.original),
        }
        text = orjson.dumps(head) + b"\n" + body.original + (b"" if body.event == body.original else body.event)
        try:
            await (await self._open()).put(f"{self._bodies}.{digest}", text)
        except (nats.errors.MaxPayloadError, APIError) as error:
            if isinstance(error, APIError) and error.err_code != _TOO_LARGE:
                raise _unavailable(error) from error
            raise Rejected("too_large", f"the event does not fit the bucket of joins: {error}") from error
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error

    async def body(self, digest: str) -> Body | None:
        """Give a stored event; None where it is not there. Raises `Unavailable`."""
        found = await self._stored(digest)
        if found is None:
            return None
        head, _, rest = found.data.partition(b"\n")
        read = orjson.loads(head)
        original, event = rest[: read["original"]], rest[read["original"] :]
        return Body(event or original, original, read["subject"], read["sequence"], read["headers"])

    async def drop(self, digests: Collection[str]) -> None:
        """Delete stored events. Raises `Unavailable`."""
        names = self._bus.names
        try:
            for digest in digests:
                # Not the bucket's own delete: that leaves a marker behind for each of the keys, which never come again.
                await self._bus.jetstream.purge_stream(
                    f"KV_{names.joins}", subject=f"$KV.{names.joins}.{self._bodies}.{digest}"
                )
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error

    async def sweep(self) -> int:
        """Delete bodies that no index names and that are old enough not to be about to be named; gives how many."""
        index = await self.load()
        named = {event.digest for event in _events(index)}
        try:
            keys = await keys_of(self._bus.jetstream, self._bus.names.joins, f"{self._bodies}.*")
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error
        left = [digest for key in keys if (digest := key.rpartition(".")[2]) not in named]
        now = await self._time(f"KV_{self._bus.names.joins}")
        old = [digest for digest in left if (body := await self._stored(digest)) and now - body.stored > _ORPHAN_AFTER]
        await self.drop(old)
        return len(old)

    async def now(self) -> float:
        """Give the time by the bus' clock, which stamps the events. Raises `Unavailable`."""
        return await self._time(self._bus.names.stream)

    async def _time(self, stream: str) -> float:
        try:
            return await bus_time(self._bus.client, stream)
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error

    async def lost(self, sequence: int) -> bool:
        """Say whether the bus has an event no more. Raises `Unavailable`."""
        try:
            await self._bus.jetstream.get_msg(self._bus.names.stream, sequence)
        except NotFoundError:
            return True
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error
        return False

    async def _stored(self, digest: str) -> Value | None:
        try:
            return await value_of(self._bus.jetstream, self._bus.names.joins, f"{self._bodies}.{digest}")
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error

    async def _current(self) -> tuple[int, Index]:
        if self._known is None:
            try:
                # Opened first: what was known is forgotten with a connection.
                await self._open()
                found = await value_of(self._bus.jetstream, self._bus.names.joins, self._index_key)
                self._known = (found.revision, _read(orjson.loads(found.data))) if found else (0, Index())
            except (nats.errors.Error, TimeoutError, OSError) as error:
                raise _unavailable(error) from error
        return self._known

    async def _write(self, revision: int, index: Index) -> bool:
        value = orjson.dumps({"trigger": self._trigger, **_written(index)})
        try:
            bucket = await self._open()
            made = await (
                bucket.update(self._index_key, value, last=revision) if revision else bucket.create(self._index_key, value)
            )
        except KeyWrongLastSequenceError:
            return False
        except (nats.errors.Error, TimeoutError, OSError) as error:
            # It may have been written all the same: the next one reads what there is.
            self._known = None
            raise _unavailable(error) from error
        self._known = made, index
        return True

    async def _open(self) -> KeyValue:
        if self._bucket is None or self._generation != self._bus.generation:
            self._bucket = await self._bus.jetstream.key_value(self._bus.names.joins)
            self._generation = self._bus.generation
            self._known = None
        return self._bucket


def _events(index: Index) -> list[Waiting]:
    joined = [event for begun in index.firing for event in (*begun.joint, begun.by)]
    return [*index.waiting, *joined, *(gone.event for gone in index.leaving)]


def _written(index: Index) -> dict[str, object]:
    return {
        "waiting": [_row(event) for event in index.waiting],
        "firing": [[_row(event) for event in (begun.by, *begun.joint)] for begun in index.firing],
        "leaving": [[_row(gone.event), str(gone.fate)] for gone in index.leaving],
        "reset": index.reset,
        "asking": [[each.digest, each.number] for each in index.asking],
        "asked": index.asked,
    }


def _read(document: Mapping[str, Any]) -> Index:
    return Index(
        waiting=tuple(Waiting(*row) for row in document.get("waiting", ())),
        firing=tuple(Begun(tuple(Waiting(*row) for row in joint), Waiting(*by)) for by, *joint in document.get("firing", ())),
        leaving=tuple(Leaving(Waiting(*row), Fate(fate)) for row, fate in document.get("leaving", ())),
        reset=float(document.get("reset", 0.0)),
        asking=tuple(Asking(*row) for row in document.get("asking", ())),
        asked=int(document.get("asked", 0)),
    )


def _row(event: Waiting) -> list[object]:
    return [event.dependency, event.digest, event.sequence, event.stored]


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"the state of the join cannot be reached: {str(error) or type(error).__name__}")
