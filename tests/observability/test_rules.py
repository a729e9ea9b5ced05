"""The alerts: tested one by one, each with its page, over series that exist."""

import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

import eventsource.metrics
import sensor.metrics  # noqa: F401 - declares its series
from common.metrics import REGISTRY
from tests.observability import shipped

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


def exposed(registry: CollectorRegistry) -> set[str]:
    """Give the names under which the services show their series."""
    return {family.name + suffix for family in registry.collect() for suffix in SUFFIXES[family.type]}


def run(promtool: Path, *arguments: str | Path) -> str:
    """Run promtool beside the rules; what it does not like fails the test with its words."""
    command = [promtool, *arguments]
    done = subprocess.run(command, cwd=shipped.RULES.parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_are_well_formed(promtool: Path) -> None:
    """Prometheus reads the file as it is, and its linter finds nothing."""
    run(promtool, "check", "rules", "--lint=all", shipped.RULES)


def test_the_alerts_fire_when_they_should_and_only_then(promtool: Path) -> None:
    """The unit tests beside the rules pass."""
    run(promtool, "test", "rules", shipped.RULE_TESTS)


def test_a_wrong_rule_is_found_by_the_unit_tests(promtool: Path, tmp_path: Path) -> None:
    """Each alert in turn is made to fire for ever: the tests notice it, or they would prove nothing."""
    unnoticed = []
    for name in shipped.alerts():
        document = yaml.safe_load(shipped.RULES.read_text())
        for group in document["groups"]:
            for rule in group["rules"]:
                if rule.get("alert") == name:
                    rule["expr"] = f"({rule['expr']}) or vector(1)"
        (tmp_path / "rules.yaml").write_text(yaml.safe_dump(document))
        tests = yaml.safe_load(shipped.RULE_TESTS.read_text())
        tests["tests"] = [test for test in tests["tests"] if test["name"] == name]
        (tmp_path / "tests.yaml").write_text(yaml.safe_dump(tests))
        command = [promtool, "test", "rules", "tests.yaml"]
        if subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False).returncode == 0:
            unnoticed.append(name)
    assert not unnoticed


def test_every_alert_has_a_unit_test_that_fires_it_and_one_that_does_not() -> None:
    """A new alert without its test is not shipped."""
    tested = {}
    for test in yaml.safe_load(shipped.RULE_TESTS.read_text())["tests"]:
        expected = [bool(e["exp_samples"]) for e in test.get("promql_expr_test", ())]
        expected += [bool(e["exp_alerts"]) for e in test.get("alert_rule_test", ())]
        tested[test["name"]] = set(expected)
    assert tested == {name: {True, False} for name in shipped.alerts()}


@pytest.mark.parametrize("name", shipped.alerts())
def test_an_alert_says_how_bad_it_is_what_it_is_about_and_where_to_read_on(name: str) -> None:
    """Whoever is woken by it knows what to do next."""
    alert = shipped.alerts()[name]
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"]["summary"].endswith(".")
    assert "$labels.namespace" in alert["annotations"]["description"]
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    """The link in an alert leads somewhere, and no page is left of an alert that is gone."""
    assert {page.stem for page in shipped.RUNBOOKS.glob("*.md")} == set(shipped.alerts())


@pytest.mark.parametrize("name", shipped.alerts())
def test_a_page_has_all_its_parts(name: str) -> None:
    """What it means, where to look, what to do, when it goes away: in this order on every page."""
    lines = (shipped.RUNBOOKS / f"{name}.md").read_text().splitlines()
    assert lines[0] == f"# {name}"
    assert [line for line in lines if line.startswith("## ")] == ["## Look at", "## Do", "## It goes away"]


def test_rules_use_only_series_that_the_services_have() -> None:
    """An alert on a series that nobody has never fires."""
    known = exposed(REGISTRY) | {rule["record"] for rule in shipped.rules() if "record" in rule}
    used = {name for rule in shipped.rules() for name in shipped.series(rule["expr"])}
    assert eventsource.metrics.OUTCOMES
    assert used
    assert used <= known, used - known


def test_every_recorded_series_is_used() -> None:
    """What is recorded and never read only costs."""
    recorded = {rule["record"] for rule in shipped.rules() if "record" in rule}
    assert recorded <= {name for alert in shipped.alerts().values() for name in shipped.series(alert["expr"])}
