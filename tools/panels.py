"""The kinds of panels that the dashboards are made of, each in as few words as it takes."""

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from grafana import Panel, Query, Row


class More(TypedDict, total=False):
    """What may be said of any panel; see `Panel`."""

    alerts: Sequence[str]
    empty: str
    warn: float
    bad: float
    low_is_bad: bool
    states: Mapping[int, tuple[str, str]]
    stacked: bool


def stat(title: str, unit: str, about: str, expression: str, **more: Unpack[More]) -> Panel:
    """Make one large number."""
    return Panel(title, "stat", unit, about, [Query(expression)], **more)


def lines(title: str, unit: str, about: str, *queries: Query, **more: Unpack[More]) -> Panel:
    """Make lines over time."""
    return Panel(title, "timeseries", unit, about, queries, **more)


def heat(title: str, about: str, expression: str, **more: Unpack[More]) -> Panel:
    """Make a heat map of seconds."""
    return Panel(title, "heatmap", "s", about, [Query(expression, "{{le}}")], **more)


def timeline(title: str, about: str, query: Query, **more: Unpack[More]) -> Panel:
    """Make bars that change their colour with the state."""
    return Panel(title, "state-timeline", "short", about, [query], **more)


def table(title: str, about: str, expression: str, **more: Unpack[More]) -> Panel:
    """Make a table of what is true now."""
    return Panel(title, "table", "short", about, [Query(expression)], **more)


def row(title: str, *panels: Sequence[Panel], height: int = 8) -> Row:
    """Make a titled row of some lines of panels."""
    return Row(title, panels, height)
