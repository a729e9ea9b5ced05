"""The few parts of Grafana's dashboard JSON that ours are made of (schema version 39; Grafana 10 and newer)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

WIDTH = 24
"""Columns of Grafana's grid."""
SOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
GREEN, ORANGE, RED = "green", "orange", "red"


@dataclass(frozen=True)
class Query:
    """One PromQL expression and how its series are called."""

    expression: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel. `alerts` are those whose runbooks it links to, `empty` is what it shows where there is no series."""

    title: str
    kind: str
    unit: str
    about: str
    queries: Sequence[Query]
    alerts: Sequence[str] = ()
    empty: str = "nothing yet"
    warn: float | None = None
    bad: float | None = None
    low_is_bad: bool = False
    states: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    stacked: bool = False

    def json(self, number: int, place: Json) -> Json:
        """Write the panel as Grafana has it."""
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.about,
            "datasource": SOURCE,
            "gridPos": place,
            "links": [{"title": f"Runbook: {a}", "url": f"docs/runbooks/{a}.md", "targetBlank": True} for a in self.alerts],
            "fieldConfig": {"defaults": self._defaults(), "overrides": []},
            "options": OPTIONS[self.kind](self),
            "targets": [self._target(index, query) for index, query in enumerate(self.queries)],
        }

    def _target(self, index: int, query: Query) -> Json:
        target: Json = {
            "refId": chr(ord("A") + index),
            "datasource": SOURCE,
            "expr": query.expression,
            "legendFormat": query.legend,
            "editorMode": "code",
        }
        if self.kind == "heatmap":
            target["format"] = "heatmap"
        if self.kind in ("stat", "table"):
            target["instant"] = True
        if self.kind == "table":
            target["format"] = "table"
        return target

    def _defaults(self) -> Json:
        defaults: Json = {"unit": self.unit, "noValue": self.empty, "thresholds": self._thresholds()}
        if self.kind == "timeseries":
            defaults["min"] = 0
            defaults["custom"] = {
                "fillOpacity": 30 if self.stacked else 8,
                "lineWidth": 1,
                "showPoints": "never",
                "stacking": {"mode": "normal" if self.stacked else "none"},
            }
        if self.states:
            options = {str(value): {"text": text, "color": color} for value, (text, color) in self.states.items()}
            defaults["mappings"] = [{"type": "value", "options": options}]
        return defaults

    def _thresholds(self) -> Json:
        first, second, third = (RED, ORANGE, GREEN) if self.low_is_bad else (GREEN, ORANGE, RED)
        steps: list[Json] = [{"color": first, "value": None}]
        if self.warn is not None:
            steps.append({"color": second, "value": self.warn})
        if self.bad is not None:
            steps.append({"color": third, "value": self.bad})
        return {"mode": "absolute", "steps": steps}


OPTIONS: Mapping[str, Callable[[Panel], Json]] = {
    "stat": lambda _: {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "none",
        "textMode": "auto",
    },
    "timeseries": lambda _: {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "heatmap": lambda panel: {
        "calculate": False,
        "cellGap": 1,
        "color": {"mode": "scheme", "scheme": "Blues", "steps": 64},
        "rowsFrame": {"layout": "auto"},
        "tooltip": {"mode": "single", "yHistogram": True},
        "yAxis": {"unit": panel.unit, "axisPlacement": "left"},
    },
    "state-timeline": lambda _: {
        "mergeValues": True,
        "rowHeight": 0.8,
        "showValue": "never",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
    },
    "table": lambda _: {"showHeader": True, "cellHeight": "sm"},
}


@dataclass(frozen=True)
class Row:
    """A titled row: its panels side by side, as many lines of them as are given."""

    title: str
    lines: Sequence[Sequence[Panel]]
    height: int = 8


def variable(name: str, label: str, query: str) -> Json:
    """Make a variable with the values of a label; all of them at first."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": "variable"},
        "refresh": 2,
        "sort": 1,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


VARIABLES = (
    variable("namespace", "Namespace", "label_values(argosy_build_info, namespace)"),
    variable(
        "eventsource",
        "Event source",
        'label_values(argosy_source_messages_received_total{namespace=~"$namespace"}, eventsource_name)',
    ),
    variable("sensor", "Sensor", 'label_values(argosy_sensor_messages_received_total{namespace=~"$namespace"}, sensor_name)'),
)
"""What both dashboards can be narrowed to."""


def dashboard(uid: str, title: str, about: str, variables: Iterable[Json], rows: Iterable[Row]) -> Json:
    """Lay the rows out, one below the other."""
    chosen = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1}
    return {
        "uid": uid,
        "title": title,
        "description": about,
        "tags": ["argosy"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [{**chosen, "current": {}}, *variables]},
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "tags": ["argosy"], "title": "Argosy", "asDropdown": False, "includeVars": True}],
        "panels": _laid_out(rows),
    }


def _laid_out(rows: Iterable[Row]) -> list[Json]:
    panels: list[Json] = []
    top = 0
    for row in rows:
        place = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        header = {"type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
        panels.append({"id": len(panels) + 1, **header})
        top += 1
        for line in row.lines:
            edges = [WIDTH * index // len(line) for index in range(len(line) + 1)]
            for left, right, panel in zip(edges, edges[1:], line, strict=False):
                place = {"x": left, "y": top, "w": right - left, "h": row.height}
                panels.append(panel.json(len(panels) + 1, place))
            top += row.height
    return panels
