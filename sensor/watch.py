"""Whether the API server is there and lets us: asked at the start and now and then, for readiness alone.

What opens and closes the gates is the answers to real work; a review that says no closes nothing.
"""

import asyncio
from collections.abc import Collection

from common.errors import ServiceError
from common.health import Condition
from sensor.gate import Gate
from sensor.ports import Cluster, Reach

CALM, ANXIOUS = 30.0, 1.0
"""Seconds between two looks: while all is well, and while it is not."""


class Watch:
    """Keeps the condition of the API server."""

    def __init__(self, cluster: Cluster, reaches: Collection[Reach], condition: Condition, breaker: Gate) -> None:
        self._cluster = cluster
        self._reaches = sorted(set(reaches), key=str)
        self._condition = condition
        self._breaker = breaker

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            why = await self._why_not()
            if why is None and self._breaker.why is None:
                self._condition.ok()
            else:
                self._condition.fail(why or self._breaker.why or "")
            await asyncio.sleep(CALM if why is None and self._breaker.why is None else ANXIOUS)

    async def _why_not(self) -> str | None:
        try:
            for reach in self._reaches:
                target = reach.target
                for verb in reach.verbs:
                    if not await self._cluster.allowed(target, reach.namespace, verb):
                        return f"may not {verb} {target.kind} of {target.api_version} in {reach.namespace}"
        except ServiceError as error:
            return str(error)
        return None
