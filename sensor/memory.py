"""What the sensor remembers of its firings: the ledger, and what to do when the ledger takes nothing.

A firing that the ledger did not take is not held up: the object exists, and its name tells of it for as long as it does. The
shorter memory is a gauge and a line in the log.
"""

import asyncio

import structlog

from common.errors import ServiceError, Unavailable
from common.log import Seldom
from common.service import first, pause
from sensor.metrics import LedgerMetrics
from sensor.ports import Ledger, Link

TRIES = 3
BREATH = 0.1
"""Seconds between two tries to append while the bus is there."""


class Memory:
    """The ledger as the pipeline uses it."""

    def __init__(self, ledger: Ledger, link: Link, *, stop: asyncio.Event) -> None:
        self._ledger = ledger
        self._link = link
        self._stop = stop
        self._metrics = LedgerMetrics()
        self._log = structlog.get_logger("ledger")
        self._seldom = Seldom(self._log)

    async def holds(self, digest: str) -> bool:
        """Say whether a firing is remembered. Raises `Unavailable` where nobody can tell, and when the service stops.

        Each look-up costs the bus milliseconds, so hundreds of them may take longer than a pod has for its end: what waits for
        one goes back to the bus, for another pod.
        """
        if self._stop.is_set():
            raise Unavailable("the service stops, and what may have been done before is looked up by another pod")
        return await self._ledger.holds(digest)

    async def lately(self, digest: str) -> bool:
        """Say whether it is among the last firings before we were connected. Raises `Unavailable` where nobody can tell."""
        return await self._ledger.lately(digest)

    async def remember(self, digest: str) -> None:
        """Append a firing, and wait for a bus that is away. Raises `Unavailable` only if the service stops meanwhile."""
        refused = 0
        while True:
            try:
                await self._ledger.append(digest)
            except ServiceError as error:
                why = str(error)
            else:
                self._metrics.refused.set(0)
                return
            if not self._link.connected:
                if not await self._reconnected():
                    raise Unavailable(f"the service stops and the bus is away: {why}")
                continue
            refused += 1
            if refused >= TRIES:
                self._metrics.errors.inc()
                self._metrics.refused.set(1)
                self._seldom.warning("refused", "ledger.refused", why=why)
                return
            await pause(self._stop, BREATH)

    async def _reconnected(self) -> bool:
        """Wait for the bus; gives False if the service stops before it is back."""
        await first(self._link.wait_connected(), self._stop.wait())
        await pause(self._stop, BREATH)
        return self._link.connected or not self._stop.is_set()
