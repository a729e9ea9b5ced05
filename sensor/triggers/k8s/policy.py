"""`policy.k8s`: an action counts as done when its object carries labels, which others put there.

The object is looked at once, then again after each pause of the backoff, as often as it has steps. Argo Events' two faults
are mended (F5): what was submitted is looked at, and a deletion leaves nothing to look at. A policy that fails never does
the action twice: what was done is remembered here, and an object of this firing is known by its annotation.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

from common.errors import Failed, Rejected
from common.service import pause
from sensor.gate import Stopping, answered
from sensor.ports import Fired, Firing
from sensor.settle import POLICY
from sensor.spec import TriggerPolicy
from sensor.spec.backoff import BackoffSpec
from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.surroundings import Surroundings

KEPT = 4096
"""Of how many firings it is remembered that only their policy is still to be met."""
Acted = tuple[Address, Fired]
"""What an action gives: the object that it was about, and what there is to tell."""


class Policy:
    """The policy of one trigger; one without labels waits for nothing."""

    def __init__(self, given: TriggerPolicy | None, access: Access, around: Surroundings, place: str) -> None:
        wanted = given.k8s if given is not None else None
        self._labels = wanted.labels if wanted is not None else None
        self._backoff = ((wanted and wanted.backoff) or BackoffSpec()).values()
        self._is_strict = wanted is not None and wanted.error_on_backoff_timeout
        self._access = access
        self._shared = around.shared
        self._stop: asyncio.Event = around.stop
        self._place = place

    async def after(self, firing: Firing, act: Callable[[], Awaitable[Acted]], *, once: bool = False) -> Fired:
        """Act, unless that was done and only the labels are missing; then wait for them.

        What may be done but `once` is in the ledger before the waiting begins: the object may be gone when the event comes
        again. Raises what the action raises, and what `met` raises.
        """
        if self._labels is None:
            return (await act())[1]
        found = await self.found(firing)
        if found is not None:
            return found
        done = await act()
        waiting = await self._waiting()
        if len(waiting) >= KEPT:
            waiting.pop(next(iter(waiting)))
        waiting[firing.digest] = done
        # What follows may take long, and is no reason for others to wait with us.
        answered()
        if once:
            await firing.remember()
        return await self._ended(firing.digest, done)

    async def found(self, firing: Firing) -> Fired | None:
        """Look whether only the labels were missing when this process last saw this firing; then wait for them."""
        if self._labels is None:
            return None
        done = (await self._waiting()).get(firing.digest)
        return None if done is None else await self._ended(firing.digest, done)

    async def met(self, address: Address) -> None:
        """Wait until the object carries the labels.

        Raises `Failed` if it does not in time and the document says that this is an error, `Rejected` if there is no object
        any more, `Stopping` if the sensor is to end.
        """
        if self._labels is None:
            return
        for attempt in range(1, self._backoff.attempts + 1):
            found = await self._access.get(address)
            if found is None:
                raise Rejected(POLICY, f"{address} was deleted before it had the labels of the policy")
            if _carries(found, self._labels):
                return
            if attempt == 1:
                answered()
            if attempt < self._backoff.attempts and await pause(self._stop, self._backoff.delay(attempt, _draw())):
                raise Stopping(f"{address} does not have the labels of the policy yet")
        if self._is_strict:
            listed = ", ".join(f"{key}={value}" for key, value in self._labels.items())
            raise Failed(f"{address} does not have the labels of the policy: {listed}", exhausted=POLICY)

    async def _ended(self, digest: str, done: Acted) -> Fired:
        """Wait for the labels; what failed for good is forgotten, as is what succeeded."""
        try:
            await self.met(done[0])
        except Rejected:
            (await self._waiting()).pop(digest, None)
            raise
        (await self._waiting()).pop(digest, None)
        return done[1]

    async def _waiting(self) -> dict[str, Acted]:
        return await self._shared.get(("policy", self._place), _nothing_waits)


async def _nothing_waits(_: AsyncExitStack) -> dict[str, Acted]:
    return {}


def _carries(found: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    own = (found.get("metadata") or {}).get("labels") or {}
    return all(own.get(key) == value for key, value in labels.items())


def _draw() -> float:
    return random.random()  # noqa: S311 - no secret
