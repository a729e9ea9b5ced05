"""What a dependency's filters may say, as Argo Events' documents have it (sensor_types.go, EventDependencyFilter)."""

from typing import Any

from pydantic import Field

from common.documents import Model


class PayloadField(Model):
    """A value of the event under the name that an expression uses."""

    path: str = ""
    name: str = ""


class ExprFilter(Model):
    """An expression over values of the event."""

    expr: str = ""
    fields_: tuple[PayloadField, ...] = Field(default=(), alias="fields")


class DataFilter(Model):
    """One value of the event, compared with values of the document."""

    path: str = ""
    type: str = ""
    value: tuple[str, ...] = ()
    comparator: str = ""
    template: str = ""


class EventContext(Model):
    """What the event's context must be; only four of these are looked at, as in Argo Events."""

    id: str = ""
    source: str = ""
    specversion: str = ""
    type: str = ""
    datacontenttype: str = Field(default="", alias="datacontenttype")
    subject: str = ""
    time: Any = None


class TimeFilter(Model):
    """The time of day in which the event was published."""

    start: str = ""
    stop: str = ""
    timezone: str = ""


class DependencyFilters(Model):
    """All filters of a dependency. A list that is there and empty is not the same as one that is not there."""

    exprs: tuple[ExprFilter, ...] | None = None
    data: tuple[DataFilter, ...] | None = None
    context: EventContext | None = None
    time: TimeFilter | None = None
    script: str = ""
    expr_logical_operator: str = ""
    data_logical_operator: str = ""
