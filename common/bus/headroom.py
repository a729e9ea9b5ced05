"""How full a foreign stream is with events that nobody has read yet.

A stream that Argo Events made throws its oldest events away when it is full, read or not (its default: 50,000 events).
There the source must stop before that: what does not fit waits in SQS.
"""

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StreamInfo

from common.bus.purge import ack_floor, consumers_of, reads

UNREAD_LIMIT = 0.8
"""The share of a foreign stream that may be filled with unread events."""


async def unread_share(js: JetStreamContext, stream: str, subject: str) -> float:
    """Give the share of the stream's limits that unread events take, 0 where nothing is thrown away.

    Unread is what lies behind the ack floor of the slowest consumer of the subject, or everything if it has none.
    """
    info = await js.stream_info(stream)
    if info.config.discard != DiscardPolicy.OLD or not info.state.messages:
        return 0.0
    consumers = await consumers_of(js, stream)
    floor = min((ack_floor(c) for c in consumers if reads(c, subject)), default=0)
    return share(info, unread=info.state.last_seq - max(floor, info.state.first_seq - 1))


def share(info: StreamInfo, *, unread: int) -> float:
    """Give the share of the tighter of both limits; bytes are counted by the average event."""
    messages, size = info.config.max_msgs or 0, info.config.max_bytes or 0
    unread = min(unread, info.state.messages)
    by_count = unread / messages if messages > 0 else 0.0
    by_size = unread * info.state.bytes / info.state.messages / size if size > 0 else 0.0
    return max(by_count, by_size)
