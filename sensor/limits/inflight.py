"""How many requests the API server gets at a time: fewer when it cannot bear them, more again while it can.

Additive increase, multiplicative decrease, as TCP does it (RFC 5681): halved when a request meets a server that is overloaded
(429, a timeout), once for all that were under way by then; one more after as many answers as there may be requests at a time.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from common.errors import ServiceError, Unavailable
from sensor.ports import Cluster, Target

ResultT = TypeVar("ResultT")


class InFlight:
    """The limit, between 1 and `most`, and who waits for it, in order."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = most
        self.now = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._successes = 0
        self._rounds = 0

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """Wait for the turn of one request, and learn from what becomes of it."""
        await self._enter()
        began = self._rounds
        try:
            yield
        except Unavailable as error:
            if error.crowded and began == self._rounds:
                self._rounds += 1
                self._successes = 0
                self.limit = max(1, self.limit // 2)
            raise
        except ServiceError:
            # An answer, if not the one that was wanted.
            self._answered()
            raise
        else:
            self._answered()
        finally:
            self.now -= 1
            self._let_in()

    def _answered(self) -> None:
        self._successes += 1
        if self._successes >= self.limit:
            self._successes = 0
            self.limit = min(self.most, self.limit + 1)

    async def _enter(self) -> None:
        if self.now < self.limit and not self._waiting:
            self.now += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.now -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and self.now < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.now += 1
                turn.set_result(None)


class Paced:
    """A cluster whose requests keep to the limit; see `sensor.ports.Cluster`."""

    def __init__(self, cluster: Cluster, in_flight: InFlight) -> None:
        self._cluster = cluster
        self._in_flight = in_flight

    async def create(self, target: Target, namespace: str, body: bytes) -> None:
        """Create an object."""
        await self._paced(partial(self._cluster.create, target, namespace, body))

    async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Get an object, or None."""
        return await self._paced(partial(self._cluster.get, target, namespace, name))

    async def update(self, target: Target, namespace: str, name: str, body: bytes) -> None:
        """Put an object in the place of another."""
        await self._paced(partial(self._cluster.update, target, namespace, name, body))

    async def patch(self, target: Target, namespace: str, name: str, body: bytes, strategy: str) -> None:
        """Change an object."""
        await self._paced(partial(self._cluster.patch, target, namespace, name, body, strategy))

    async def delete(self, target: Target, namespace: str, name: str) -> bool:
        """Delete an object."""
        return await self._paced(partial(self._cluster.delete, target, namespace, name))

    async def namespaced(self, target: Target) -> bool:
        """Say whether objects of this kind live in a namespace: known already, as a rule."""
        return await self._cluster.namespaced(target)

    async def allowed(self, target: Target, namespace: str, verb: str) -> bool:
        """Ask whether we may do this: a question of the watch, not of an event."""
        return await self._cluster.allowed(target, namespace, verb)

    async def _paced(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        async with self._in_flight.request():
            return await call()
