"""What there is to tell: plain values, in the very shape of `--output json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What becomes of an event at one trigger, the last of these first where its dependencies do not agree."""

    UNMATCHED = "unmatched"
    """No dependency of the trigger is about such events."""
    FILTERED = "filtered"
    """A filter does not want it."""
    WAITS = "waits"
    """It is kept until events of other dependencies are there."""
    DUPLICATE = "duplicate"
    """The very same firing was explained before: live, it does nothing a second time."""
    FIRED = "fired"
    """It makes the trigger fire."""
    PARKED = "parked"
    """It can never succeed, and goes to the dead letters."""
    RETRIED = "retried"
    """It fails for now: tried again as `retryStrategy` says, parked in the end."""
    STOPPED = "stopped"
    """The trigger cannot work at all: it waits, and tries again for ever."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it comes from the bus; `place` is its file.

    `fate` tells what the event source does with the message: `published`, or `filtered` or `parked` with the reason in
    `why`, and then no trigger ever sees it.
    """

    place: str
    id: str
    source: str
    subject: str
    type: str
    time: str
    fate: str = "published"
    why: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class No:
    """What a filter that said no looked at, and over which value."""

    filter: str
    field: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """A firing: by which events (dependency → id), and what would be sent. `digest` tells it from every other."""

    digest: str
    events: Mapping[str, str]
    action: str
    request: Mapping[str, Any]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What one dependency makes of the event, and what follows from that.

    `reason` is the label of the dead letter, `why` says it in words. `data` is what a transform made of the event's data.
    `present` and `missing` are dependencies: those that have an event, this one included, and those that are waited for.
    """

    dependency: str
    fate: Fate
    reason: str = ""
    why: str = ""
    data: str | None = None
    filters: Sequence[No] = ()
    present: Sequence[str] = ()
    missing: Sequence[str] = ()
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One event at one trigger; `event` is its number among the events, from 0."""

    event: int
    fate: Fate
    dependencies: Sequence[Said] = ()


@dataclass(frozen=True, slots=True)
class TriggerReport:
    """One trigger: the condition under which it fires, and the events in the order in which they came."""

    trigger: str
    conditions: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `notes` are warnings about the document, and what could not be looked at here."""

    sensor: str
    namespace: str
    notes: Sequence[str]
    events: Sequence[Arrival]
    triggers: Sequence[TriggerReport]

    @property
    def fires(self) -> bool:
        """Whether anything fires."""
        return any(step.fate is Fate.FIRED for trigger in self.triggers for step in trigger.steps)


def worst(fates: Sequence[Fate]) -> Fate:
    """Fold what became of an event at the dependencies of one trigger."""
    order = list(Fate)
    return max(fates, key=order.index, default=Fate.UNMATCHED)
