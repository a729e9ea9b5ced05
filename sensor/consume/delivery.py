"""A message in hand. Acks are plain publishes: one that is lost costs a redelivery, which the ledger answers."""

import asyncio
from collections.abc import Awaitable, Callable

from sensor.consume import wire
from sensor.ports import Envelope

Say = Callable[[str, bytes], Awaitable[None]]
"""Publishes to the reply subject of a message."""


class BusDelivery:
    """One delivery; see `sensor.ports.Delivery`."""

    __slots__ = ("_ours_until", "_reply", "_say", "early", "envelope", "settled", "uncounted")

    def __init__(self, envelope: Envelope, reply: str, say: Say, *, early: bool, uncounted: bool, ours_until: float) -> None:
        self.envelope = envelope
        self.early = early
        self.uncounted = uncounted
        self.settled = ""
        self._reply = reply
        self._ours_until = ours_until
        self._say = say

    def is_stale(self) -> bool:
        """Say whether the bus may have given it to somebody else meanwhile."""
        return asyncio.get_running_loop().time() > self._ours_until

    async def ack(self) -> None:
        """Say that it is done with."""
        self.settled = "ack"
        await self._say(self._reply, wire.ACK)

    async def nak(self, after: float) -> None:
        """Give it back, to come again after so many seconds."""
        self.settled = "nak"
        await self._say(self._reply, wire.nak(after))

    async def in_progress(self) -> None:
        """Keep it ours."""
        await self._say(self._reply, wire.IN_PROGRESS)
