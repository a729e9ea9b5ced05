"""`&&`: which events wait for which, as one small value that is changed by pure functions.

The value holds places and hashes, never bodies: it is what the replicas of a sensor share (`sensor.joinstate`). An event that
came leaves it in exactly one way: it fires with others, or it is let go for a reason that is counted.
"""

from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sensor.dependencies.conditions import Expression

ResultT = TypeVar("ResultT")


class Fate(StrEnum):
    """Why an event that waited was let go without firing."""

    SUPERSEDED = "superseded"
    """A later event of the same dependency took its place (`join: latest`)."""
    RESET = "reset"
    """`conditionsReset` came."""
    OVERFLOW = "join_overflow"
    """More events waited than `joinLimit` allows; the oldest goes to the dead letters."""
    CHANGED = "trigger_changed"
    """Its dependency left the trigger's conditions; it goes to the dead letters."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event under its dependency. `digest` is the hash of its firing alone; `stored`: seconds since 1970, by the bus."""

    dependency: str
    digest: str
    sequence: int
    stored: float


@dataclass(frozen=True, slots=True)
class Leaving:
    """An event that was let go, until somebody has seen to it."""

    event: Waiting
    fate: Fate


Joint = tuple[Waiting, ...]
"""Events that fire together, each of another dependency."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A set that fires, and the event that came last: its delivery stays open until the set is done with."""

    joint: Joint
    by: Waiting


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asks whether an event that comes again was done with before; `number` tells this question from any other."""

    digest: str
    number: int


MOST_ASKING = 64
"""So many questions are remembered; each pod has one at a time, and whoever finds his forgotten asks again."""


@dataclass(frozen=True, slots=True)
class Index:
    """The state of one trigger's join: who waits, which sets fire just now, who is let go, and the last reset (its tick).

    `asking` are the events whose past is being looked up, and `asked` is the number of the last question.
    """

    waiting: tuple[Waiting, ...] = ()
    firing: tuple[Begun, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    reset: float = 0.0
    asking: tuple[Asking, ...] = ()
    asked: int = 0

    def joint_of(self, digest: str) -> Joint:
        """Give the firing set that holds this event, or that this event began; empty where none does."""
        for begun in self.firing:
            for event in (*begun.joint, begun.by):
                if event.digest == digest:
                    return begun.joint
        return ()

    def waits(self, digest: str) -> bool:
        """Say whether this event waits, or was let go a moment ago."""
        return any(event.digest == digest for event in (*self.waiting, *(gone.event for gone in self.leaving)))

    def question(self, digest: str) -> int:
        """Give the number of the question about this event; 0 where nobody asks, or it has come in since."""
        return next((each.number for each in self.asking if each.digest == digest), 0)


def _no_time(_: float) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a trigger's document says: its conditions, how events of one dependency pair, and how many may wait.

    `era` gives the last reset at or before a time: events fire together only if no reset lies between them, so that those
    which a pod finds on the bus after a reset join as if it had been there.
    """

    expression: Expression
    in_order: bool = False
    limit: int = 1000
    era: Callable[[float], float] = _no_time


def ask(index: Index, digest: str) -> tuple[Index, int]:
    """Write down the question whether an event was done with before; gives its number.

    Who then finds nothing in the ledger, and the question still there, knows that nobody has let the event in meanwhile:
    what was done with before the question is in the ledger, and whoever lets the event in takes the question away.
    """
    if known := index.question(digest):
        return index, known
    asking = (*index.asking, Asking(digest, index.asked + 1))[-MOST_ASKING:]
    return replace(index, asking=asking, asked=index.asked + 1), index.asked + 1


def arrive(index: Index, event: Waiting, rule: Rule) -> tuple[Index, Joint]:
    """Let an event come that the index does not hold; gives the set that fires with it, if one does."""
    era = rule.era(event.stored)
    others = tuple(each for each in index.waiting if rule.era(each.stored) != era)
    waiting = tuple(sorted((*(each for each in index.waiting if rule.era(each.stored) == era), event), key=_place))
    gone: list[Leaving] = []
    if not rule.in_order:
        waiting, gone = _latest(waiting)
    joint = _heads(waiting) if rule.expression.fires({each.dependency for each in waiting}) else ()
    waiting = tuple(sorted((*others, *(each for each in waiting if each not in joint)), key=_place))
    if len(waiting) > rule.limit:
        gone += [Leaving(each, Fate.OVERFLOW) for each in waiting[: len(waiting) - rule.limit]]
        waiting = waiting[len(waiting) - rule.limit :]
    return replace(
        index,
        waiting=waiting,
        firing=(*index.firing, Begun(joint, event)) if joint else index.firing,
        leaving=(*index.leaving, *gone),
        asking=tuple(each for each in index.asking if each.digest != event.digest),
    ), joint


