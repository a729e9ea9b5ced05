"""The chart's own pages: generated where they can be, and pointing at what exists."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from common.settings import BusSettings, PodSettings, documented
from eventsource.settings import EventSourceSettings
from sensor.settings import SensorSettings
from tests.charts.helm import CHART, EXAMPLES, Helm
from tests.charts.items import rendered

ROOT = CHART.parents[1]


def tool() -> ModuleType:
    """Load the tool that writes the table."""
    spec = importlib.util.spec_from_file_location("chart_readme", ROOT / "tools" / "chart_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_readme_is_current() -> None:
    """A value that changed is in the README, or the tool says how to get it there."""
    command = [sys.executable, "tools/chart_readme.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_value_without_a_word_about_it_is_a_fault() -> None:
    """The tool refuses what nobody explained."""
    with pytest.raises(SystemExit, match=r"tell.* of a\.c"):
        tool().table("a:\n  # -- Told.\n  b: 1\n  c: 2\n")


def test_links_in_the_readme_lead_somewhere() -> None:
    """A file that was moved takes its links with it."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (CHART / "README.md").read_text())
    assert links
    assert not [link for link in links if not (CHART / link).exists()]


def test_versions_agree() -> None:
    """The chart installs the version that it comes with."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert f'\nversion = "{chart["appVersion"]}"\n' in (ROOT / "pyproject.toml").read_text()
    assert chart["version"] == chart["appVersion"]


def test_the_services_read_every_variable_that_the_chart_sets(helm3: Helm) -> None:
    """A setting that was renamed is renamed here too."""
    known = set()
    for names, _, _ in documented(PodSettings, BusSettings, EventSourceSettings, SensorSettings).values():
        known |= set(names.split(", "))
    auth = {"existingSecret": "x", "userKey": "u", "passwordKey": "p", "tokenKey": "t", "nkeyKey": "n", "credsKey": "c"}
    tls = {"existingSecret": "y", "certKey": "c", "keyKey": "k"}
    external = {"url": "nats://a:4222", "auth": auth, "tls": tls}
    for values in ({}, {"nats": {"enabled": False}, "externalNats": external, "bus": {"maxBytes": 1}}):
        for part in ("sensor", "eventsource"):
            assert set(rendered(helm3, **values).env(part)) <= known


def test_every_example_says_what_it_is_for() -> None:
    """The first line of each is a comment for people."""
    assert all(path.read_text().startswith("# ") for path in EXAMPLES)


def test_the_package_holds_what_the_chart_needs(helm3: Helm, tmp_path: Path) -> None:
    """`helm package` takes rules, dashboards and the table of kinds along."""
    helm3.run("package", CHART, "--destination", tmp_path)
    [package] = tmp_path.glob("*.tgz")
    assert "argoproj.io" in helm3.run("template", "rel", package, "--values", EXAMPLES[0])
    assert "PrometheusRule" in helm3.run("template", "rel", package, "--set", "metrics.prometheusRule.enabled=true")
