"""A CloudEvent goes onto the bus; the PubAck is the answer.

The same event always has the same `Nats-Msg-Id`, so that a repetition is stored once. A repetition says so in a header:
the sensor then looks into its ledger first.
"""

from common import cloudevent
from common.bus import Bus
from common.cloudevent import CloudEvent

ATTEMPT = "Argosy-Attempt"
"""Header of a publish that is repeated: the number of the attempt."""


class BusPublisher:
    """Publishes the events of one event source's event."""

    def __init__(self, bus: Bus, source: str, event: str) -> None:
        self._bus = bus
        self._subject = bus.names.event(source, event)
        self._prefix = f"{source}.{event}."

    async def publish(self, event: CloudEvent, *, attempt: int) -> str:
        """Publish and wait for the PubAck; gives `published` or `duplicate`."""
        headers = {"Nats-Msg-Id": self._prefix + event.id}
        if attempt > 1:
            headers[ATTEMPT] = str(attempt)
        ack = await self._bus.publish(self._subject, cloudevent.dump(event), headers)
        return "duplicate" if ack.duplicate else "published"
