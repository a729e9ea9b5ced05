"""Replays for a trigger that nobody has any more: back to the dead letters, whole, as if they had never been sent."""

from datetime import UTC, datetime

import nats.errors
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from common import cloudevent
from common.bus.connection import Bus
from common.bus.drain import drained
from common.bus.register import Entry
from common.deadletters import DeadLetter, DeadLetters, replay
from common.errors import Unavailable
from common.subjects import replayer, unsafe

REASON = "trigger_removed"
"""The reason of dead letters whose trigger left the bus."""


async def give_back(bus: Bus, namespace: str, sensor: str, trigger: str) -> bool:
    """Park what was on its way back to a trigger, and take its way off the bus.

    Gives False if somebody still has some of it in hand. Raises `Unavailable`.
    """
    owner, stream, js = f"{namespace}/{sensor}", bus.names.replays, bus.jetstream
    subject, consumer, letters = bus.names.replay(owner, trigger), replayer(owner, trigger), DeadLetters(bus)
    config = ConsumerConfig(durable_name=consumer, ack_policy=AckPolicy.EXPLICIT, filter_subject=subject)
    try:
        waiting = (await js.stream_info(stream, subjects_filter=subject)).state.subjects
        if waiting and not await drained(js, stream, config, lambda m: letters.park(_letter(namespace, sensor, trigger, m))):
            return False
        await js.delete_consumer(stream, consumer)
    except NotFoundError:
        # There is no way back, or no such stream: no sensor of this version has run here.
        return True
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"replays of {owner}/{trigger} wait: {str(error) or type(error).__name__}") from error
    return True


async def stranded(bus: Bus, namespace: str, sensor: str, entries: list[Entry]) -> list[str]:
    """Give the triggers of a sensor for which replays wait although they are not registered. Raises `Unavailable`."""
    registered = {entry.trigger for entry in entries if (entry.namespace, entry.sensor) == (namespace, sensor)}
    ways = bus.names.replays_of(f"{namespace}/{sensor}")
    try:
        found = (await bus.jetstream.stream_info(bus.names.replays, subjects_filter=ways)).state.subjects or {}
    except NotFoundError:
        return []
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"replays are not looked at: {str(error) or type(error).__name__}") from error
    return sorted({unsafe(subject.rpartition(".")[2]) for subject in found} - registered)


def _letter(namespace: str, sensor: str, trigger: str, message: Msg) -> DeadLetter:
    origin, now = replay.read(message.headers or {}), cloudevent.timestamp(datetime.now(UTC))
    return DeadLetter(
        kind="sensor",
        namespace=namespace,
        owner=sensor,
        part=trigger,
        reason=REASON,
        detail=f"it was on its way back to trigger {trigger} of sensor {namespace}/{sensor}, which is gone",
        # Another letter than the one that was sent back, which the bus may still remember.
        identity=f"{origin.sequence}/{REASON}/{message.metadata.sequence.stream}",
        body=message.data,
        first=now,
        last=now,
        attempts=0,
        subject=origin.subject,
        sequence=origin.sequence,
        headers=origin.headers,
    )
