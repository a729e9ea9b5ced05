"""What is on the bus: our streams and buckets, the triggers that are registered, other consumers, and who holds what back."""

import asyncio
from dataclasses import dataclass

import nats.errors
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo, StreamInfo
from nats.js.errors import NotFoundError

from common.bus import Bus
from common.bus.clock import bus_time
from common.bus.consumers import ack_floor, consumers_of
from common.bus.purge import Held, held
from common.bus.reconcile import OWNER
from common.bus.register import Entry, Register
from common.bus.retire import waiting
from common.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Stream:
    """One of our streams or buckets. `owner` is empty where it carries no mark of ours; a limit is -1 where there is none."""

    name: str
    owner: str
    messages: int
    bytes: int
    max_bytes: int
    max_msgs_per_subject: int
    replicas: int
    leader: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a subject: a registered trigger, or (without a sensor) another consumer.

    `waiting` and `in_hand` are events; `pods` says whether anybody asks for events now; `seen` is how many seconds ago a pod
    that has the trigger in its document last said so.
    """

    namespace: str
    sensor: str
    trigger: str
    subject: str
    consumer: str
    floor: int
    waiting: int
    in_hand: int
    there: bool
    pods: bool
    seen: float


@dataclass(frozen=True, slots=True)
class Survey:
    """All of it."""

    owner: str
    streams: tuple[Stream, ...]
    readers: tuple[Reader, ...]
    subjects: tuple[Held, ...]


async def survey(bus: Bus) -> Survey:
    """Look at everything. Raises `Unavailable`."""
    js, stream = bus.jetstream, bus.names.stream
    try:
        infos = [info for info in await js.streams_info() if _is_ours(str(info.config.name), stream)]
        if not any(info.config.name == stream for info in infos):
            raise Unavailable(f"there is no stream {stream} on this bus")
        consumers = await consumers_of(bus.client, stream, partial=True)
        register = Register(bus)
        entries, subjects = await register.entries(), await held(bus, register)
        readers = await _readers(js, stream, entries, consumers, await bus_time(bus.client, stream))
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus does not tell: {str(error) or type(error).__name__}") from error
    ordered = sorted(infos, key=lambda info: str(info.config.name).removeprefix("KV_"))
    return Survey(bus.config.owner, tuple(map(_stream, ordered)), tuple(readers), tuple(subjects))


async def at_work(js: JetStreamContext, stream: str, entry: Entry, *, looks: int = 3, pause: float = 0.5) -> bool:
    """Say whether any pod asks for events of a trigger; a request may just be renewed, so it is looked at several times."""
    for look in range(looks):
        if look:
            await asyncio.sleep(pause)
        try:
            if (await js.consumer_info(stream, entry.consumer)).num_waiting:
                return True
        except NotFoundError:
            return False
    return False


async def _readers(
    js: JetStreamContext, stream: str, entries: list[Entry], consumers: list[ConsumerInfo], now: float
) -> list[Reader]:
    by_name = {str(c.name): c for c in consumers}
    readers = []
    for entry in sorted(entries, key=lambda entry: (entry.title, entry.subject)):
        info = by_name.pop(entry.consumer, None)
        behind = (info.num_pending or 0) if info else await waiting(js, stream, entry)
        readers.append(
            Reader(
                entry.namespace,
                entry.sensor,
                entry.trigger,
                entry.subject,
                entry.consumer,
                max(entry.floor, ack_floor(info) if info else 0),
                behind,
                (info.num_ack_pending or 0) if info else 0,
                info is not None,
                bool(info and info.num_waiting),
                now - entry.seen,
            )
        )
    return readers + [_other(info) for _, info in sorted(by_name.items())]


def _other(info: ConsumerInfo) -> Reader:
    subjects = [info.config.filter_subject or "", *(info.config.filter_subjects or [])]
    return Reader(
        "",
        "",
        "",
        ",".join(s for s in subjects if s) or ">",
        str(info.name),
        ack_floor(info),
        info.num_pending or 0,
        info.num_ack_pending or 0,
        there=True,
        pods=bool(info.num_waiting),
        seen=0.0,
    )


def _is_ours(name: str, stream: str) -> bool:
    return name == stream or name.removeprefix("KV_").startswith(f"{stream}-")


def _stream(info: StreamInfo) -> Stream:
    config = info.config
    return Stream(
        str(config.name),
        (config.metadata or {}).get(OWNER, ""),
        info.state.messages,
        info.state.bytes,
        config.max_bytes or -1,
        config.max_msgs_per_subject or -1,
        config.num_replicas or 1,
        (info.cluster.leader or "") if info.cluster else "",
    )
