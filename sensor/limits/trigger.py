"""All limits of one trigger, as its consumers ask them before they fetch, and its action before it fires.

Waiting for a limit is no attempt and no fault of anybody's: it is done in place, and ends when the sensor stops or the trigger
is paused; then the event goes back to the bus.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sensor.gate import Stopping
from sensor.limits.pause import Pauses
from sensor.limits.rate import Rate
from sensor.limits.slots import Slots
from sensor.ports import Firing


class Limits:
    """Pause, `rateLimit` and `maxActive` of one trigger; the last two where its document has them."""

    def __init__(self, trigger: str, pauses: Pauses, rate: Rate | None = None, slots: Slots | None = None) -> None:
        self.rate = rate
        self.slots = slots
        self._trigger = trigger
        self._pauses = pauses

    @property
    def paused(self) -> str | None:
        """Why the trigger is paused, if it is."""
        return self._pauses.why(self._trigger)

    @property
    def is_paused(self) -> bool:
        """Whether an operator has paused it."""
        return self._pauses.holds(self._trigger)

    @property
    def why(self) -> str | None:
        """Why nothing is fetched just now, if nothing is."""
        if self.paused is not None:
            return self.paused
        if self.slots is not None and self.slots.most() <= 0:
            return self.slots.why
        return "the rate limit is reached" if self.rate is not None and self.rate.soon() <= 0 else None

    def most(self) -> int:
        """How many events the trigger may have in hand."""
        if self.paused is not None:
            return 0
        soon = self.rate.soon() if self.rate else sys.maxsize
        return min(soon, self.slots.most() if self.slots else sys.maxsize)

    @asynccontextmanager
    async def turn(self, firing: Firing) -> AsyncIterator[None]:
        """Wait until the firing may be sent, right before it is. Raises `Stopping`."""
        self._go_on()
        if self.slots is None:
            if self.rate is not None:
                await self.rate.permit(self._go_on)
            yield
            return
        async with self.slots.slot(firing.digest, self._go_on):
            if self.rate is not None:
                await self.rate.permit(self._go_on)
            yield

    @asynccontextmanager
    async def unless_paused(self, _: Firing) -> AsyncIterator[None]:
        """Only look whether the trigger is paused: what is fired in its stead has no limits of its own."""
        self._go_on()
        yield

    def _go_on(self) -> None:
        why = self.paused
        if why is not None:
            raise Stopping(why)
