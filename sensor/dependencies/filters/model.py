"""The filters of a dependency as its document has them, and what came of an event: plain frozen values."""

from dataclasses import dataclass
from typing import Protocol

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the event, by its path, under the name that an expression uses."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class ExprFilter:
    """An expression over some values of the event."""

    expr: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class DataFilter:
    """A value of the event, compared with values of the document."""

    path: str
    type: str
    value: tuple[str, ...] = ()
    comparator: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class ContextFilter:
    """What the context must be; an empty text asks for nothing."""

    type: str = ""
    subject: str = ""
    source: str = ""
    datacontenttype: str = ""


@dataclass(frozen=True, slots=True)
class TimeFilter:
    """The time of day in which the event must have been published."""

    start: str
    stop: str
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """All filters of a dependency. None is a filter that is not there; an empty list is one that is."""

    exprs: tuple[ExprFilter, ...] | None = None
    data: tuple[DataFilter, ...] | None = None
    context: ContextFilter | None = None
    time: TimeFilter | None = None
    script: str = ""
    expr_logical_operator: str = ""
    data_logical_operator: str = ""
    logical_operator: str = ""
    """`filtersLogicalOperator`, which stands beside `filters` in the dependency."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The dependency wants the event. `errors`: filters that failed while another one let it through."""

    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A filter said no: which one, about which field, over which value, and why. `also`: what other alternatives said."""

    filter: str
    field: str
    value: str
    why: str
    also: tuple["Rejected", ...] = ()

    def __str__(self) -> str:
        said = "; ".join(f"{no.filter}: {no.field or 'the event'} is {no.value}: {no.why}" for no in (self, *self.also))
        return f"{said}"


@dataclass(frozen=True, slots=True)
class Errored:
    """A filter could not be evaluated; in Go's words where they are Go's."""

    filter: str
    error: str


Verdict = Passed | Rejected | Errored
"""What the filters of a dependency say about one event; exactly one of these."""


class FilterError(ValueError):
    """A filter cannot be evaluated over this event."""


class Render(Protocol):
    """The template engine. It may keep what it made of a template: the same texts come again with each event."""

    def __call__(self, template: str, document: bytes) -> str:
        """Give what the template makes of a JSON document, which it knows as `.Input`. Raises `ValueError`."""


class RunScript(Protocol):
    """A Lua script over the data of an event, in a process of its own."""

    async def __call__(self, script: str, data: bytes) -> bool:
        """Say whether the script's last value is true. Raises `ValueError` where the script fails."""


def brief(value: str) -> str:
    """Write a text for people: quoted, and shortened if it is long."""
    return cut(repr(value))


def cut(text: str) -> str:
    """Shorten a text that is long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
