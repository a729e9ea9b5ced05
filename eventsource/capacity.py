"""How much of one queue we hold at a time. Capacity comes first, the poll second: nothing is received that has no place."""

import asyncio

BATCH = 10
"""Messages that SQS hands out at most in one receive."""
PATIENCE = 0.05
"""Seconds that a poll waits for places for a whole batch before it goes for fewer."""
FIRST_GUESS = 16 * 1024
"""Bytes of a body before we have seen one."""


class Capacity:
    """Places for messages, and for their bytes. Bytes are reserved by the largest body seen lately."""

    def __init__(self, messages: int, size: int) -> None:
        self._messages = messages
        self._bytes = size
        self._largest = FIRST_GUESS
        self.batch = min(BATCH, messages)
        """Messages that a receive brings when it comes back full."""
        self._freed = asyncio.Event()
        self.held = 0
        """Messages that have a place."""
        self._reserved = 0

    async def take(self) -> int:
        """Wait until there is a place, then give as many as a receive may bring (1 to 10)."""
        while True:
            free = self._free()
            if free < self.batch:
                free = await self._patiently()
            if free:
                self._reserved += free
                return free

    def trade(self, reserved: int, sizes: list[int]) -> None:
        """Give back what was reserved for a receive and occupy what it brought."""
        self._reserved -= reserved
        self.held += len(sizes)
        self._bytes -= sum(sizes)
        if sizes:
            # Grows at once, shrinks slowly: one large body among many small ones is no accident.
            self._largest = max(*sizes, FIRST_GUESS, self._largest * 7 // 8)
        self._freed.set()

    def give(self, size: int) -> None:
        """Give back the place of one message."""
        self.held -= 1
        self._bytes += size
        self._freed.set()

    def _free(self) -> int:
        places = self._messages - self.held - self._reserved
        room = self._bytes // self._largest - self._reserved
        if self.held == 0 and self._reserved == 0:
            room = max(room, 1)  # one message always fits, however large
        return max(0, min(self.batch, places, room))

    async def _patiently(self) -> int:
        self._freed.clear()
        try:
            async with asyncio.timeout(PATIENCE if self._free() else None):
                await self._freed.wait()
        except TimeoutError:
            return self._free()
        return free if (free := self._free()) == self.batch else 0
