"""Something that is fired: a trigger, or the dlqTrigger behind it, with its gates, its patience and its counters."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

from common.errors import Failed, Rejected
from sensor.gate import Gates
from sensor.metrics import TriggerMetrics
from sensor.ports import Fired, Firing, Trigger
from sensor.settle import Strategy

Turn = Callable[[Firing], AbstractAsyncContextManager[None]]
"""Waits until a firing may be sent, and hears what becomes of it. Raises `sensor.gate.Stopping`."""


def at_once(_: Firing) -> AbstractAsyncContextManager[None]:
    """Let it be sent at once."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Action:
    """One trigger as the pipeline fires it. `seconds` are measured for each attempt, whatever came of it."""

    name: str
    fires: Trigger
    strategy: Strategy
    gates: Gates
    metrics: TriggerMetrics
    turn: Turn = at_once

    async def find(self, firing: Firing) -> Fired | None:
        """Look whether it was done before, and wait for a target that is away."""
        return await self.gates.run(lambda: self.fires.find(firing))

    async def fire(self, firing: Firing) -> tuple[Fired, float]:
        """Make one attempt, and wait for a target that is away; gives how many seconds it took. Raises as a trigger does."""
        return await self.gates.run(lambda: self._in_turn(firing))

    async def _in_turn(self, firing: Firing) -> tuple[Fired, float]:
        async with self.turn(firing):
            return await self._attempt(firing)

    async def _attempt(self, firing: Firing) -> tuple[Fired, float]:
        started = time.monotonic()
        how = "error"
        try:
            fired = await self.fires.fire(firing)
            how = fired.how
        except (Failed, Rejected):
            self.metrics.failed.inc()
            raise
        finally:
            seconds = time.monotonic() - started
            self.metrics.fire[how].observe(seconds)
            self.metrics.duration_ms.observe(seconds * 1000)
        self.metrics.triggered.inc()
        return fired, seconds
