"""The events that wait at one trigger for each other, by the core of the running sensor (`sensor.dependencies.join`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from argosy.explain.report import Gone
from common.cloudevent import CloudEvent
from sensor.dependencies import join
from sensor.dependencies.join import Index, Rule, Waiting


@dataclass(frozen=True, slots=True)
class Came:
    """What became of an event that came: `events` fire with it, if any do; `known`: it has fired before, or waits already."""

    events: Mapping[str, CloudEvent]
    gone: tuple[Gone, ...] = ()
    known: str = ""


@dataclass
class Join:
    """The state of one join; `digest`s are those of each event's firing alone."""

    rule: Rule
    _index: Index = field(default_factory=Index)
    _events: dict[str, CloudEvent] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    @property
    def present(self) -> tuple[str, ...]:
        """The dependencies that have an event, each once, the oldest event first."""
        return tuple(dict.fromkeys(each.dependency for each in self._index.waiting))

    def come(self, dependency: str, digest: str, event: CloudEvent, now: float) -> Came:
        """Let an event come, after all those before."""
        if self._index.waits(digest):
            return Came({}, known="waits")
        if digest in self._done:
            return Came({}, known="fired")
        self._events[digest] = event
        sequence = len(self._events)
        self._index, joint = join.arrive(self._index, Waiting(dependency, digest, sequence, now), self.rule)
        leaving = self._index.leaving
        gone = tuple(Gone(each.event.dependency, self._events[each.event.digest].id, str(each.fate)) for each in leaving)
        self._index = join.clear(join.settled(self._index, leaving), joint)
        self._done.update(each.event.digest for each in leaving)
        self._done.update(each.digest for each in joint)
        return Came({each.dependency: self._events[each.digest] for each in joint}, gone)
