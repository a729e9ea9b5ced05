"""One subscription to the answers of one consumer: requests out, messages and statuses in.

nats-py's own `fetch` makes a task for each message and a request for each batch; an inbox with a callback and requests that
are renewed while others stand takes a quarter of the time (reference/libraries.md §3).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from sensor.consume import wire

DRAIN_TIMEOUT = 5.0
"""Seconds to take what the server has sent already."""


@dataclass(slots=True)
class _Ask:
    """A request: when it was made, by the loop's clock, and how many messages of it have not come."""

    at: float
    left: int


class Pull:
    """Requests that stand, and what came of them. `broken` says why the subscription has to be made anew.

    `arrived` hears of each message, and when it was asked for: the server cannot have sent it before. (What came from the
    server last says nothing: after a pause of this process all of it may have lain here for long.)
    """

    def __init__(
        self,
        client: Client,
        *,
        stream: str,
        consumer: str,
        arrived: Callable[[Msg, float], None],
        changed: Callable[[], None],
    ) -> None:
        self.broken = ""
        self._asks: deque[_Ask] = deque()
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = ""
        self._arrived = arrived
        self._changed = changed
        self._subscription: Subscription | None = None
        self._heard = asyncio.get_running_loop().time()

    @property
    def outstanding(self) -> int:
        """How many messages are asked for and have not come."""
        return sum(ask.left for ask in self._asks)

    async def open(self) -> None:
        """Subscribe, and again after `leave`: to a new inbox, so that what was asked for before finds nobody.

        What comes is bounded by what was asked for, so the client needs no limits of its own.
        """
        self._inbox = self._client.new_inbox()
        self._asks.clear()
        self._subscription = await self._client.subscribe(self._inbox, cb=self._on_message, pending_bytes_limit=-1)

    async def ask(self, batch: int) -> None:
        """Ask for so many messages more."""
        now = asyncio.get_running_loop().time()
        if not self.outstanding:
            self._heard = now
        self._asks.append(_Ask(now, batch))
        await self._client.publish(self._subject, wire.request(batch), reply=self._inbox)

    def silent(self) -> bool:
        """Say whether the server owes us a sign of life."""
        return self.outstanding > 0 and asyncio.get_running_loop().time() - self._heard > wire.SILENCE

    async def leave(self) -> None:
        """Take back our interest, then take what is under way: nothing that was sent to us is dropped."""
        subscription, self._subscription = self._subscription, None
        if subscription is None:
            return
        try:
            async with asyncio.timeout(DRAIN_TIMEOUT):
                await subscription.drain()  # type: ignore[no-untyped-call] # the library leaves it so
        except (nats.errors.Error, TimeoutError, OSError):
            # The connection is gone, and with it what was under way: the bus gives it again.
            subscription._stop_processing()  # noqa: SLF001 - the library has no call that works without a connection

    async def _on_message(self, message: Msg) -> None:
        self._heard = asyncio.get_running_loop().time()
        if wire.is_message(message.reply):
            self._arrived(message, self._done(1))
            return
        status = wire.status(message.headers)
        if status.code == wire.HEARTBEAT_STATUS:
            return
        self._done(status.undone)
        if status.fatal:
            self.broken = f"{status.code} {status.text}".strip()
        self._changed()

    def _done(self, count: int) -> float:
        """Count so many messages off, the oldest request first, as the server serves them; gives when that was made."""
        asked = self._asks[0].at if self._asks else self._heard
        while count and self._asks:
            first = self._asks[0]
            taken = min(count, first.left)
            first.left, count = first.left - taken, count - taken
            if not first.left:
                self._asks.popleft()
        return asked
