"""The chart's own pages: generated where they can be, and pointing at what exists."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from pydantic import AliasChoices

from common.settings import BusSettings, PodSettings, Settings, documented
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


def settings() -> dict[str, Any]:
    """Give the settings by their variables."""
    groups: tuple[type[Settings], ...] = (PodSettings, BusSettings, EventSourceSettings, SensorSettings)
    return {name: field for group in groups for field in group.model_fields.values() for name in _names(field)}


def _names(field: Any) -> list[str]:  # noqa: ANN401 - pydantic's FieldInfo
    alias = field.validation_alias
    return [str(alias.choices[0])] if isinstance(alias, AliasChoices) else [alias]


def test_the_chart_can_set_every_variable_of_the_services(helm3: Helm) -> None:
    """Each has a value, or a reason to have none."""
    auth = {"existingSecret": "x", "userKey": "u", "passwordKey": "p", "tokenKey": "t", "nkeyKey": "n", "credsKey": "c"}
    tls = {"existingSecret": "y", "certKey": "c", "keyKey": "k", "handshakeFirst": True}
    external = {"url": "nats://a:4222", "auth": auth, "tls": tls}
    server = {"url": "https://a", "existingSecret": "z", "tokenKey": "t", "caKey": "c", "insecure": True}
    values = {"nats": {"enabled": False}, "externalNats": external, "bus": {"maxBytes": 1}}
    found = rendered(helm3, sensorDefaults={"firing": {"argoServer": server}}, **values)
    reached = set(found.env("sensor")) | set(found.env("eventsource"))
    assert set(settings()) - reached == WITHOUT_A_VALUE


WITHOUT_A_VALUE = {
    # The chart mounts a whole document and everything where the services look.
    *("EVENTSOURCE_OBJECT", "EVENTSOURCE_OPTIONS", "EVENTSOURCE_NAME", "EVENTSOURCE_EVENT", "SQS_QUEUE", "AWS_REGION"),
    *("SENSOR_OBJECT", "SENSOR_OPTIONS", "SENSOR_NAME", "SENSOR_DEPENDENCY", "WORKFLOW_FILE", "WORKFLOW_TEMPLATE"),
    *(
        "PARAMETER_NAME",
        "PARAMETER_DEST",
        "PARAMETER_SOURCE",
        "SQS_WAIT_TIME_SECONDS",
        "SECRETS_DIR",
        "CONFIG_DIR",
        "KUBECONFIG",
    ),
    # What Argo Events' controller hands over.
    *("EVENTBUS_CONFIG", "EVENTBUS_AUTH_FILE"),
    # A file is in their place.
    *("NATS_PASSWORD", "NATS_TOKEN"),
}


def test_values_of_the_services_work_have_their_own_defaults_and_bounds() -> None:
    """What values.yaml shows is what the services would do by themselves, and the schema lets nothing pass that they refuse."""
    variables = yaml.safe_load((CHART / "files" / "variables.yaml").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())["defaults"]
    schema = json.loads((CHART / "values.schema.json").read_text())["definitions"]
    for group, named in variables.items():
        assert set(named) == set(values[group]) - {"argoServer"}
        for key, variable in named.items():
            field, described = settings()[variable], schema[group]["properties"][key]
            assert values[group][key] == field.default, key
            least = max((getattr(m, "ge", None) or getattr(m, "gt", None) or 0 for m in field.metadata), default=0)
            most = min((m.le for m in field.metadata if hasattr(m, "le")), default=None)
            assert described.get("minimum", described.get("exclusiveMinimum", 0)) >= least, key
            assert described.get("maximum") == most, key


def test_every_example_says_what_it_is_for() -> None:
    """The first line of each is a comment for people."""
    assert all(path.read_text().startswith("# ") for path in EXAMPLES)


def test_the_package_holds_what_the_chart_needs(helm3: Helm, tmp_path: Path) -> None:
    """`helm package` takes rules, dashboards and the table of kinds along."""
    helm3.run("package", CHART, "--destination", tmp_path)
    [package] = tmp_path.glob("*.tgz")
    assert "argoproj.io" in helm3.run("template", "rel", package, "--values", EXAMPLES[0])
    assert "PrometheusRule" in helm3.run("template", "rel", package, "--set", "metrics.prometheusRule.enabled=true")
