"""What waits at triggers that join no more, or that left the document: it is let go, and seen, instead of waiting for ever."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

import structlog

from common.bus import Bus
from common.errors import ServiceError
from common.log import Seldom
from sensor.joining import LOOK, Joining
from sensor.joinstate import joined_triggers

Make = Callable[[str], Joining]
"""Makes the join, without a rule, of a trigger of this name."""
Older = Callable[[], Awaitable[Collection[str]]]
"""Gives the triggers of which pods of another document may still be there. Raises `Unavailable`."""


class Leftovers:
    """Looks for such triggers now and then.

    While a new document is rolled out, pods of the old one may still join: a trigger is left alone while the register has it as
    that one has it, and for `patience` seconds, which is for a document that only says it otherwise.
    """

    def __init__(
        self,
        bus: Bus,
        namespace: str,
        sensor: str,
        *,
        joining: Collection[str],
        make: Make,
        older: Older,
        patience: float,
    ) -> None:
        self._bus = bus
        self._namespace = namespace
        self._sensor = sensor
        self._joining = frozenset(joining)
        self._make = make
        self._older = older
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
        older = await self._older() if left else ()
        for trigger, since in self._since.items():
            if now - since >= self._patience and trigger not in older:
                await self._make(trigger).leave()
