"""Joins at work: an event comes to the others, fires with them, or is let go; the protocol of delivery.md §6.

Body first, then the index; fire, then the ledger for each event of the set, then the index forgets it, then the bodies go. The
event that completes a set stays unacknowledged until the set is forgotten, so a crash brings it again, and it goes on where
the other stopped. What is let go is named in the index until somebody has seen to it, so no crash loses it either.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import structlog

from common import cloudevent
from common.cloudevent import CloudEvent
from common.deadletters import replay
from common.errors import ServiceError
from common.log import Seldom
from common.outcome import Park
from sensor.dependencies import join
from sensor.dependencies.cron import Schedule
from sensor.dependencies.join import Begun, Body, Fate, Index, JoinState, Joint, Leaving, Rule, Waiting
from sensor.dependencies.resets import Resets
from sensor.memory import Memory
from sensor.metrics import JoinMetrics
from sensor.ports import Envelope, Parking
from sensor.story import Story, letter

LOOK = 30.0
"""Seconds between two looks at what was let go and not seen to, and at what waits."""
SWEEP = 3600.0
"""Seconds between two looks for events that a crash left behind in the store."""
PARKED = frozenset({Fate.OVERFLOW, Fate.CHANGED})

Finish = Callable[[Joint], Awaitable[None]]
"""Fires a set of which nobody has a delivery."""
Found = dict[str, tuple[CloudEvent, Envelope]]
"""The events of a set by dependency: as their dependencies have them, and as they came."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of an event that came: it is `waiting`, or a `duplicate`, or it stands in a set that fires."""

    how: str
    joint: Joint = ()


class Turn:
    """An event's place among those that came: `come` waits until those before it are in, `over` lets the next one in."""

    def __init__(self, before: asyncio.Event) -> None:
        self.over = asyncio.Event()
        self._before = before

    async def come(self) -> None:
        """Wait for those before."""
        await self._before.wait()


class Turns:
    """Keeps the order in which events came, whatever has to be done about each of them first."""

    def __init__(self) -> None:
        self._last = asyncio.Event()
        self._last.set()

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Turn]:
        """Take the place behind all others; it is given up at the end."""
        turn = Turn(self._last)
        self._last = turn.over
        try:
            yield turn
            await turn.come()
        finally:
            turn.over.set()


