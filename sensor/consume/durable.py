"""The durable consumer of one trigger and subject: made, found again, taken over from Argo Events, or made anew.

Its settings are those of delivery.md §4: no limit of deliveries and none of what is pending, because the sensor bounds what
it holds by what it asks for, and a few delayed messages must not block everybody else.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy
from nats.js.errors import NotFoundError

from common.bus import Bus
from common.bus.consumers import ack_floor, consumers_of
from common.bus.register import Place
from common.errors import Refused

_OWNER = "argosy.io/owner"
_SUBJECT = "argosy.io/subject"
_UNLIMITED = -1
_REPLAYS_IDLE = 24 * 3600.0
"""Seconds after which the consumer of replays goes that nobody asks for any."""

Find = Callable[[], Awaitable[Place]]
"""Asks the register under which name a trigger listens, and where its consumer has to start if it does not exist."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One trigger's way to one subject; `replays`: to the one on which its dead letters come back."""

    stream: str
    subject: str
    name: str
    namespace: str
    sensor: str
    trigger: str
    ack_wait: float = 60.0
    replays: bool = False

    @property
    def metadata(self) -> dict[str, str]:
        """What the consumer carries, so that two triggers that meet in one name are told apart."""
        return {_OWNER: f"{self.namespace}/{self.sensor}/{self.trigger}", _SUBJECT: self.subject}


async def ensure(bus: Bus, channel: Channel, find: Find) -> ConsumerInfo:
    """Give the consumer as we need it; it may have another name. Raises `Refused` where its name belongs to somebody else."""
    js = bus.jetstream
    found = await _look(js, channel)
    if found is None or (found.config.filter_subject != channel.subject and not _of_others(found, channel)):
        # It is not there, or it still stands for the event that our dependency named before.
        place = await find()
        channel = replace(channel, name=place.consumer)
        found = await _look(js, channel)
        if found is None:
            return await _make(bus, channel, place.floor)
    if owner := _of_others(found, channel):
        raise Refused(f"consumer {channel.name} belongs to {owner}: rename this trigger or its dependency")
    if found.config.filter_subject != channel.subject:
        raise Refused(f"consumer {channel.name} reads {found.config.filter_subject}, not {channel.subject}")
    if found.config.deliver_subject:
        raise Refused(f"consumer {channel.name} is a push consumer of somebody else")
    wanted = replace(
        found.config,
        name=channel.name,
        durable_name=channel.name,
        ack_wait=channel.ack_wait,
        max_ack_pending=_UNLIMITED,
        max_deliver=_UNLIMITED,
        backoff=None,
        metadata={**(found.config.metadata or {}), **channel.metadata},
    )
    return found if _same(found.config, wanted) else await js.add_consumer(channel.stream, wanted)


async def _look(js: JetStreamContext, channel: Channel) -> ConsumerInfo | None:
    try:
        found: ConsumerInfo = await js.consumer_info(channel.stream, channel.name)
    except NotFoundError:
        return None
    return found


def _of_others(found: ConsumerInfo, channel: Channel) -> str:
    """Say whose a consumer is, if it is not ours; one without a mark may be ours from Argo Events."""
    owner = str((found.config.metadata or {}).get(_OWNER, ""))
    return "" if owner == channel.metadata[_OWNER] else owner


async def _make(bus: Bus, channel: Channel, start: int) -> ConsumerInfo:
    """Make the consumer behind its floor, or where its predecessor stands that had another name."""
    js = bus.jetstream
    old = [c for c in await consumers_of(bus.client, channel.stream, partial=True) if _predecessor(c, channel)]
    start = max([start, *map(ack_floor, old)])
    made = await js.add_consumer(
        channel.stream,
        ConsumerConfig(
            name=channel.name,
            durable_name=channel.name,
            description=f"Argosy: trigger {channel.trigger} of sensor {channel.namespace}/{channel.sensor}",
            # A consumer of a work queue may start nowhere but at the beginning.
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE if start else DeliverPolicy.ALL,
            opt_start_seq=start + 1 if start else None,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=channel.ack_wait,
            max_deliver=_UNLIMITED,
            max_ack_pending=_UNLIMITED,
            filter_subject=channel.subject,
            metadata=channel.metadata,
            # What waits for a trigger stays without its consumer, so that of a trigger that left need not stay for ever.
            inactive_threshold=_REPLAYS_IDLE if channel.replays else None,
        ),
    )
    for consumer in old:
        # The name follows from the dependency's; the old one would hold the stream back for ever.
        await js.delete_consumer(channel.stream, consumer.name)
    return made


def _same(found: ConsumerConfig, wanted: ConsumerConfig) -> bool:
    fields = ("ack_wait", "max_ack_pending", "max_deliver", "backoff", "metadata")
    return all((getattr(found, field) or None) == (getattr(wanted, field) or None) for field in fields)


def _predecessor(consumer: ConsumerInfo, channel: Channel) -> bool:
    metadata = consumer.config.metadata or {}
    return consumer.name != channel.name and all(metadata.get(key) == value for key, value in channel.metadata.items())
