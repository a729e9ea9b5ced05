"""What the register holds of a sensor: its triggers, each on one subject, as one value. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a trigger asks for. `start_from`: `oldest`, `next`, or None for the rule of the house."""

    trigger: str
    subject: str
    consumer: str
    start_from: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered trigger on one subject. Events up to `floor` (a stream sequence) are done with.

    `seen`: when a pod that has it in its document last said so, in seconds since 1970 by the bus' clock.
    """

    namespace: str
    sensor: str
    trigger: str
    subject: str
    consumer: str
    floor: int
    seen: float = 0.0

    @property
    def title(self) -> str:
        """Name it for a person."""
        return f"{self.namespace}/{self.sensor}/{self.trigger}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trigger listens: at its `consumer`, which starts right behind `floor` where it has to be made."""

    consumer: str
    floor: int


@dataclass(frozen=True, slots=True)
class Record:
    """What a sensor has registered, by `revision` of its key, on the stream that was `born` then."""

    revision: int = 0
    born: str = ""
    entries: tuple[Entry, ...] = ()


def read(document: Mapping[str, Any], revision: int, born: str) -> Record:
    """Read what is stored. A floor on a stream that was taken away says nothing about the one that was `born` since."""
    known = document.get("stream", "")
    entries = tuple(Entry(**entry) for entry in document.get("triggers", ()))
    if known != born:
        entries = tuple(replace(entry, floor=0) for entry in entries)
    return Record(revision, known, entries)


def written(record: Record) -> dict[str, object]:
    """Give what is to be stored."""
    return {"stream": record.born, "triggers": [asdict(entry) for entry in record.entries]}
