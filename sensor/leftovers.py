"""What waits at triggers that join no more, or that left the document: it is let go, and seen, instead of waiting for ever."""

import asyncio
import time
from collections.abc import Callable, Collection

import structlog

from common.bus import Bus
from common.errors import ServiceError
from common.log import Seldom
from sensor.joining import LOOK, Joining
from sensor.joinstate import joined_triggers

Make = Callable[[str], Joining]
"""Makes the join, without a rule, of a trigger of this name."""


class Leftovers:
    """Looks for such triggers now and then.

    A trigger is left alone for `patience` seconds: while a new document is rolled out, pods of the old one may still join.
    """

    def __init__(self, bus: Bus, namespace: str, sensor: str, *, joining: Collection[str], make: Make, patience: float) -> None:
        self._bus = bus
        self._namespace = namespace
        self._sensor = sensor
        self._joining = frozenset(joining)
        self._make = make
        self._patience = patience
        self._since: dict[str, float] = {}
        self._seldom = Seldom(structlog.get_logger("join"))

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await self._bus.wait_connected()
            try:
                await self._look()
            except ServiceError as error:
                self._seldom.warning("leftovers", "join.unkept", why=str(error))
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        left = await joined_triggers(self._bus, self._namespace, self._sensor) - self._joining
        now = time.monotonic()
        self._since = {trigger: self._since.get(trigger, now) for trigger in left}
        for trigger, since in self._since.items():
            if now - since >= self._patience:
                await self._make(trigger).leave()
