"""The upkeep of the stream of events: where each trigger stands, what nobody needs any more, and who holds back the rest."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import structlog

from common.bus import Bus
from common.bus.purge import INTERVAL, Held, held, purge
from common.bus.register import Entry, Place, Register, Wanted
from common.bus.retire import retire
from common.bus.silence import Silence
from common.bus.unreplayed import give_back, stranded
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
        self._silence = Silence[tuple[str, str]]()
        self._generation = 0
        self._is_named = False
        self._places: Mapping[tuple[str, str], Place] = {}
        self._held: Sequence[Held] = ()
        self._metrics = SubjectMetrics((namespace, sensor, want.trigger, want.subject) for want in wanted)
        self._log = structlog.get_logger("upkeep")
        self._seldom = Seldom(self._log)

    async def prepare(self, *, foreign: bool) -> None:
        """Register all triggers in one step, before any of them starts. `foreign`: the stream is somebody else's."""
        self._foreign = foreign
        await self._register.prepare()
        # Names are given once: pods of two documents would take them from each other as often as they connect.
        await self.places(rename=not self._is_named)
        self._is_named = True

    async def places(self, *, rename: bool = False) -> Mapping[tuple[str, str], Place]:
        """Say where our triggers listen, by trigger and subject. `rename`: those whose own name has become free get it."""
        self._places = await self._register.place(
            self._namespace, self._sensor, self._wanted, foreign=self._foreign, rename=rename
        )
        return self._places

    def consumer(self, trigger: str, subject: str, otherwise: str) -> str:
        """Name the consumer of a trigger, as far as that is known."""
        place = self._places.get((trigger, subject))
        return place.consumer if place else otherwise

    async def older(self) -> set[str]:
        """Give our sensor's triggers that are registered otherwise than we have them. Raises `Unavailable`."""
        entries = await self._register.entries()
        return {e.trigger for e in entries if self._is_ours(e) and (e.trigger, e.subject) not in self._mine}

    async def run(self) -> None:
        """Say how far we are, let go of what nobody needs, and see who holds back the rest; every 30 s, for ever."""
        following = asyncio.get_running_loop().time() + INTERVAL
        while True:
            await asyncio.sleep(min(INTERVAL, max(LEAST, self._grace / 4)))
            if not self._bus.connected:
                continue
            try:
                # First of all we speak for our own triggers, whatever becomes of those of others.
                if asyncio.get_running_loop().time() >= following:
                    following = asyncio.get_running_loop().time() + INTERVAL
                    mine = self._mine
                    await purge(self._bus, self._register, self._namespace, self._sensor, mine, foreign=self._foreign)
                await self._retire()
                await self._give_back()
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

    def _is_ours(self, one: Held | Entry) -> bool:
        return (one.namespace, one.sensor) == (self._namespace, self._sensor)

    async def _retire(self) -> None:
        """Take off the bus what has left our document for longer than the grace."""
        try:
            entries = {(e.trigger, e.subject): e for e in await self._register.entries() if self._is_ours(e)}
        except ServiceError:
            self._silence.listen_anew()
            raise
        if self._bus.generation != self._generation:
            # A pod of an older document may still work, but nobody could speak while the bus was away.
            self._silence.listen_anew()
        self._generation, now = self._bus.generation, asyncio.get_running_loop().time()
        left = {key: entry for key, entry in entries.items() if key not in self._mine}
        self._silence.heard({key: entry.seen for key, entry in left.items()}, now)
        for key, entry in left.items():
            if self._silence.lasts(key, now) > self._grace:
                await self._retire_one(entry)

    async def _give_back(self) -> None:
        """Park replays for triggers that are gone: who sends them back may have known the trigger a moment longer."""
        for trigger in await stranded(self._bus, self._namespace, self._sensor, await self._register.entries()):
            if await give_back(self._bus, self._namespace, self._sensor, trigger):
                self._log.warning("trigger.removed", trigger=trigger, replays="parked")

    async def _retire_one(self, entry: Entry) -> None:
        parked = 0

        def progress(count: int) -> None:
            nonlocal parked
            self._metrics.removed(self._namespace, self._sensor, entry.trigger).inc(count - parked)
            parked = count

        gone = await retire(self._bus, self._register, entry, park=True, progress=progress)
        if parked or gone:
            self._log.warning("trigger.removed", trigger=entry.trigger, subject=entry.subject, parked=parked, gone=gone)
        if gone:
            await self.places(rename=True)
