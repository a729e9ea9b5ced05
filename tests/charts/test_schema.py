"""A wrong value is refused by its name before anything is sent to a cluster, by both versions of helm."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.charts.helm import CHART, Helm, Refused
from tests.charts.items import SENSOR, SOURCE, rendered


def trigger(**template: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a document
    """Write a sensor with this one trigger."""
    return {**SENSOR, "triggers": [{"template": template}]}


TYPOS: list[tuple[dict[str, Any], str]] = [
    ({"natz": {}}, "natz"),
    ({"nats": {"replica": 3}}, "replica"),
    ({"metrics": {"podMonitor": {"enable": True}}}, "enable"),
    ({"defaults": {"resources": {"limit": {}}}}, "limit"),
    ({"sensorDefaults": {"podSecurityContext": {"runAsRoot": False}}}, "runAsRoot"),
    ({"source": {"replica": 1}}, "replica"),
    ({"source": {"keda": {"queueDepth": 5}}}, "queueDepth"),
    ({"source": {"rbac": {}}}, "rbac"),
    ({"sensor": {"serviceAccount": {"annotation": {}}}}, "annotation"),
    ({"sensor": {"rbac": {"rule": []}}}, "rule"),
    ({"sensor": {"env": [{"name": "A", "vaule": "b"}]}}, "vaule"),
    ({"sensor": {"probes": {"readyness": {}}}}, "readyness"),
    ({"sensor": {"firing": {"inflight": 5}}}, "inflight"),
    ({"sensor": {"firing": {"argoServer": {"token": "x"}}}}, "token"),
    ({"sensor": {"reading": {}}}, "reading"),
    ({"source": {"firing": {}}}, "firing"),
    ({"sensorDefaults": {"reading": {"maxPollers": 3}}}, "reading"),
    ({"eventSourceDefaults": {"firing": {"inFlight": 3}}}, "firing"),
    ({"networkPolicy": {"metricsfrom": []}}, "metricsfrom"),
]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"nats": {"replicas": 2}}, "replicas"),
    ({"image": {"digest": "sha256:short"}}, "digest"),
    ({"image": {"pullPolicy": "Sometimes"}}, "pullPolicy"),
    ({"bus": {"stream": "a.b"}}, "stream"),
    ({"metrics": {"runbookBase": "https://docs.example.com"}}, "runbookBase"),
    ({"source": {"reading": {"bodyEncoding": "hex"}}}, "bodyEncoding"),
    ({"sensor": {"firing": {"triggerGrace": 5}}}, "triggerGrace"),
    ({"sensor": {"firing": {"argoServer": {"url": "argo-server:2746"}}}}, "url"),
    ({"sensor": {"replicas": -1}}, "replicas"),
    ({"sensor": {"replicas": "two"}}, "replicas"),
    ({"sensor": {"logLevel": "loud"}}, "logLevel"),
    ({"eventSources": {"With.Dots": {"spec": SOURCE}}}, "With.Dots"),
    ({"eventSources": {"a": {}}}, "spec"),
    ({"source": {"spec": {"sqs": {"a": {"queue": "b"}}}}}, "region"),
    ({"source": {"spec": {"sqs": {"a.b": SOURCE["sqs"]["placed"]}}}}, "a.b"),
    ({"source": {"spec": {**SOURCE, "webhook": {"a": {}}}}}, "webhook"),
    ({"source": {"spec": {"sqs": {"a": {"region": "r", "queue": "q", "waitTimeSeconds": "20"}}}}}, "waitTimeSeconds"),
    ({"sensor": {"spec": {**SENSOR, "dependencies": []}}}, "dependencies"),
    ({"sensor": {"spec": trigger(name="x")}}, "template"),
    ({"sensor": {"spec": trigger(k8s={"source": {}})}}, "name"),
    ({"sensor": {"spec": trigger(name="x", k8s={"operation": "make", "source": {}})}}, "operation"),
]


@pytest.mark.promise("I3")
@pytest.mark.parametrize(("values", "name"), [*TYPOS, *WRONG], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_wrong_is_refused_by_name(helm3: Helm, helm4: Helm, values: dict[str, Any], name: str) -> None:
    """A misspelt key, a value out of bounds, and a document that the pod would surely refuse."""
    for helm in (helm3, helm4):
        with pytest.raises(Refused, match="don't meet the specifications of the schema") as refusal:
            rendered(helm, **values)
        assert name in str(refusal.value)


def test_documents_may_hold_what_argosy_only_warns_about(helm3: Helm) -> None:
    """A field that is unknown to Argo Events is warned about by the pod, so an install does not fail for it."""
    spec = {**SOURCE, "colour": "blue", "sqs": {"placed": {**SOURCE["sqs"]["placed"], "shape": "round"}}}
    assert rendered(helm3, source={"spec": spec})


def test_as_a_part_of_another_chart(helm3: Helm) -> None:
    """An umbrella chart hands `global` to all its parts."""
    assert rendered(helm3, **{"global": {"anything": 1}})


def test_the_schema_knows_every_value() -> None:
    """values.yaml and the schema describe the same keys, except below maps that are the user's or Kubernetes' own."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    shown = set(_shown(yaml.safe_load((CHART / "values.yaml").read_text())))
    assert shown == set(_described(schema, schema))


FREE = {"resources", "podSecurityContext", "securityContext", "probes", "podIdentity", "authenticationRef"}
FREE |= {"labels", "affinity"}
"""What is written in Kubernetes' words, or KEDA's: values.yaml shows only what is set there."""
ITEMS = {"eventSources", "sensors", "eventSourceDefaults", "sensorDefaults"}
"""What repeats `defaults`."""


def _shown(values: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        yield f"{path}{key}"
        if isinstance(value, dict) and key not in FREE | ITEMS:
            yield from _shown(value, f"{path}{key}.")


def _described(schema: dict[str, Any], part: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, inner in part.get("properties", {}).items():
        found: Any = inner
        while "$ref" in found:
            steps = found["$ref"].removeprefix("#/").split("/")
            found = schema
            for step in steps:
                found = found[step]
        yield f"{path}{key}"
        if key not in FREE | ITEMS:
            yield from _described(schema, found, f"{path}{key}.")