def _place(event: Waiting) -> tuple[float, int]:
    """Order events as the bus got them, also over a stream that was made anew and counts from 1 again."""
    return event.stored, event.sequence


def clear(index: Index, joint: Joint) -> Index:
    """Forget a set that has fired."""
    return replace(index, firing=tuple(each for each in index.firing if each.joint != joint))


def reset(index: Index, tick: float) -> Index:
    """Let go of what arrived before the tick, once: a tick that was seen changes nothing."""
    if tick <= index.reset:
        return index
    return replace(let_go(index, [each for each in index.waiting if each.stored < tick], Fate.RESET), reset=tick)


def late(index: Index) -> list[Waiting]:
    """Give the events from before the last reset that came after it: they wait for others of their time."""
    return [each for each in index.waiting if each.stored < index.reset]


def strangers(index: Index, dependencies: Collection[str]) -> list[Waiting]:
    """Give the events that no conditions over these dependencies join, those in sets that fire among them."""
    lost = [begun.joint for begun in index.firing if any(each.dependency not in dependencies for each in begun.joint)]
    waiting = [each for each in index.waiting if each.dependency not in dependencies]
    return [*waiting, *(each for joint in lost for each in joint)]


def let_go(index: Index, events: Collection[Waiting], fate: Fate) -> Index:
    """Let go of those of these events that wait, and of sets that fire and consist of them."""
    leaving = set(events)
    lost = [begun for begun in index.firing if leaving.issuperset(begun.joint)]
    gone = [each for each in index.waiting if each in leaving] + [each for begun in lost for each in begun.joint]
    if not gone:
        return index
    return replace(
        index,
        waiting=tuple(each for each in index.waiting if each not in leaving),
        firing=tuple(begun for begun in index.firing if begun not in lost),
        leaving=(*index.leaving, *(Leaving(each, fate) for each in gone)),
    )


def settled(index: Index, seen_to: Iterable[Leaving]) -> Index:
    """Forget events that were let go, now that somebody has seen to them."""
    done = set(seen_to)
    return replace(index, leaving=tuple(each for each in index.leaving if each not in done))


def _latest(waiting: tuple[Waiting, ...]) -> tuple[tuple[Waiting, ...], list[Leaving]]:
    """Keep the last event of each dependency: the one that came onto the bus last, whichever was looked at first."""
    last = {each.dependency: each for each in waiting}
    kept = tuple(each for each in waiting if last[each.dependency] is each)
    return kept, [Leaving(each, Fate.SUPERSEDED) for each in waiting if last[each.dependency] is not each]


def _heads(waiting: tuple[Waiting, ...]) -> Joint:
    """Take the first event of each dependency: everything that is there fires, as in Argo Events, not only what has to."""
    first: dict[str, Waiting] = {}
    for each in waiting:
        first.setdefault(each.dependency, each)
    return tuple(first.values())


@dataclass(frozen=True, slots=True)
class Body:
    """An event that waits for others: as its dependency made it, and as it came."""

    event: bytes
    original: bytes
    subject: str = ""
    sequence: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


class JoinState(Protocol):
    """Which events wait for which, shared by all replicas. All of these raise `Unavailable`."""

    async def load(self) -> Index:
        """Give the index as it is now."""

    def change(self, step: Callable[[Index], tuple[Index, ResultT]]) -> Coroutine[Any, Any, ResultT]:
        """Change the index by compare-and-set, in the order of the calls; `step` is asked again when another pod was faster."""

    async def keep(self, digest: str, body: Body) -> None:
        """Store an event. Raises `Rejected` for one that can never be stored."""

    async def body(self, digest: str) -> Body | None:
        """Give a stored event."""

    async def drop(self, digests: Collection[str]) -> None:
        """Delete stored events."""

    async def now(self) -> float:
        """Give the time by the clock that stamps the events, in seconds since 1970."""

    async def sweep(self) -> int:
        """Delete what a crash left behind; gives how many events."""

    async def lost(self, sequence: int) -> bool:
        """Say whether the bus has an event no more, so that it will not come again."""
