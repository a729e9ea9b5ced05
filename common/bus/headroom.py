"""How full a foreign stream is with events that nobody has read yet.

A stream that Argo Events made throws its oldest events away when it is full, read or not (its default: 50,000 events).
There the source must stop before that: what does not fit waits in SQS.
"""

from dataclasses import dataclass

import nats.errors
from nats.aio.client import Client
from nats.js.api import DiscardPolicy, StreamInfo

from common.bus.consumers import ack_floor, consumers_of, reads
from common.errors import Unavailable

UNREAD_LIMIT = 0.8
"""The share of a foreign stream that may be filled with unread events."""

FRAME = 120
"""About what the server adds to a message on its disk."""


@dataclass(slots=True)
class Room:
    """What may still be stored before unread events take `UNREAD_LIMIT` of the stream; `share` is what they take now."""

    share: float
    messages: float
    size: float

    def take(self, size: int) -> bool:
        """Use a place up; False if there is none."""
        if self.messages < 1 or self.size < size + FRAME:
            return False
        self.messages -= 1
        self.size -= size + FRAME
        return True


EVERYTHING = Room(0.0, float("inf"), float("inf"))
"""The room of a stream that throws nothing away: ours, or one that refuses what is new."""


async def room(client: Client, stream: str, subject: str) -> Room:
    """Give the room that a stream has for the events of a subject. Raises `Unavailable`."""
    try:
        info = await client.jetstream().stream_info(stream)
        if info.config.discard != DiscardPolicy.OLD:
            return EVERYTHING
        unread = await _unread(client, info, subject)
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"stream {stream} was not looked at: {str(error) or type(error).__name__}") from error
    taken = min(unread, info.state.messages)
    size = taken * info.state.bytes / info.state.messages if taken else 0.0
    return Room(
        share=share(info, unread=unread) if taken else 0.0,
        messages=_left(info.config.max_msgs, taken),
        size=_left(info.config.max_bytes, size),
    )


def _left(limit: int | None, taken: float) -> float:
    return UNREAD_LIMIT * limit - taken if limit is not None and limit > 0 else float("inf")


async def _unread(client: Client, info: StreamInfo, subject: str) -> int:
    """Count what lies behind the ack floor of the slowest consumer of the subject, or everything if it has none."""
    consumers = await consumers_of(client, str(info.config.name))
    floor = min((ack_floor(c) for c in consumers if reads(c, subject)), default=0)
    return info.state.last_seq - max(floor, info.state.first_seq - 1)


def share(info: StreamInfo, *, unread: int) -> float:
    """Give the share of the tighter of both limits; bytes are counted by the average event."""
    messages, size = info.config.max_msgs or 0, info.config.max_bytes or 0
    unread = min(unread, info.state.messages)
    by_count = unread / messages if messages > 0 else 0.0
    by_size = unread * info.state.bytes / info.state.messages / size if size > 0 else 0.0
    return max(by_count, by_size)
