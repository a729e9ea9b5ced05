"""Pause: what an operator has stopped, told to all replicas by one value a sensor.

It is asked for, not pushed: a subscription that has died unnoticed would let a paused trigger go on. Before the first answer
everything counts as paused.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from common.errors import Unavailable
from common.log import Seldom
from common.subjects import safe
from sensor.limits.cell import Cell, Stored

LOOK = 0.3
"""Seconds between two looks: all replicas obey within one."""
PREFIX = "pause."
"""How the keys of these values begin."""
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Paused:
    """What of a sensor is paused: the whole of it, or some of its triggers."""

    namespace: str
    sensor: str
    whole: bool = False
    triggers: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """The key under which it is stored."""
        return f"{PREFIX}{safe(self.namespace)}.{safe(self.sensor)}"

    def holds(self, trigger: str) -> bool:
        """Say whether a trigger is paused."""
        return self.whole or trigger in self.triggers

    def read(self, stored: Stored) -> "Paused":
        """Give what is stored of this sensor."""
        value = stored.value or {}
        return replace(self, whole=bool(value.get("whole")), triggers=frozenset(value.get("triggers", ())))

    def written(self) -> dict[str, object]:
        """Give it as JSON; the names are for those who list."""
        names = {"namespace": self.namespace, "sensor": self.sensor}
        return {**names, "whole": self.whole, "triggers": sorted(self.triggers)}


async def change(cell: Cell, of: Paused, step: Callable[[Paused], Paused]) -> Paused:
    """Change what is paused of a sensor, whoever else does so. Raises `Unavailable`, and what the step raises."""
    for _ in range(_TRIES):
        stored = await cell.read()
        before = of.read(stored)
        after = step(before)
        if after == before or await cell.write(after.written(), stored.revision) is not None:
            return after
    raise Unavailable("what is paused changes too fast")


class Pauses:
    """What is paused of one sensor, as this replica knows it. `changed` is called when it changes."""

    def __init__(self, cell: Cell, of: Paused, changed: Callable[[], None]) -> None:
        self._cell = cell
        self._of = of
        self._changed = changed
        self._known: Paused | None = None
        self._log = structlog.get_logger("limits")
        self._seldom = Seldom(self._log)

    def why(self, trigger: str) -> str | None:
        """Say why a trigger may not work, if it may not."""
        if self._known is None:
            return "it is not known yet what is paused"
        return "paused by an operator" if self._known.holds(trigger) else None

    def holds(self, trigger: str) -> bool:
        """Say whether a trigger is known to be paused."""
        return self._known is not None and self._known.holds(trigger)

    async def load(self) -> None:
        """Ask. Raises `Unavailable`; then it stays as it was."""
        found = self._of.read(await self._cell.read())
        before, self._known = self._known, found
        if found != before:
            if found != self._of or before is not None:
                self._log.info("sensor.paused", whole=found.whole, triggers=sorted(found.triggers))
            self._changed()

    async def keep(self) -> None:
        """Ask for ever."""
        while True:
            try:
                await self.load()
            except Unavailable as error:
                self._seldom.warning("pause", "sensor.pause_unknown", why=str(error))
            await asyncio.sleep(LOOK)
