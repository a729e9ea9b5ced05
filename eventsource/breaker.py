"""Between one queue and the bus: while the bus takes nothing, nothing is polled, and one publish at a time asks again.

Each queue has its own: a subject that is full holds back its own queue only. What is held meanwhile is kept alive by
`leases`, so receive counts do not rise. At SIGTERM those who wait here are sent back with `Stopped`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from common import backoff
from common.errors import ServiceError, Unavailable
from common.service import first, pause
from eventsource.ports import Link

FIRST, CAP = 0.25, 10.0
"""Seconds between two probes: after the first failure, and at most."""
BREATH = 0.05
"""Seconds between two looks at a link that says it is there and is not."""

ResultT = TypeVar("ResultT")


class Stopped(ServiceError):
    """The service stops while the bus is away: the message goes back to the queue."""


class Breaker:
    """Closed: everybody passes. Open: one at a time passes, with pauses in between, until one gets through."""

    def __init__(self, link: Link, stop: asyncio.Event, *, on_change: Callable[[str | None], None]) -> None:
        self._link = link
        self._stop = stop
        self._on_change = on_change
        self._turn = asyncio.Lock()
        self._closed = asyncio.Event()
        self._closed.set()
        self._failures = 0
        self._waiting = 0
        self.why: str | None = None
        """Why it is open; None while it is closed."""

    async def through(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Make the call until it is not `Unavailable`. Raises `Stopped` if the service stops before that."""
        while True:
            if self._closed.is_set():
                try:
                    return await self._measured(call)
                except Unavailable as error:
                    self._open(error)
            self._waiting += 1
            try:
                async with self._turn:
                    if self._closed.is_set():
                        continue
                    await self._until_probe()
                    try:
                        return await self._measured(call)
                    except Unavailable as error:
                        self._failures += 1
                        self._say(error)
            finally:
                self._waiting -= 1

    async def poll_allowed(self) -> bool:
        """Wait until polling makes sense. Gives False if the service stops before that."""
        while not self._stop.is_set():
            if not self._link.connected:
                await first(self._link.wait_connected(), self._stop.wait())
                if not self._link.connected:
                    await pause(self._stop, BREATH)
            elif self._closed.is_set():
                return True
            elif self._waiting:
                await first(self._closed.wait(), self._stop.wait(), timeout=CAP)
            else:
                # Nothing is in hand that could probe: the next receive brings the probe.
                await pause(self._stop, self._delay())
                if not self._waiting:
                    self._closed.set()
        return False

    async def _measured(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        if self._stop.is_set() and not self._link.connected:
            raise Stopped("the service stops and the bus is away")
        result = await call()
        if self._failures:
            self._close()
        return result

    async def _until_probe(self) -> None:
        """Pause, or wait for the connection; a bus that comes back is asked at once."""
        if self._link.connected:
            await pause(self._stop, self._delay())
        else:
            await first(self._link.wait_connected(), self._stop.wait())
        if self._stop.is_set():
            raise Stopped("the service stops and the bus takes nothing")

    def _delay(self) -> float:
        return backoff.delay(self._failures, first=FIRST, cap=CAP, jitter=random.random())  # noqa: S311 - no secret

    def _open(self, error: Unavailable) -> None:
        if self._closed.is_set():
            self._closed.clear()
            self._failures += 1
            self._say(error)

    def _close(self) -> None:
        self._failures = 0
        self._closed.set()
        self.why = None
        self._on_change(None)

    def _say(self, error: Unavailable) -> None:
        self.why = str(error)
        self._on_change(self.why)
