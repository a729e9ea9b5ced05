"""`maxActive`: a slot on the bus for each unfinished object of a trigger, taken before the object is created.

A slot is named by its firing, so whoever tries that firing again finds it taken by itself. It is free again when the object
has finished or gone, as the watch tells; when the create was refused; or when a list shows no such object although there was
one, or the attempt is over, or is so old that its pod must have died. Each attempt leaves its trace on the slot before it
creates anything: who frees a slot because of a list does so only if none has begun since he looked.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager

import structlog

from common.errors import Failed, Rejected, ServiceError, Unavailable
from common.log import Seldom
from common.service import first
from sensor.gate import Stopping
from sensor.limits import active
from sensor.limits.cell import Cell
from sensor.limits.watching import Watching
from sensor.settle import POLICY

TICK = 1.0
"""Seconds between two looks at the slots."""
BREATH = 0.03
"""Seconds in which slots that become free are gathered, so that not each is a change of its own."""
SETTLED = 2.0
"""Seconds after the end of an attempt, without an object in the watch, until a list is asked about it."""
GRACE = 60.0
"""Seconds without an object after which a slot was left by a pod that died: longer than an attempt can take."""
LIST_EVERY = 2.0
_TRIES = 100
_MADE = -1
"""Stands for a slot in place of the number of its attempts once somebody has seen its object."""

_Slot = tuple[str, int]
"""The name of a slot, and how many attempts had begun on it when it was looked at, or `_MADE`."""


class Slots:
    """The slots of one trigger, at most `cap`."""

    def __init__(self, cell: Cell, cap: int, watching: Watching, stop: asyncio.Event, changed: Callable[[], None]) -> None:
        self.cap = cap
        self.taken: frozenset[str] = frozenset()
        self._known: Mapping[str, int] = {}
        """How many attempts have begun on each of them, or `_MADE`."""
        self._orphans = 0
        self._is_known = False
        self.watching = watching
        self._cell = cell
        self._stop = stop
        self._tell = changed
        self._changed = asyncio.Event()
        self._one = asyncio.Lock()
        self._wanted: Counter[str] = Counter()
        self._granted: dict[str, bool] = {}
        self._busy: Counter[str] = Counter()
        self._doubtful: set[str] = set()
        self._ended: dict[_Slot, float] = {}
        self._missing: dict[_Slot, float] = {}
        self._listed = 0.0
        self._seldom = Seldom(structlog.get_logger("limits"))

    @property
    def why(self) -> str:
        """Why nothing is fetched."""
        if not (self.watching.ready and self._is_known):
            return f"maxActive: the objects of the trigger have not been listed: {self.watching.why or 'starting'}"
        return f"maxActive: {len(self.taken)} of {self.cap} are unfinished"

    def most(self) -> int:
        """Say how many events may be in hand: as many as there are free slots, and those that have one already.

        The events of a pod that died before it made their objects come again, and to somebody: those that wait for a slot here
        must not keep them out.
        """
        if not (self.watching.ready and self._is_known):
            return 0
        again = self._orphans + len(self._wanted) if self._orphans else 0
        return max(0, self.cap - len(self.taken)) + len(self._busy) + again

    @asynccontextmanager
    async def slot(self, digest: str, go_on: Callable[[], None]) -> AsyncIterator[None]:
        """Hold a slot for one attempt. Raises `Stopping`, and what `go_on` raises while it waits."""
        name = active.slot(digest)
        is_new = await self._reserve(name, go_on)
        self._busy[name] += 1
        try:
            yield
        except Unavailable:
            # It may have been created, or be created yet. The attempt is made again in place, and finds its slot.
            self._doubtful.add(name)
            raise
        except (Failed, Rejected) as error:
            if is_new and name not in self._doubtful and not _is_there(error):
                await self._free({name})
            raise
        else:
            self._doubtful.discard(name)
        finally:
            self._busy -= Counter([name])
            if name not in self._doubtful:
                self._over(name)

    async def keep(self) -> None:
        """Let go of what is done, for ever."""
        while True:
            await first(self.watching.changed.wait(), timeout=TICK)
            self.watching.changed.clear()
            await asyncio.sleep(random.random() * BREATH)  # noqa: S311 - no secret
            gone, adopted = self.watching.news()
            try:
                await self._follow(gone, adopted)
                await self._reconcile()
            except ServiceError as error:
                self.watching.again(gone, adopted)
                self._seldom.warning("slots", "limits.slots_unknown", why=str(error))

    async def _reserve(self, name: str, go_on: Callable[[], None]) -> bool:
        """Take a slot; gives False if this firing had it already."""
        self._wanted[name] += 1
        try:
            while True:
                go_on()
                if self._stop.is_set():
                    raise Stopping(self.why)
                changed = self._changed
                if self.watching.ready and (name in self.taken or len(self.taken) < self.cap):
                    async with self._one:
                        if name not in self._granted:
                            await self._grant()
                if name in self._granted:
                    return self._granted.pop(name)
                await first(changed.wait(), self._stop.wait(), timeout=TICK)
        finally:
            self._wanted -= Counter([name])
            if self._granted.pop(name, False):
                self._over(name)

    async def _grant(self) -> None:
        """Take slots for all who wait, as far as there are free ones."""
        granted: dict[str, bool] = {}

        def take(taken: Mapping[str, int]) -> set[str]:
            granted.clear()
            more = set(taken)
            for name in self._wanted:
                if name in taken or len(more) < self.cap:
                    granted[name] = name not in taken
                    more.add(name)
            return more

        try:
            await self._change(take, begins=granted)
        except Unavailable as error:
            self._seldom.warning("slots", "limits.slots_unknown", why=str(error))
        else:
            self._granted.update(granted)
            for name in granted.keys() - self._wanted.keys():
                # Whoever waited for it has gone meanwhile.
                self._over(name)
                del self._granted[name]

    async def _follow(self, gone: set[str], adopted: set[str]) -> None:
        await self._change(lambda taken: (set(taken) - gone) | adopted)

    async def _free(self, names: Collection[str]) -> None:
        try:
            await self._change(lambda taken: set(taken) - set(names))
        except Unavailable:
            # A list will show that nothing came of it.
            return

    async def _reconcile(self) -> None:
        """Free the slots without an object, once a list shows that there is none."""
        now = _now()
        without = self.taken - self.watching.active.slots - set(self._busy)
        missing = {(name, self._known[name]) for name in without}
        self._ended = {slot: at for slot, at in self._ended.items() if slot in missing or now - at < SETTLED}
        self._missing = {slot: self._missing.get(slot, now) for slot in missing}
        long_ = {slot for slot in missing if now - self._missing[slot] >= SETTLED}
        made = {slot for slot in long_ if slot[1] == _MADE}
        over = {slot for slot in missing if now - self._ended.get(slot, now) >= SETTLED}
        lost = {slot for slot in missing if now - self._missing[slot] >= GRACE}
        due = made | over | lost
        self._orphans = len(long_ - due)
        if not due or not self.watching.ready or now - self._listed < LIST_EVERY:
            return
        self._listed = now
        there = await self.watching.listed() | set(self._busy)
        free = {slot for slot in due if slot[0] not in there}
        if free:
            await self._change(lambda taken: {slot[0] for slot in taken.items() if slot not in free})

    async def _change(self, step: Callable[[Mapping[str, int]], set[str]], begins: Collection[str] = ()) -> None:
        """Change the slots in one step, as often as somebody else is faster. Raises `Unavailable`.

        `begins`: on which of them an attempt begins, as the step finds it.
        """
        for _ in range(_TRIES):
            stored = await self._cell.read()
            live = self.watching.active.slots
            known: dict[str, int] = stored.value or {}
            # Without a value somebody took the bucket away: what there is tells of itself.
            after = step(known if stored.revision else dict.fromkeys(live, _MADE))
            value = {name: known.get(name, 0) + (name in begins) for name in sorted(after)}
            value |= dict.fromkeys((name for name in after if name in live or known.get(name) == _MADE), _MADE)
            if value == known or await self._cell.write(value, stored.revision) is not None:
                self._known = value
                self._now_taken(frozenset(after))
                return
            await asyncio.sleep(random.random() * BREATH)  # noqa: S311 - no secret
        raise Unavailable("the slots change too fast")

    def _over(self, name: str) -> None:
        """Note that an attempt of ours on a slot is over."""
        self._ended[name, self._known.get(name, 0)] = _now()

    def _now_taken(self, taken: frozenset[str]) -> None:
        if taken != self.taken or not self._is_known:
            self._is_known = True
            has_room = len(taken) < self.cap
            self.taken = taken
            self._changed.set()
            self._changed = asyncio.Event()
            if has_room:
                self._tell()


def _is_there(error: Failed | Rejected) -> bool:
    """Say whether the attempt failed after its object was made: its policy was not met."""
    return POLICY in (getattr(error, "exhausted", ""), getattr(error, "reason", ""))


def _now() -> float:
    return asyncio.get_running_loop().time()
