"""A line whose order and bill wait for each other, and a fuse that ends its process at any call."""

# ruff: noqa: ANN401 - any of our ports stands behind a fuse

import asyncio
from collections.abc import Callable
from typing import Any

from sensor import identity
from sensor.dependencies import conditions
from sensor.dependencies.join import Rule
from sensor.settle import Strategy
from sensor.spec import Backoff
from tests.fakes_sensor import FakeDelivery, World, delivery, event

WANTS = {("orders", "created"): ("order",), ("bills", "paid"): ("bill",)}
ORDER = event(1, data=b'{"body":"order"}')
BILL = event(2, source="bills", subject="paid", data=b'{"body":"bill"}')
BOTH = identity.firing("ns", "s", "t", {"order": ORDER, "bill": BILL})
TWICE = Strategy(Backoff(attempts=2, first=0.0, factor=1.0, jitter=0.0))


def rule(**over: Any) -> Rule:
    """Make the rule that waits for an order and its bill."""
    return Rule(conditions.parse("order && bill", ["order", "bill"]), **over)


def world(**over: Any) -> World:
    """Make a line whose order and bill wait for each other."""
    return World(**({"rule": rule(), "wants": WANTS} | over))


def came(what: Any, sequence: int, **over: Any) -> FakeDelivery:
    """Make a delivery at a place of the stream."""
    return delivery(what, sequence=sequence, **over)


class Crash(BaseException):
    """The process ends here."""


class Fuse:
    """Ends the process at one of the calls that it sees, before the call has done its work or after."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.calls = 0
        self._at = at
        self._after = after

    def on(self, port: Any) -> Any:
        """Give the port with this fuse in front of it."""
        return Fused(port, self)

    async def burn(self, call: Callable[[], Any]) -> Any:
        """Make a call, or not."""
        self.calls += 1
        if self.calls == self._at and not self._after:
            raise Crash
        result = await call()
        if self.calls == self._at:
            raise Crash
        return result


class Fused:
    """A port whose every call may be the last."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not asyncio.iscoroutinefunction(found) or name == "wait_connected":
            return found
        return lambda *args: self._fuse.burn(lambda: found(*args))
