"""`rateLimit`: permits that all replicas take from one log on the bus, each good for a moment by the bus' clock.

A permit that was taken and not used (a pod that died, a loop that was late) is lost: that makes the trigger slower, never
faster. Nothing here asks the pod what time it is.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable

import structlog

from common.errors import Unavailable
from common.log import Seldom
from common.service import pause
from sensor.gate import Stopping
from sensor.limits.cell import Cell, Stored
from sensor.limits.clock import Clock, Sample
from sensor.limits.window import AHEAD, LATEST, Log, Permit, Window

WIDTH, WIDTH_SHARE = 0.05, 0.01
"""For how long a permit holds at first: seconds, or the share of a window if that is more."""
LOOK = 60.0
"""Seconds after which whoever waits looks again, should a clock have been set."""
TICK = 0.001
"""Seconds: a shorter pause is none."""
BREATH, AWAY = 0.01, 0.5
"""Seconds after somebody else was faster; after the bus did not answer."""


class Rate:
    """The permits of one trigger."""

    def __init__(self, cell: Cell, window: Window, stop: asyncio.Event) -> None:
        self.window = window
        self._cell = cell
        self._stop = stop
        self._clock = Clock()
        self._log = Log()
        self._stock: deque[Permit] = deque()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._written = 0, 0.0, 0.0
        """The last revision of ours, and between which moments it was stored."""
        self._least = min(max(WIDTH, WIDTH_SHARE * window.unit), LATEST)
        self._width = self._least
        self._seldom = Seldom(structlog.get_logger("limits"))

    def soon(self) -> int:
        """Say how many requests may be sent within the next seconds, as far as this replica knows."""
        best = self._clock.best
        return self.window.count if best is None else self._log.soon(self.window, best.lower(_now()))

    async def permit(self, go_on: Callable[[], None]) -> None:
        """Wait until one request may be sent. Raises `Stopping`, and what `go_on` raises while it waits."""
        self._waiting += 1
        try:
            async with self._turn:
                while not await self._used():
                    await self._wait(0.0 if self._stock else await self._taken(), go_on)
        finally:
            self._waiting -= 1

    async def _wait(self, seconds: float, go_on: Callable[[], None]) -> None:
        end = _now() + min(seconds, LOOK)
        while True:
            go_on()
            if await pause(self._stop, max(0.0, min(end - _now(), 1.0))):
                raise Stopping("the rate limit is reached")
            if _now() >= end:
                return

    async def _used(self) -> bool:
        """Use a permit that we have, if its time has come within a moment; those that are too late are thrown away."""
        best = self._clock.best
        while self._stock and best is not None:
            permit = self._stock[0]
            early = permit.begin - best.lower(_now())
            if early > 0:
                await pause(self._stop, min(max(early, TICK), 1.0))
                return False
            if best.upper(_now()) <= permit.end:
                self._use(permit)
                return True
            self._stock.popleft()
            self._width = min(2 * self._width, LATEST)
        return False

    def _use(self, permit: Permit) -> None:
        self._stock.popleft()
        if permit.left > 1:
            self._stock.appendleft(Permit(permit.begin, permit.end, permit.left - 1))
        self._width = max(self._least, self._width * 0.9)

    async def _taken(self) -> float:
        """Take permits for those who wait; gives the seconds until it makes sense to look again."""
        try:
            return await self._take()
        except Unavailable as error:
            self._seldom.warning("rate", "limits.rate_unknown", why=str(error))
            return AWAY

    async def _take(self) -> float:
        stored = await self._cell.read()
        self._seen(stored)
        log, best = Log(tuple(stored.value or ())), self._clock.best
        early = 0.0 if best is None else log.sane(best.upper(_now())).begins(self.window) - best.lower(_now())
        if best is None or (best.is_old(_now()) and early <= AHEAD):
            # Written as it is: what it tells is the time.
            await self._write(stored, log)
            self._seen(await self._cell.read())
            return 0.0
        lower, upper = best.lower(_now()), best.upper(_now())
        log = self._log = log.sane(upper)
        permits: list[Permit] = []
        while len(permits) * self.window.block < self._waiting:
            early = log.begins(self.window) - lower
            if early > AHEAD:
                break
            log, permit = log.take(self.window, upper, self._width)
            permits.append(permit)
        if not permits:
            return max(TICK, log.begins(self.window) - lower - AHEAD)
        if await self._write(stored, log):
            self._stock.extend(permits)
            return 0.0
        return random.random() * BREATH  # noqa: S311 - no secret

    async def _write(self, stored: Stored, log: Log) -> bool:
        began = _now()
        revision = await self._cell.write(log.ends, stored.revision)
        if revision is None:
            return False
        self._log = log
        self._written = revision, began, _now()
        return True

    def _seen(self, stored: Stored) -> None:
        """Learn from what is stored what time it is."""
        revision, began, confirmed = self._written
        if stored.revision and stored.revision == revision:
            self._clock.seen(Sample(stored.at, began, confirmed), _now())
        elif stored.revision:
            self._clock.not_before(stored.at, _now())


def _now() -> float:
    return asyncio.get_running_loop().time()
