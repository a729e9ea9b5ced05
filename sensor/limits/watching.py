"""The watch on the objects of one trigger: a list, then what changes, and a list again after any gap.

A watch is asked to end after some seconds and goes on where it was; one that does not end, or says nothing at all, is cut. So
one that is stuck is noticed within half a minute.
"""

import asyncio
import random
from collections.abc import Collection, Mapping
from contextlib import aclosing
from typing import Any

import structlog

from common import backoff
from common.errors import ServiceError
from common.log import Seldom
from sensor.limits.active import Active
from sensor.ports import Overview, Reach

FIRST, CAP = 0.25, 10.0
"""Seconds between two tries to list."""
RELIST = 300.0
"""Seconds after which a list is made although no watch has failed: a slot that nobody frees would be held for ever."""
SHORTEST = 1.0
"""Seconds from one watch to the next, should a server end them at once."""
DELETED, BOOKMARK = "DELETED", "BOOKMARK"


class Watching:
    """What is unfinished of one trigger, kept up to date. `changed` is set when there is news for the slots."""

    def __init__(self, cluster: Overview, reach: Reach, selector: str) -> None:
        self.active = Active()
        self.changed = asyncio.Event()
        self.ready = False
        """Whether there was a list at all."""
        self.why = ""
        self._cluster = cluster
        self._reach = reach
        self._selector = selector
        self._gone: set[str] = set()
        self._adopted: set[str] = set()
        self._seldom = Seldom(structlog.get_logger("limits"))

    def news(self) -> tuple[set[str], set[str]]:
        """Give the slots that became free, and those that a list has shown, since the last time."""
        gone, self._gone = self._gone, set()
        adopted, self._adopted = self._adopted, set()
        return gone, adopted & self.active.slots

    def again(self, gone: Collection[str], adopted: Collection[str]) -> None:
        """Take news back that could not be written down."""
        self._gone |= set(gone) - self.active.slots
        self._adopted |= set(adopted)

    async def listed(self) -> set[str]:
        """Ask for the slots of all that is unfinished right now. Raises as `Cluster` does."""
        found = Active()
        found.listed((await self._cluster.listed(self._reach.target, self._reach.namespace, self._selector)).objects)
        return found.slots

    async def run(self) -> None:
        """List and watch, for ever."""
        failures = 0
        while True:
            try:
                await self._session()
            except ServiceError as error:
                failures = failures + 1 if self.why else 1
                self.why = str(error)
                self._seldom.warning("watch", "limits.unwatched", why=self.why)
            await asyncio.sleep(backoff.delay(failures, first=FIRST, cap=CAP, jitter=random.random()))  # noqa: S311

    async def _session(self) -> None:
        reach = self._reach
        listing = await self._cluster.listed(reach.target, reach.namespace, self._selector)
        self._gone |= self.active.listed(listing.objects)
        self._gone -= self.active.slots
        self._adopted = self.active.slots
        self.changed.set()
        self.ready, self.why = True, ""
        version = listing.version
        until = asyncio.get_running_loop().time() + RELIST
        while asyncio.get_running_loop().time() < until:
            began = asyncio.get_running_loop().time()
            async with aclosing(self._cluster.watched(reach.target, reach.namespace, self._selector, version)) as changes:
                async for kind, found in changes:
                    version = str((found.get("metadata") or {}).get("resourceVersion") or version)
                    if kind != BOOKMARK:
                        self._heard(kind, found)
            await asyncio.sleep(max(0.0, began + SHORTEST - asyncio.get_running_loop().time()))

    def _heard(self, kind: str, found: Mapping[str, Any]) -> None:
        gone = self.active.changed(found, is_gone=kind == DELETED)
        self._gone -= self.active.slots
        if gone:
            self._gone |= gone
            self.changed.set()
