"""The durable consumer of one trigger and subject: made, found again, taken over from Argo Events, or made anew.

Its settings are those of delivery.md §4: no limit of deliveries and none of what is pending, because the sensor bounds what
it holds by what it asks for, and a few delayed messages must not block everybody else.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy
from nats.js.errors import NotFoundError

from common.bus.consumers import ack_floor, consumers_of
from common.errors import Refused

_OWNER = "argosy.io/owner"
_SUBJECT = "argosy.io/subject"
_UNLIMITED = -1
_REPLAYS_IDLE = 24 * 3600.0
"""Seconds after which the consumer of replays goes that nobody asks for any."""

Floor = Callable[[], Awaitable[int]]
"""Gives the stream sequence behind which a consumer that does not exist has to start."""


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


async def ensure(js: JetStreamContext, channel: Channel, floor: Floor) -> ConsumerInfo:
    """Give the consumer as we need it. Raises `Refused` where its name belongs to somebody else."""
    try:
        found = await js.consumer_info(channel.stream, channel.name)
    except NotFoundError:
        return await _make(js, channel, floor)
    owner = (found.config.metadata or {}).get(_OWNER)
    mine = channel.metadata[_OWNER]
    if owner is not None and owner != mine:
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


async def _make(js: JetStreamContext, channel: Channel, floor: Floor) -> ConsumerInfo:
    """Make the consumer behind its floor, or where its predecessor stands that had another name."""
    start = await floor()
    old = [c for c in await consumers_of(js, channel.stream) if _predecessor(c, channel)]
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
