"""Joins at work: an event comes to the others, fires with them, or is let go; the protocol of delivery.md §6.

Body first, then the index; fire, then the ledger for each event of the set, then the index forgets it, then the bodies go. The
event that completes a set stays unacknowledged until the set is forgotten, so a crash brings it again, and it goes on where
the other stopped. What is let go is named in the index until somebody has seen to it, so no crash loses it either.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from common import cloudevent
from common.cloudevent import CloudEvent
from common.errors import ServiceError
from common.log import Seldom
from common.outcome import Park
from sensor.dependencies import join
from sensor.dependencies.cron import Schedule
from sensor.dependencies.join import Body, Fate, Index, JoinState, Joint, Leaving, Rule, Waiting
from sensor.memory import Memory
from sensor.metrics import JoinMetrics
from sensor.ports import Envelope, Parking
from sensor.story import Story, letter

LOOK = 30.0
"""Seconds between two looks at what was let go and not seen to, and at what waits."""
PARKED = frozenset({Fate.OVERFLOW, Fate.CHANGED})


Found = dict[str, tuple[CloudEvent, Envelope]]
"""The events of a set by dependency: as their dependencies have them, and as they came."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of an event that came: it is `waiting`, or a `duplicate`, or it stands in a set that fires."""

    how: str
    joint: Joint = ()


class Joining:
    """The join of one trigger; without a rule it joins no more, and what waits there is let go."""

    def __init__(
        self,
        rule: Rule | None,
        state: JoinState,
        *,
        owner: tuple[str, str, str],
        schedules: Sequence[Schedule],
        memory: Memory,
        parking: Parking,
        metrics: JoinMetrics,
    ) -> None:
        self.turn = asyncio.Lock()
        self._rule = rule
        self._state = state
        self._owner = owner
        self._schedules = schedules
        self._memory = memory
        self._parking = parking
        self._metrics = metrics
        self._log = structlog.get_logger("join").bind(trigger=owner[2])
        self._seldom = Seldom(self._log)

    # ---------------------------------------------------------------------------------------------------- one event

    async def arrive(self, event: Waiting, body: Body, *, again: bool) -> Arrival:
        """Let an event come. Raises `Unavailable`, and `Rejected` for one that can never be stored."""
        if again:
            index = await self._state.load()
            known = index.waits(event.digest) or index.joint_of(event.digest)
            if not known and await self._memory.holds(event.digest):
                return Arrival("duplicate")
        await self._state.keep(event.digest, body)
        arrival, gone = await self._state.change(lambda index: self._step(index, event))
        await self._see_to(gone)
        return arrival

    def _step(self, index: Index, event: Waiting) -> tuple[Index, tuple[Arrival, tuple[Leaving, ...]]]:
        joint = index.joint_of(event.digest)
        if joint or index.waits(event.digest):
            return index, (Arrival("waiting", joint), ())
        if self._rule is None:
            raise RuntimeError("a trigger that joins nothing was given an event to join")
        changed, joint = join.arrive(index, event, self._rule)
        self._watch(changed)
        return changed, (Arrival("waiting", joint), changed.leaving[len(index.leaving) :])

    async def firing(self, digests: Sequence[str]) -> list[tuple[Joint, Found]]:
        """Give the sets that fire just now and hold one of these events. Raises as `events` does."""
        index = await self._state.load()
        joints = {joint for digest in digests if (joint := index.joint_of(digest))}
        return [(joint, await self.events(joint, {})) for joint in joints]

    async def events(self, joint: Joint, known: Mapping[str, Body]) -> Found:
        """Give the events of a set, as far as they are there. Raises `Unavailable`."""
        found: Found = {}
        for each in joint:
            body = known.get(each.digest) or await self._state.body(each.digest)
            if body is None:
                continue
            envelope = Envelope(body.subject, body.original, body.headers, body.sequence, stored=each.stored)
            found[each.dependency] = cloudevent.load(body.event), envelope
        return found

    async def forget(self, joint: Joint) -> None:
        """Remember each event of a set that is done with, then forget the set. Raises `Unavailable`."""
        for each in joint:
            await self._memory.remember(each.digest)
        await self._state.change(lambda index: (join.clear(index, joint), None))
        await self._state.drop([each.digest for each in joint])
        self._metrics.fates["joined"].inc(len(joint))

    # --------------------------------------------------------------------------------------------------- letting go

    async def _see_to(self, gone: Sequence[Leaving]) -> None:
        """Park or remember what was let go, then forget it."""
        if not gone:
            return
        for each in gone:
            if each.fate in PARKED:
                await self._park(each)
            await self._memory.remember(each.event.digest)
            self._metrics.fates[each.fate].inc()
            self._seldom.info(each.fate, "join.let_go", dependency=each.event.dependency, fate=str(each.fate))
        await self._state.change(lambda index: (join.settled(index, gone), None))
        await self._state.drop([each.event.digest for each in gone])

    async def _park(self, gone: Leaving) -> None:
        body = await self._state.body(gone.event.digest)
        if body is None:
            return
        story = Story()
        story.digest = gone.event.digest
        envelope = Envelope(body.subject, body.original, body.headers, body.sequence, stored=gone.event.stored)
        detail = f"it waited for others under dependency {gone.event.dependency}"
        await self._parking.park(letter(envelope, Park(str(gone.fate), detail), story, self._owner))
        self._metrics.dead[gone.fate].inc()

    # ------------------------------------------------------------------------------------------------------- keeping

    async def keep(self) -> None:
        """Reset at the times of `conditionsReset`, see to what a crash left behind, and watch what waits; for ever."""
        swept = False
        seen: frozenset[Leaving] = frozenset()
        while True:
            try:
                await self._reset()
                seen = await self._look(seen)
                swept = swept or await self._swept()
            except ServiceError as error:
                self._seldom.warning("keep", "join.unkept", why=str(error))
            await asyncio.sleep(self._pause())

    async def leave(self) -> None:
        """Let go of everything that waits. Raises `Unavailable`."""
        await self._look(frozenset((await self._state.load()).leaving))

    async def _reset(self) -> None:
        now = datetime.now(UTC)
        ticks = [tick.timestamp() for schedule in self._schedules if (tick := schedule.previous(now))]
        if ticks:
            gone = await self._state.change(lambda index: _gone(index, join.reset(index, max(ticks))))
            await self._see_to(gone)

    async def _look(self, seen: frozenset[Leaving]) -> frozenset[Leaving]:
        """See to what was let go and stands there since the last look: whoever let it go is gone as well."""
        names = self._rule.expression.names if self._rule else ()
        gone = await self._state.change(lambda index: _gone(index, join.keep_only(index, names)))
        await self._see_to(gone)
        index = await self._state.load()
        self._watch(index)
        await self._see_to([each for each in index.leaving if each in seen])
        return frozenset(index.leaving)

    async def _swept(self) -> bool:
        await self._state.sweep()
        return True

    def _pause(self) -> float:
        now = datetime.now(UTC)
        ticks = [tick for schedule in self._schedules if (tick := schedule.next(now))]
        return max(0.0, min([LOOK, *((tick - now).total_seconds() for tick in ticks)]))

    def _watch(self, index: Index) -> None:
        oldest = min((each.stored for each in index.waiting), default=None)
        self._metrics.waiting.set(len(index.waiting))
        self._metrics.oldest.set(0.0 if oldest is None else max(0.0, time.time() - oldest))


def _gone(before: Index, after: Index) -> tuple[Index, tuple[Leaving, ...]]:
    return after, after.leaving[len(before.leaving) :]
