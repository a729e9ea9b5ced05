"""The upkeep of the stream of events: where each trigger stands, what nobody needs any more, and who holds back the rest."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence

import structlog

from common.bus import Bus
from common.bus.purge import INTERVAL, Held, held, purge
from common.bus.register import Entry, Register, Wanted
from common.bus.retire import retire
from common.errors import ServiceError
from common.log import Seldom
from sensor.metrics import SubjectMetrics

LEAST = 1.0
"""Seconds, at least, between two looks for triggers that left."""


class Upkeep:
    """The upkeep by one pod of a sensor; all pods do the same, and it does not matter who is first.

    `grace`: seconds after which a trigger that no pod has in its document is taken off the bus.
    """

    def __init__(self, bus: Bus, namespace: str, sensor: str, wanted: Collection[Wanted], *, grace: float) -> None:
        self._bus = bus
        self._register = Register(bus)
        self._namespace = namespace
        self._sensor = sensor
        self._wanted = wanted
        self._mine = {(want.trigger, want.subject) for want in wanted}
        self._grace = grace
        self._foreign = False
        self._began = time.time()
        self._held: Sequence[Held] = ()
        self._metrics = SubjectMetrics((namespace, sensor, want.trigger, want.subject) for want in wanted)
        self._log = structlog.get_logger("upkeep")
        self._seldom = Seldom(self._log)

    async def prepare(self, *, foreign: bool) -> None:
        """Register all triggers in one step, before any of them starts. `foreign`: the stream is somebody else's."""
        self._foreign = foreign
        await self._register.prepare()
        await self.places()

    async def places(self) -> Mapping[tuple[str, str], int]:
        """Say behind which sequence a consumer has to start that does not exist, by trigger and subject."""
        places = await self._register.place(self._namespace, self._sensor, self._wanted, foreign=self._foreign)
        return {key: place.floor for key, place in places.items()}

    async def run(self) -> None:
        """Say how far we are, let go of what nobody needs, and see who holds back the rest; every 30 s, for ever."""
        following = asyncio.get_running_loop().time() + INTERVAL
        while True:
            await asyncio.sleep(min(INTERVAL, max(LEAST, self._grace / 4)))
            if not self._bus.connected:
                continue
            try:
                await self._retire()
                if asyncio.get_running_loop().time() >= following:
                    following = asyncio.get_running_loop().time() + INTERVAL
                    mine = self._mine
                    await purge(self._bus, self._register, self._namespace, self._sensor, mine, foreign=self._foreign)
                await self._look()
            except ServiceError as error:
                self._seldom.warning("upkeep", "bus.unpurged", why=str(error))

    def rows(self) -> list[tuple[str, str]]:
        """Tell of each subject who holds it back, for the status page."""
        return [
            (
                one.subject,
                f"{one.events} events, the oldest {one.seconds:.0f} s old, for {one.title}" if one.events else "empty",
            )
            for one in self._held
        ]

    async def _look(self) -> None:
        subjects = {subject for _, subject in self._mine}
        self._held = [one for one in await held(self._bus, self._register) if one.subject in subjects or self._is_ours(one)]
        self._metrics.show(self._held)

    def _is_ours(self, one: Held) -> bool:
        return (one.namespace, one.sensor) == (self._namespace, self._sensor)

    async def _retire(self) -> None:
        """Take off the bus what has left our document for longer than the grace."""
        for entry in await self._register.entries():
            if (entry.namespace, entry.sensor) != (self._namespace, self._sensor):
                continue
            # A pod of an older document may still work; and after a pause of all pods the grace begins with us.
            unseen = time.time() - max(entry.seen, self._began)
            if (entry.trigger, entry.subject) not in self._mine and unseen > self._grace:
                await self._retire_one(entry)

    async def _retire_one(self, entry: Entry) -> None:
        parked = 0

        def progress(count: int) -> None:
            nonlocal parked
            self._metrics.removed(self._namespace, self._sensor, entry.trigger).inc(count - parked)
            parked = count

        gone = await retire(self._bus, self._register, entry, park=True, progress=progress)
        if parked or gone:
            self._log.warning("trigger.removed", trigger=entry.trigger, subject=entry.subject, parked=parked, gone=gone)
