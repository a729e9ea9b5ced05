"""Which dependencies an event belongs to: by its source and subject, exactly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from common.cloudevent import CloudEvent


@dataclass(frozen=True, slots=True)
class Wants:
    """A dependency's name, and the event source and event that it names."""

    name: str
    source: str
    event: str


def index(wants: Iterable[Wants]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Prepare the look-up: (source, event) → names of dependencies, in the order given. Several may want one event."""
    table: dict[tuple[str, str], tuple[str, ...]] = {}
    for want in wants:
        key = (want.source, want.event)
        table[key] = (*table.get(key, ()), want.name)
    return table


def matching(event: CloudEvent, table: Mapping[tuple[str, str], tuple[str, ...]]) -> tuple[str, ...]:
    """Give the names of the dependencies that this event belongs to."""
    return table.get((event.source, event.subject), ())
