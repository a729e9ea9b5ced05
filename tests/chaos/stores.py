"""What the bus itself knows: what is stored in a stream from a sequence on, and which events wait in a join."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from common.bus.keys import value_of
from common.subjects import Names
from sensor.joinstate import JoinKey

NAMES = Names()
"""The names on the bus: the pods are given none."""


@dataclass(frozen=True)
class Stored:
    """One message of a stream."""

    sequence: int
    subject: str
    headers: Mapping[str, str]
    body: bytes


async def stored(js: JetStreamContext, stream: str, start: int) -> list[Stored]:
    """Give what is stored from this sequence on, nothing where there is no stream."""
    try:
        state = (await js.stream_info(stream)).state
    except NotFoundError:
        return []
    if state.last_seq < start or not state.messages:
        return []
    config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start)
    subscription = await js.subscribe(">", stream=stream, config=config, ordered_consumer=True)
    found: list[Stored] = []
    while not found or found[-1].sequence < state.last_seq:
        message = await subscription.next_msg(timeout=10)
        found.append(Stored(message.metadata.sequence.stream, message.subject, message.headers or {}, message.data))
    return found


@dataclass(frozen=True)
class Join:
    """The index of one trigger's join: the hashes of those that wait, and how many sets fire and events are let go now."""

    waiting: Sequence[str] = ()
    firing: int = 0
    leaving: int = 0


async def join(js: JetStreamContext, key: JoinKey) -> Join:
    """Give it; empty where nothing ever joined."""
    try:
        found = await value_of(js, NAMES.joins, f"index.{key.prefix}")
    except NotFoundError:
        return Join()
    index: dict[str, Any] = orjson.loads(found.data) if found else {}
    waiting = [str(row[1]) for row in index.get("waiting", ())]
    return Join(waiting, len(index.get("firing", ())), len(index.get("leaving", ())))
