"""What the chart ships for those who watch: its rules and dashboards, and the names of series that they use."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "charts" / "argosy" / "rules" / "rules.yaml"
RULE_TESTS = RULES.with_name("tests.yaml")
RUNBOOKS = ROOT / "docs" / "runbooks"
DASHBOARDS = sorted((ROOT / "charts" / "argosy" / "dashboards").glob("*.json"))
# Names of series that we use all begin in one of these ways, and no label, function or variable does.
_NAME = re.compile(r"(?<![\w:])(?:(?:argosy|argo_events|process)_[a-z0-9_]+|[a-z_]+:[a-z0-9_]+:[a-z0-9_]+|ALERTS)\b")


def rules() -> list[dict[str, Any]]:
    """Give every rule of every group."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    """Give the alerts by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def panels(dashboard: Path) -> list[dict[str, Any]]:
    """Give the panels of a dashboard, without its rows."""
    return [panel for panel in json.loads(dashboard.read_text())["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give every query of every dashboard: where it stands, its panel, and the expression."""
    for dashboard in DASHBOARDS:
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield f"{dashboard.stem}: {panel['title']} {target['refId']}", panel, target["expr"]


def variables() -> Iterator[tuple[str, str]]:
    """Give the query of every variable of every dashboard, and where it stands."""
    for dashboard in DASHBOARDS:
        for variable in json.loads(dashboard.read_text())["templating"]["list"]:
            if variable["type"] == "query":
                yield f"{dashboard.stem}: ${variable['name']}", variable["query"]["query"]


def series(expression: str) -> set[str]:
    """Give the names of series that an expression uses."""
    return set(_NAME.findall(re.sub(r'"[^"]*"', '""', expression)))
