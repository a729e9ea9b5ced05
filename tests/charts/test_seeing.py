"""Metrics, alerts and dashboards: what the Prometheus operator and Grafana's sidecar are given."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts import helm as charts
from tests.charts.helm import CHART, Helm
from tests.charts.items import rendered

RULES = CHART / "rules" / "rules.yaml"
DOCS = "https://docs.example.com/"


def alerts(found: charts.Rendered) -> dict[str, dict[str, Any]]:
    """Give the alerts by name."""
    groups = found.one("PrometheusRule")["spec"]["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def test_nothing_of_it_by_default(helm3: Helm) -> None:
    """A cluster without the operator takes the chart."""
    assert not {o["kind"] for o in rendered(helm3).objects} & {"PodMonitor", "PrometheusRule"}


def test_pod_monitor(helm3: Helm) -> None:
    """It finds the pods of both services by labels and port, and none of the bus."""
    found = rendered(helm3, metrics={"podMonitor": {"enabled": True, "labels": {"release": "p"}, "scrapeTimeout": "5s"}})
    monitor = found.one("PodMonitor")
    assert monitor["metadata"]["labels"]["release"] == "p"
    [endpoint] = monitor["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"], endpoint["interval"], endpoint["scrapeTimeout"]) == (
        "metrics",
        "/metrics",
        "30s",
        "5s",
    )
    selector = monitor["spec"]["selector"]
    [among] = selector["matchExpressions"]
    for name, deployment in found.of("Deployment").items():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert selector["matchLabels"].items() <= labels.items()
        assert labels[among["key"]] in among["values"]
        assert {"name": "metrics", "containerPort": 7777} in found.main(name)["ports"]
    nats = found.one("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert nats[among["key"]] not in among["values"]


def test_prometheus_rule(helm3: Helm) -> None:
    """The rule file as it is, each alert with the link to its runbook; single ones can be left out, others added."""
    on = {"enabled": True, "labels": {"release": "p"}, "alertLabels": {"team": "a"}}
    written = {r["alert"]: r for g in yaml.safe_load(RULES.read_text())["groups"] for r in g["rules"] if "alert" in r}
    found = alerts(rendered(helm3, metrics={"prometheusRule": on, "runbookBase": DOCS}))
    assert written
    assert set(found) == set(written)
    for name, rule in written.items():
        assert found[name]["expr"] == rule["expr"]
        assert found[name]["annotations"]["runbook_url"] == f"{DOCS}runbooks/{name}.md"
        assert (
            found[name]["annotations"].items() >= {k: v for k, v in rule["annotations"].items() if k != "runbook_url"}.items()
        )
        assert found[name]["labels"] == {**rule["labels"], "team": "a"}
    first = next(iter(written))
    extra = {"alert": "Mine", "expr": "vector(1)"}
    fewer = alerts(rendered(helm3, metrics={"prometheusRule": {**on, "disabled": {first: True}, "extraRules": [extra]}}))
    assert set(fewer) == set(written) - {first} | {"Mine"}


def test_dashboards(helm3: Helm, tmp_path: Path) -> None:
    """Every file under dashboards/ is a ConfigMap with the sidecar's label and the very text; none at all is no fault."""
    copy = tmp_path / "argosy"
    shutil.copytree(CHART, copy)
    for old in (copy / "dashboards").glob("*.json"):
        old.unlink()
    values = helm3.values({"metrics": {"dashboards": {"enabled": True, "annotations": {"folder": "Argosy"}}}})
    assert "dashboard" not in helm3.run("template", "rel", copy, *values)
    text = '{"title": "{{ $labels }} \\"quoted\\"", "uid": "x"}\n'
    (copy / "dashboards" / "flow.json").write_text(text)
    objects = [o for o in yaml.safe_load_all(helm3.run("template", "rel", copy, *values)) if o]
    [board] = [o for o in objects if "dashboard" in o["metadata"]["name"]]
    assert board["data"] == {"flow.json": text}
    assert board["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert board["metadata"]["annotations"] == {"folder": "Argosy"}


@pytest.mark.parametrize("name", ["flow", "operations"])
def test_links_from_the_dashboards_to_the_runbooks(helm3: Helm, name: str) -> None:
    """They lead where the alerts' links lead; below Grafana's own address there is no page, so there is no link."""
    written = json.loads((CHART / "dashboards" / f"{name}.json").read_text())
    for base in (DOCS, "docs/"):
        found = rendered(helm3, metrics={"dashboards": {"enabled": True}, "runbookBase": base})
        board = json.loads(found.one("ConfigMap", f"dashboard-{name}")["data"][f"{name}.json"])
        links = [link for panel in board["panels"] for link in panel.get("links", ())]
        wanted = [link for panel in written["panels"] for link in panel.get("links", ())] if base == DOCS else []
        assert [link["url"] for link in links] == [f"{DOCS}{link['url'].removeprefix('docs/')}" for link in wanted]
        for panel in (*board["panels"], *written["panels"]):
            panel.pop("links", None)
        assert board == written
