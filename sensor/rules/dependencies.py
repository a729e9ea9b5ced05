"""What dependencies must fulfil: the rules of Argo Events, and names that can work."""

import re
from collections.abc import Iterator, Sequence

from common.subjects import is_token
from sensor.dependencies import conditions
from sensor.rules import filters
from sensor.rules.fault import Fault
from sensor.spec import Dependency

_NAME = re.compile(r"[\w-]+")
_RESERVED = "Expression"
"""Under this name Argo Events keeps the conditions, beside the events."""


def faults(dependencies: Sequence[Dependency]) -> Iterator[Fault]:
    """Check what Argo Events' validator checks."""
    if not dependencies:
        yield ("spec", "dependencies"), "no event dependencies found"
    for index, dependency in enumerate(dependencies):
        here = ("spec", "dependencies", index)
        if not dependency.name:
            yield (*here, "name"), "event dependency must define a name"
        if not dependency.event_source_name:
            yield (*here, "eventSourceName"), "event dependency must define the EventSourceName"
        if not dependency.event_name:
            yield (*here, "eventName"), "event dependency must define the EventName"
        for where, what in filters.faults(dependency.filters):
            yield (*here, "filters", *where), what
        yield from filters.operator(dependency.filters_logical_operator, (*here, "filtersLogicalOperator"))


def beyond(dependencies: Sequence[Dependency]) -> Iterator[Fault]:
    """Check the names: by those that fail here no event would ever come, or two dependencies would be one."""
    seen: dict[str, str] = {}
    for index, dependency in enumerate(dependencies):
        here = ("spec", "dependencies", index)
        name = dependency.name
        twin = seen.setdefault(conditions.folded(name), name)
        if name and not nameable(name):
            yield (*here, "name"), f"{name!r} cannot name a dependency: letters, digits, '-' and '_', and not {_RESERVED!r}"
        elif name and any(name == other.name for other in dependencies[:index]):
            yield (*here, "name"), f"duplicate dependency name: {name}"
        elif name and twin != name:
            yield (*here, "name"), f"{name!r} and {twin!r} are one name in conditions, where '-' and '_' are the same"
        for field, value in (("eventSourceName", dependency.event_source_name), ("eventName", dependency.event_name)):
            if value and not is_token(value):
                yield (*here, field), f"{value!r} cannot be part of a subject on the bus: no dot, blank, '*' or '>'"


def nameable(name: str) -> bool:
    """Say whether conditions and keys take this name."""
    return _NAME.fullmatch(name) is not None and name != _RESERVED
