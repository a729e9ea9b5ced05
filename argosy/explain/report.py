"""What there is to tell: plain values, in the very shape of `--output json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What becomes of an event at one trigger, as the sensor counts it.

    Where the dependencies of one event do not agree, the last of these is the event's.
    """

    UNMATCHED = "unmatched"
    """No dependency of the trigger is about such events."""
    FILTERED = "filtered"
    """A filter does not want it."""
    WAITING = "waiting"
    """It is kept until events of other dependencies are there."""
    DUPLICATE = "duplicate"
    """The very same event was there before: live, nothing is done a second time."""
    FIRED = "fired"
    """It makes the trigger fire."""
    DLQ_TRIGGERED = "dlq_triggered"
    """The trigger cannot succeed with it, and `dlqTrigger` fires in its stead."""
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
class Gone:
    """An event that waited and is let go because of a later one: `fate` is `superseded` or `join_overflow`."""

    dependency: str
    id: str
    fate: str


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
    `gone`: other events that are let go.
    """

    dependency: str
    fate: Fate
    reason: str = ""
    why: str = ""
    data: str | None = None
    filters: Sequence[No] = ()
    present: Sequence[str] = ()
    missing: Sequence[str] = ()
    gone: Sequence[Gone] = ()
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
        return self.count > 0

    @property
    def count(self) -> int:
        """How often something fires."""
        fired = {Fate.FIRED, Fate.DLQ_TRIGGERED}
        return sum(said.fate in fired for trigger in self.triggers for step in trigger.steps for said in step.dependencies)


def worst(fates: Sequence[Fate]) -> Fate:
    """Fold what became of an event at the dependencies of one trigger."""
    order = list(Fate)
    return max(fates, key=order.index, default=Fate.UNMATCHED)
