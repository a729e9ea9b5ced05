"""A trigger that nobody has any more: what waits for it goes to the dead letters, then it leaves the register and the bus.

Order: letters stored, events acked, floor written, subject purged, trigger forgotten, consumer deleted. A crash anywhere
begins again where it stopped.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from common import cloudevent
from common.bus.connection import Bus
from common.bus.consumers import ack_floor, consumers_of
from common.bus.purge import purge_subject
from common.bus.reconcile import OWNER
from common.bus.register import Entry, Register
from common.deadletters import DeadLetter, DeadLetters
from common.errors import Unavailable

REASON = "trigger_removed"
"""The reason of such dead letters."""
BATCH = 100
"""Events that are parked at a time."""
FETCH_TIMEOUT = 2.0
"""Seconds to wait for events that another pod may have in hand."""

Progress = Callable[[int], None]
"""Hears how many events have been seen to."""


async def retire(bus: Bus, register: Register, entry: Entry, *, park: bool, progress: Progress = lambda _: None) -> bool:
    """See to what waits for a trigger, park it or drop it, and take the trigger off the bus.

    Gives False if somebody still has events of it in hand: then it is not gone yet. Raises `Unavailable`.
    """
    js, stream = bus.jetstream, bus.names.stream
    try:
        if await _somebody_elses(js, stream, entry):
            await register.forget(entry)
            return True
        info = await js.stream_info(stream)
        if park:
            if not await _parked(bus, entry, progress):
                return False
            floor = ack_floor(await js.consumer_info(stream, entry.consumer))
        else:
            floor = info.state.last_seq
        await register.raise_floors(entry.namespace, entry.sensor, {entry.consumer: floor})
        if not park:
            await _delete(js, stream, entry.consumer)
        if (info.config.metadata or {}).get(OWNER) == bus.config.owner:
            # On a stream of somebody else only what is ours goes: the consumer.
            await purge_subject(bus, entry.subject, await register.entries(), await consumers_of(js, stream))
        await register.forget(entry)
        await _delete(js, stream, entry.consumer)
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"trigger {entry.title} stays on the bus: {str(error) or type(error).__name__}") from error
    return True


async def waiting(js: JetStreamContext, stream: str, entry: Entry) -> int:
    """Count the events that wait for a trigger, or are in somebody's hand."""
    try:
        info = await js.consumer_info(stream, entry.consumer)
    except NotFoundError:
        found = await js.stream_info(stream, subjects_filter=entry.subject)
        return (found.state.subjects or {}).get(entry.subject, 0)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def _parked(bus: Bus, entry: Entry, progress: Progress) -> bool:
    """Park what waits; gives whether nothing is left."""
    js, stream, letters = bus.jetstream, bus.names.stream, DeadLetters(bus)
    await _consumer(js, stream, entry)
    subscription = await js.pull_subscribe_bind(entry.consumer, stream)
    done = 0
    try:
        while True:
            try:
                messages = await subscription.fetch(BATCH, timeout=FETCH_TIMEOUT)
            except nats.errors.TimeoutError:
                info = await js.consumer_info(stream, entry.consumer)
                return not info.num_pending and not info.num_ack_pending
            await asyncio.gather(*(letters.park(_letter(entry, message)) for message in messages))
            await asyncio.gather(*(message.ack_sync(timeout=5) for message in messages))
            done += len(messages)
            progress(done)
    finally:
        await subscription.unsubscribe()


async def _consumer(js: JetStreamContext, stream: str, entry: Entry) -> None:
    """Make the consumer at its floor, unless it is there."""
    try:
        await js.consumer_info(stream, entry.consumer)
    except NotFoundError:
        config = ConsumerConfig(
            name=entry.consumer,
            durable_name=entry.consumer,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=entry.floor + 1,
            ack_policy=AckPolicy.EXPLICIT,
            filter_subject=entry.subject,
            metadata={OWNER: entry.title},
        )
        await js.add_consumer(stream, config)


async def _somebody_elses(js: JetStreamContext, stream: str, entry: Entry) -> bool:
    """Say whether the name of the consumer belongs to somebody else now."""
    try:
        config = (await js.consumer_info(stream, entry.consumer)).config
    except NotFoundError:
        return False
    owner = (config.metadata or {}).get(OWNER, entry.title)
    return bool(owner != entry.title or config.filter_subject != entry.subject or config.deliver_subject)


async def _delete(js: JetStreamContext, stream: str, consumer: str) -> None:
    try:
        await js.delete_consumer(stream, consumer)
    except NotFoundError:
        return


def _letter(entry: Entry, message: Msg) -> DeadLetter:
    metadata = message.metadata
    now = cloudevent.timestamp(datetime.now(UTC))
    return DeadLetter(
        kind="sensor",
        namespace=entry.namespace,
        owner=entry.sensor,
        part=entry.trigger,
        reason=REASON,
        detail=f"trigger {entry.trigger} of sensor {entry.namespace}/{entry.sensor} is gone",
        identity=f"{metadata.sequence.stream}/{REASON}",
        body=message.data,
        first=now,
        last=now,
        attempts=0,
        subject=message.subject,
        sequence=metadata.sequence.stream,
        headers=dict(message.headers or {}),
    )