@dataclass(frozen=True, slots=True)
class Orphan:
    """Stands in for the delivery of a set that has none any more."""

    joint: Joint
    envelope: Envelope
    early: bool = True
    uncounted: bool = False

    def is_stale(self) -> bool:
        """Say that nobody else gets it."""
        return False

    async def ack(self) -> None:
        """Say it to nobody."""

    async def nak(self, after: float) -> None:
        """Wait for the next look."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look saw. What still stands there at the next one is in nobody's hands; `strange`: since when it is seen."""

    standing: frozenset[Waiting | Leaving | Begun] = frozenset()
    strange: Mapping[Waiting, float] = field(default_factory=dict)


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
        patience: float = 0.0,
    ) -> None:
        """`patience`: seconds for which pods of another document may still be there, whose events are left alone."""
        self.turns = Turns()
        self._rule = rule
        self._state = state
        self._owner = owner
        self._resets = Resets(schedules)
        self._memory = memory
        self._parking = parking
        self._metrics = metrics
        self._patience = patience
        self._log = structlog.get_logger("join").bind(trigger=owner[2])
        self._seldom = Seldom(self._log)
        self._seen = Seen()
        self._swept = float("-inf")
        self._ahead = 0.0
        """Seconds by which our clock is ahead of the one that stamps the events."""

    # ---------------------------------------------------------------------------------------------------- one event

    async def arrive(self, event: Waiting, body: Body, turn: Turn, *, again: bool, is_stale: Callable[[], bool]) -> Arrival:
        """Let an event come. Raises `Unavailable`, and `Rejected` for one that can never be stored.

        `again`: it may have come before; `is_stale` is asked at the last moment, because all that is done before may take long.
        """
        question = 0
        if again:
            arrival, question = await self._state.change(lambda index: _asked(index, event))
            if arrival:
                return arrival
            if await self._memory.holds(event.digest):
                return Arrival("duplicate")
        await self._state.keep(event.digest, body)
        await turn.come()
        change = self._state.change(lambda index: self._step(index, event, question, is_stale))
        turn.over.set()
        arrival, gone = await change
        if arrival is None:
            # Another pod may have let it in meanwhile, and be done with it.
            return await self.arrive(event, body, turn, again=True, is_stale=is_stale)
        await self._see_to(gone)
        return arrival

    def _step(
        self, index: Index, event: Waiting, question: int, is_stale: Callable[[], bool]
    ) -> tuple[Index, tuple[Arrival | None, tuple[Leaving, ...]]]:
        if known := _known(index, event):
            return index, (known, ())
        if index.question(event.digest) != question if question else is_stale():
            return index, (None, ())
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

    async def one_of(self, joint: Joint) -> Envelope:
        """Give one of the events of a set as it came. Raises `Unavailable`."""
        found = await self.events(joint, {})
        return replace(next((envelope for _, envelope in found.values()), Envelope("", b"")), deliveries=2)

    async def forget(self, joint: Joint) -> None:
        """Remember each event of a set that is done with, then forget the set. Raises `Unavailable`."""
        for each in joint:
            await self._memory.remember(each.digest)
        first = await self._state.change(lambda index: _cleared(index, joint))
        self._metrics.fates["joined"].inc(len(joint) if first else 0)
        await self._state.drop([each.digest for each in joint])

    async def is_done(self, joint: Joint) -> bool:
        """Say whether another pod has done with a set. Raises `Unavailable`."""
        index = await self._state.load()
        return not any(begun.joint == joint for begun in index.firing)

    # --------------------------------------------------------------------------------------------------- letting go

    async def _see_to(self, gone: Sequence[Leaving]) -> None:
        """Park or remember what was let go, then forget it; whoever forgets it counts it."""
        if not gone:
            return
        for each in gone:
            if each.fate in PARKED:
                await self._park(each)
            await self._memory.remember(each.event.digest)
        for each in await self._state.change(lambda index: _settled(index, gone)):
            self._metrics.fates[each.fate].inc()
            if each.fate in PARKED:
                self._metrics.dead[each.fate].inc()
            self._seldom.info(each.fate, "join.let_go", dependency=each.event.dependency, fate=str(each.fate))
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

    # ------------------------------------------------------------------------------------------------------- keeping

    async def keep(self, finish: Finish) -> None:
        """Reset at the times of `conditionsReset`, see to what nobody else sees to, and watch what waits; for ever."""
        while True:
            try:
                await self.look(finish)
            except ServiceError as error:
                self._seldom.warning("keep", "join.unkept", why=str(error))
            await asyncio.sleep(self._pause())

    async def look(self, finish: Finish) -> None:
        """Look once. What another pod may have in hand is left alone until the next look. Raises `Unavailable`."""
        await self._reset()
        index, seen, now = await self._state.load(), self._seen, time.monotonic()
        self._watch(index)
        late, strange = join.late(index), {each: seen.strange.get(each, now) for each in self._strange(index)}
        self._seen = Seen(frozenset({*late, *index.leaving, *index.firing}), strange)
        await self._let_go([each for each in late if each in seen.standing], Fate.RESET)
        await self._let_go([each for each, since in strange.items() if now - since >= self._patience], Fate.CHANGED)
        await self._see_to([each for each in index.leaving if each in seen.standing])
        for begun in index.firing:
            if begun in seen.standing and await self._is_lost(begun.by):
                await finish(begun.joint)
        if time.monotonic() - self._swept > SWEEP:
            await self._state.sweep()
            self._swept = time.monotonic()

    async def leave(self) -> None:
        """Let go of everything that waits. Raises `Unavailable`."""
        await self._let_go(self._strange(await self._state.load()), Fate.CHANGED)
        await self._see_to((await self._state.load()).leaving)

    async def _reset(self) -> None:
        if not self._resets:
            return
        now = await self._state.now()
        self._ahead = time.time() - now
        if tick := self._resets.last(now):
            await self._see_to(await self._state.change(lambda index: _gone(index, join.reset(index, tick))))

    async def _let_go(self, events: Sequence[Waiting], fate: Fate) -> None:
        if events:
            await self._see_to(await self._state.change(lambda index: _gone(index, join.let_go(index, events, fate))))

    async def _is_lost(self, event: Waiting) -> bool:
        """Say whether an event will never be delivered again; one that was replayed comes from elsewhere."""
        body = await self._state.body(event.digest)
        return not (body and replay.times(body.headers)) and await self._state.lost(event.sequence)

    def _strange(self, index: Index) -> list[Waiting]:
        return join.strangers(index, self._rule.expression.names if self._rule else ())

    def _pause(self) -> float:
        now = time.time() - self._ahead
        tick = self._resets.next(now)
        return LOOK if tick is None else max(0.0, min(LOOK, tick - now))

    def _watch(self, index: Index) -> None:
        oldest = min((each.stored for each in index.waiting), default=None)
        self._metrics.waiting.set(len(index.waiting))
        self._metrics.oldest.set(0.0 if oldest is None else max(0.0, time.time() - oldest))


def _known(index: Index, event: Waiting) -> Arrival | None:
    joint = index.joint_of(event.digest)
    return Arrival("waiting", joint) if joint or index.waits(event.digest) else None


def _asked(index: Index, event: Waiting) -> tuple[Index, tuple[Arrival | None, int]]:
    if known := _known(index, event):
        return index, (known, 0)
    changed, question = join.ask(index, event.digest)
    return changed, (None, question)


def _cleared(index: Index, joint: Joint) -> tuple[Index, bool]:
    changed = join.clear(index, joint)
    return changed, changed != index


def _settled(index: Index, gone: Sequence[Leaving]) -> tuple[Index, list[Leaving]]:
    return join.settled(index, gone), [each for each in gone if each in index.leaving]


def _gone(before: Index, after: Index) -> tuple[Index, tuple[Leaving, ...]]:
    return after, after.leaving[len(before.leaving) :]
