"""`&&`: which events wait for which, as one small value that is changed by pure functions.

The value holds places and hashes, never bodies: it is what the replicas of a sensor share (`sensor.joinstate`). An event that
came leaves it in exactly one way: it fires with others, or it is let go for a reason that is counted.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol, TypeVar

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
class Index:
    """The state of one trigger's join: who waits, which sets fire just now, who is let go, and the last reset (its tick)."""

    waiting: tuple[Waiting, ...] = ()
    firing: tuple[Joint, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    reset: float = 0.0

    def joint_of(self, digest: str) -> Joint:
        """Give the firing set that holds this event; empty where none does."""
        return next((joint for joint in self.firing if any(event.digest == digest for event in joint)), ())

    def waits(self, digest: str) -> bool:
        """Say whether this event waits, or was let go a moment ago."""
        return any(event.digest == digest for event in (*self.waiting, *(gone.event for gone in self.leaving)))


@dataclass(frozen=True, slots=True)
class Rule:
    """What a trigger's document says: its conditions, how events of one dependency pair, and how many may wait."""

    expression: Expression
    in_order: bool = False
    limit: int = 1000


def arrive(index: Index, event: Waiting, rule: Rule) -> tuple[Index, Joint]:
    """Let an event come that the index does not hold; gives the set that fires with it, if one does."""
    waiting = tuple(sorted((*index.waiting, event), key=lambda each: each.sequence))
    gone: list[Leaving] = []
    if not rule.in_order:
        waiting, gone = _latest(waiting)
    joint = _heads(waiting) if rule.expression.fires({each.dependency for each in waiting}) else ()
    waiting = tuple(each for each in waiting if each not in joint)
    if len(waiting) > rule.limit:
        gone += [Leaving(each, Fate.OVERFLOW) for each in waiting[: len(waiting) - rule.limit]]
        waiting = waiting[len(waiting) - rule.limit :]
    firing = (*index.firing, joint) if joint else index.firing
    return replace(index, waiting=waiting, firing=firing, leaving=(*index.leaving, *gone)), joint


def clear(index: Index, joint: Joint) -> Index:
    """Forget a set that has fired."""
    return replace(index, firing=tuple(each for each in index.firing if each != joint))


def reset(index: Index, tick: float) -> Index:
    """Let go of what arrived before the tick, once: a tick that was seen changes nothing."""
    if tick <= index.reset:
        return index
    gone = [Leaving(each, Fate.RESET) for each in index.waiting if each.stored < tick]
    waiting = tuple(each for each in index.waiting if each.stored >= tick)
    return replace(index, waiting=waiting, leaving=(*index.leaving, *gone), reset=tick)


def keep_only(index: Index, dependencies: Collection[str]) -> Index:
    """Let go of events whose dependency is not part of the conditions any more, sets that nobody can finish among them."""
    lost = [joint for joint in index.firing if any(each.dependency not in dependencies for each in joint)]
    gone = [each for each in index.waiting if each.dependency not in dependencies]
    gone += [each for joint in lost for each in joint]
    if not gone:
        return index
    return replace(
        index,
        waiting=tuple(each for each in index.waiting if each not in gone),
        firing=tuple(joint for joint in index.firing if joint not in lost),
        leaving=(*index.leaving, *(Leaving(each, Fate.CHANGED) for each in gone)),
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

    async def change(self, step: Callable[[Index], tuple[Index, ResultT]]) -> ResultT:
        """Change the index by compare-and-set; `step` is asked again when somebody else was faster."""

    async def keep(self, digest: str, body: Body) -> None:
        """Store an event. Raises `Rejected` for one that can never be stored."""

    async def body(self, digest: str) -> Body | None:
        """Give a stored event."""

    async def drop(self, digests: Collection[str]) -> None:
        """Delete stored events."""

    async def sweep(self) -> int:
        """Delete what a crash left behind; gives how many events."""
