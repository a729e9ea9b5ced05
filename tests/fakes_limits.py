"""Doubles of what the limits stand on: a value on a bus whose clock is its own, and an API server that can be watched."""

# ruff: noqa: ANN401 - values are any JSON

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

from common.errors import ServiceError
from sensor import identity
from sensor.limits.cell import Stored
from sensor.ports import Listing, Target
from tests.fakes_eventsource import play

P = ParamSpec("P")


def virtual(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in virtual time."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        play(test(*args, **kwargs))

    return run


@dataclass
class FakeCell:
    """One value; what several replicas share, they share. `ahead`: how far the bus' clock is from the loop's, in seconds."""

    stored: Stored = field(default_factory=Stored)
    ahead: float = 1_000_000.0
    slow: float = 0.0
    writes: int = 0
    failures: list[Exception] = field(default_factory=list)

    async def read(self) -> Stored:
        """Give it."""
        await asyncio.sleep(self.slow)
        self._maybe_fail()
        return self.stored

    async def write(self, value: Any, over: int) -> int | None:
        """Put it, unless somebody was faster."""
        await asyncio.sleep(self.slow)
        self._maybe_fail()
        if over != self.stored.revision:
            return None
        self.writes += 1
        self.stored = Stored(value, over + 1, asyncio.get_running_loop().time() + self.ahead)
        await asyncio.sleep(self.slow)
        return self.stored.revision

    def _maybe_fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class FakeOverview:
    """An API server with Workflows; whoever watches hears of what changes."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: list[ServiceError] = field(default_factory=list)
    lists: int = 0
    _watchers: list[asyncio.Queue[tuple[str, Mapping[str, Any]] | None]] = field(default_factory=list)

    def tell(self, kind: str, digest: str, phase: str = "", uid: str = "") -> None:
        """Let something happen to the object of a firing."""
        uid = uid or f"uid-{digest}"
        found = {"metadata": {"uid": uid, "annotations": {identity.FIRING: digest}}, "status": {"phase": phase}}
        self.objects[uid] = found
        if kind == "DELETED":
            del self.objects[uid]
        for watcher in self._watchers:
            watcher.put_nowait((kind, found))

    def end_watches(self) -> None:
        """Let all watches end in peace."""
        for watcher in self._watchers:
            watcher.put_nowait(None)

    async def listed(self, target: Target, namespace: str, selector: str) -> Listing:  # noqa: ARG002 - the port's signature
        """List."""
        self.lists += 1
        if self.failures:
            raise self.failures.pop(0)
        return Listing(list(self.objects.values()), "1")

    async def watched(
        self,
        target: Target,  # noqa: ARG002 - the port's signature
        namespace: str,  # noqa: ARG002 - the same
        selector: str,  # noqa: ARG002 - the same
        version: str,  # noqa: ARG002 - the same
    ) -> AsyncGenerator[tuple[str, Mapping[str, Any]], None]:
        """Watch."""
        queue: asyncio.Queue[tuple[str, Mapping[str, Any]] | None] = asyncio.Queue()
        self._watchers.append(queue)
        try:
            while (change := await queue.get()) is not None:
                yield change
        finally:
            self._watchers.remove(queue)
