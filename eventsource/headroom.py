"""On a stream that throws its oldest events away, read or not, we publish only while what is unread leaves room.

Such a stream is one that Argo Events made. The room is looked at every few seconds, and when it is used up; in between it
is counted down. Half of it is ours at a time: others publish there as well. Where none is left a publish is
`Unavailable`, so the breaker holds back the polling, keeps alive what is in hand, and asks again; all else waits in SQS.
"""

import asyncio
from collections.abc import Awaitable, Callable

from common.bus.headroom import FRAME, UNREAD_LIMIT, Room
from common.cloudevent import CloudEvent
from common.errors import Unavailable
from eventsource.metrics import QueueMetrics
from eventsource.ports import Publisher

EVERY = 5.0
"""Seconds between two looks while there is room."""
SOONEST = 0.5
"""Seconds between two looks while there is none."""
OVERHEAD = 1024
"""Bytes that an event takes on the bus beside its data, at most: its context and headers."""

Look = Callable[[], Awaitable[Room]]


class Headroom:
    """Stands before the publisher of one queue."""

    def __init__(self, publisher: Publisher, look: Look, metrics: QueueMetrics) -> None:
        self._publisher = publisher
        self._look = look
        self._metrics = metrics
        self._room = Room(0.0, 0.0, 0.0)
        self._full = False
        self._under_way = 0
        self._bytes_under_way = 0
        self._looked = -EVERY
        self._turn = asyncio.Lock()

    async def publish(self, event: CloudEvent, *, attempt: int) -> str:
        """Publish, if there is room. Raises `Unavailable` if not, and what the publisher raises."""
        size = len(event.data or b"") * 4 // 3 + OVERHEAD
        if not await self._take(size):
            share = f"{self._room.share:.0%} of it, the limit is {UNREAD_LIMIT:.0%}"
            raise Unavailable(f"the stream throws old events away, and too many of them are unread: {share}")
        self._under_way += 1
        self._bytes_under_way += size + FRAME
        try:
            return await self._publisher.publish(event, attempt=attempt)
        finally:
            self._under_way -= 1
            self._bytes_under_way -= size + FRAME

    async def _take(self, size: int) -> bool:
        if self._fresh(EVERY) and self._room.take(size):
            return True
        async with self._turn:
            if self._fresh(EVERY) and self._room.take(size):
                return True  # somebody looked while we waited for our turn
            if self._full and self._fresh(SOONEST):
                return False
            # What is under way now may not be in what the server counts.
            under_way, bytes_under_way = self._under_way, self._bytes_under_way
            room = await self._look()
            self._looked = asyncio.get_running_loop().time()
            self._metrics.unread.set(room.share)
            messages, space = room.messages - under_way, room.size - bytes_under_way
            # The last places are used as well, or an event that takes more than half of them would never go.
            self._room = Room(room.share, min(messages, max(1.0, messages / 2)), min(space, max(size + FRAME, space / 2)))
            self._full = not self._room.take(size)
            return not self._full

    def _fresh(self, seconds: float) -> bool:
        return asyncio.get_running_loop().time() - self._looked < seconds
