"""The dashboards as documents: current, tidy, explained, over series that exist."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.metrics import REGISTRY
from tests.observability import shipped
from tests.observability.test_rules import exposed

BOTH = pytest.mark.parametrize("dashboard", shipped.DASHBOARDS, ids=lambda path: path.stem)


def test_there_are_two() -> None:
    """One for the flow, one for operations."""
    assert [path.stem for path in shipped.DASHBOARDS] == ["flow", "operations"]


def test_they_are_what_the_tool_writes() -> None:
    """Nobody edits the JSON by hand."""
    command = [sys.executable, "tools/dashboards.py", "--check"]
    done = subprocess.run(command, cwd=shipped.ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@BOTH
def test_every_panel_is_explained_and_has_a_unit_and_an_empty_state(dashboard: Path) -> None:
    """A panel without data says so in words, not in `No data`."""
    for panel in shipped.panels(dashboard):
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["title"], panel["id"]
        assert panel["description"].endswith("."), panel["title"]
        assert defaults["unit"], panel["title"]
        assert defaults["noValue"], panel["title"]


@BOTH
def test_panels_neither_overlap_nor_leave_the_grid(dashboard: Path) -> None:
    """What Grafana would have to move, it moves differently in each version."""
    taken: dict[tuple[int, int], str] = {}
    for panel in json.loads(dashboard.read_text())["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
    assert len({panel["id"] for panel in shipped.panels(dashboard)}) == len(shipped.panels(dashboard))


@BOTH
def test_everything_goes_through_the_variables(dashboard: Path) -> None:
    """No panel is bound to one data source, one namespace or one scrape interval."""
    names = {v["name"]: v for v in json.loads(dashboard.read_text())["templating"]["list"]}
    assert list(names) == ["datasource", "namespace", "eventsource", "sensor"]
    for panel in shipped.panels(dashboard):
        for part in (panel, *panel["targets"]):
            assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        for target in panel["targets"]:
            assert "$namespace" in target["expr"], panel["title"]
            windows = {part.split("]")[0] for part in target["expr"].split("[")[1:]}
            assert windows <= {"$__rate_interval", "$__range"}, panel["title"]


def test_dashboards_use_only_series_that_the_services_have() -> None:
    """A panel over a series that nobody has stays empty for ever; recorded ones would need the rules installed."""
    known = exposed(REGISTRY) | {"ALERTS"}
    used = {name for _, _, expression in shipped.queries() for name in shipped.series(expression)}
    used |= {name for _, query in shipped.variables() for name in shipped.series(query)}
    assert used <= known, used - known


def test_every_alert_is_linked_from_a_panel_that_shows_its_cause() -> None:
    """From the dashboard to the page of the alert is one step, and the page exists."""
    links: list[dict[str, Any]] = [link for d in shipped.DASHBOARDS for panel in shipped.panels(d) for link in panel["links"]]
    assert all((shipped.ROOT / link["url"]).is_file() for link in links)
    assert {Path(link["url"]).stem for link in links} == set(shipped.alerts())


@BOTH
def test_there_is_a_heat_map_of_each_latency(dashboard: Path) -> None:
    """A quantile hides what a heat map shows."""
    maps = [panel for panel in shipped.panels(dashboard) if panel["type"] == "heatmap"]
    assert len(maps) >= 3
    assert all(panel["targets"][0]["format"] == "heatmap" for panel in maps)
