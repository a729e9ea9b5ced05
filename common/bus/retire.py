"""A trigger that nobody has any more: what waits for it goes to the dead letters, then it leaves the register and the bus.

Order: letters stored, events acked, floor written, subject purged, replays given back, consumer deleted, trigger forgotten. A
crash anywhere begins again where it stopped.
"""

from datetime import UTC, datetime

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from common import cloudevent
from common.bus.connection import Bus
from common.bus.consumers import ack_floor, consumers_of
from common.bus.drain import Progress, drained
from common.bus.purge import purge_subject
from common.bus.reconcile import OWNER
from common.bus.register import Entry, Register
from common.bus.unreplayed import REASON, give_back
from common.deadletters import DeadLetter, DeadLetters
from common.errors import Unavailable


async def retire(bus: Bus, register: Register, entry: Entry, *, park: bool, progress: Progress = lambda _: None) -> bool:
    """See to what waits for a trigger on a subject, park it or drop it, and take it off the bus.

    What was on its way back to the trigger is parked in any case, once no other subject of it is left: it was asked for.
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
        await register.raise_floors(entry.namespace, entry.sensor, {(entry.consumer, entry.subject): floor})
        if not park:
            # Or its own ack floor would keep what is dropped.
            await _delete(js, stream, entry.consumer)
        if (info.config.metadata or {}).get(OWNER) == bus.config.owner:
            # On a stream of somebody else only what is ours goes: the consumer.
            await purge_subject(bus, entry.subject, await register.entries(), await consumers_of(bus.client, stream))
        if await _is_last(register, entry) and not await give_back(bus, entry.namespace, entry.sensor, entry.trigger):
            return False
        await _delete(js, stream, entry.consumer)
        await register.forget(entry)
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
    letters = DeadLetters(bus)
    config = ConsumerConfig(
        name=entry.consumer,
        durable_name=entry.consumer,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=entry.floor + 1,
        ack_policy=AckPolicy.EXPLICIT,
        filter_subject=entry.subject,
        metadata={OWNER: entry.title},
    )
    return await drained(bus.jetstream, bus.names.stream, config, lambda m: letters.park(_letter(entry, m)), progress)


async def _is_last(register: Register, entry: Entry) -> bool:
    """Say whether the trigger has no other subject."""
    of_trigger = [each for each in await register.entries() if each.title == entry.title]
    return all(each.subject == entry.subject for each in of_trigger)


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
        detail=f"trigger {entry.trigger} of sensor {entry.namespace}/{entry.sensor} is gone, or wants other events now",
        identity=f"{metadata.sequence.stream}/{REASON}",
        body=message.data,
        first=now,
        last=now,
        attempts=0,
        subject=message.subject,
        sequence=metadata.sequence.stream,
        headers=dict(message.headers or {}),
    )
