"""The dashboards and rules over a real Prometheus that watched both services at work."""

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.endtoend.forms import WORKFLOW
from tests.endtoend.rig import Rig, encoded, eventually
from tests.observability import shipped
from tests.servers.prometheus import Prometheus
from tests.servers.sqs import Queue

EMPTY_WHEN_ALL_IS_WELL = {"operations: Failing now A"}
"""Queries that give nothing while nothing is wrong; all others have to give data."""
ALARMS = {"ArgosyParked", "ArgosyPoison"}
"""What has to fire after these messages, and nothing else."""
SECONDS = 60
FIRED, UNWANTED, FILTERED, PARKED, POISON = 240, 20, 20, 1, 1
"""How many messages of each kind are sent: to fire, for neither filter, without the parameter, without JSON."""


def messages() -> list[str]:
    """Write the messages, of all kinds."""
    of_kind = [("order", FIRED), ("spam", UNWANTED), ("report", FILTERED)]
    made = [json.dumps({"id": f"{kind}-{n}", "kind": kind}) for kind, count in of_kind for n in range(count)]
    return [*made, *[json.dumps({"kind": "order"})] * PARKED, *["no JSON"] * POISON]


def event_source(rig: Rig) -> dict[str, Any]:
    """Write the EventSource: JSON bodies, and no spam."""
    sqs = {"region": "us-east-1", "queue": rig.queue.name, "waitTimeSeconds": 1, "jsonBody": True}
    return {
        "metadata": {"name": "orders", "namespace": rig.namespace},
        "spec": {"sqs": {"created": {**sqs, "filter": {"expression": "body.kind != 'spam'"}}}},
    }


def sensor(rig: Rig) -> dict[str, Any]:
    """Write the Sensor: orders whose id has to be there and whose note need not; a join with limits; a dlqTrigger."""
    dependencies = [
        {"name": kind, "eventSourceName": "orders", "eventName": "created", "filters": {"data": [wanted(kind)]}}
        for kind in ("order", "report")
    ]
    parameters = [
        {"src": {"dependencyName": "order", "dataKey": "body.id"}, "dest": "spec.arguments.parameters.0.value"},
        {"src": {"dependencyName": "order", "dataKey": "body.note", "value": "none"}, "dest": "metadata.annotations.note"},
    ]
    missing = [{"src": {"dependencyName": "report", "dataKey": "body.nowhere"}, "dest": "metadata.annotations.x"}]
    limits = {"rateLimit": {"unit": "Second", "requestsPerUnit": 100}, "argosy": {"maxActive": 1000}}
    dlq = {"template": {"name": "instead", "log": {}}, "atLeastOnce": True}
    triggers = [
        {"template": creating("workflow", "order", parameters)},
        {"template": creating("both", "order && report", []), **limits},
        {"template": creating("never", "report", missing), "atLeastOnce": True, "dlqTrigger": dlq},
    ]
    return {
        "metadata": {"name": "orders", "namespace": rig.namespace},
        "spec": {"dependencies": dependencies, "triggers": triggers},
    }


def wanted(kind: str) -> dict[str, Any]:
    """Write the filter of one kind of message."""
    return {"path": "body.kind", "type": "string", "value": [kind]}


def creating(name: str, conditions: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the template of a trigger that creates Workflows."""
    k8s = {"operation": "create", "source": {"resource": WORKFLOW}, "parameters": parameters}
    return {"name": name, "conditions": conditions, "k8s": k8s}


def series(prometheus: Prometheus, query: str) -> list[dict[str, Any]]:
    """Ask for the series of an instant."""
    return prometheus.ask("query", query=query)["result"]


@pytest.fixture
def rig(tmp_path: Path, own_nats: Callable[..., NatsServer], kube: ApiServer, queue: Queue, namespace: str) -> Iterator[Rig]:
    """Give a bus of this test's own, and a queue and a namespace on the shared servers."""
    rig = Rig(tmp_path, own_nats(), kube, queue, namespace)
    yield rig
    rig.end()


@dataclass(frozen=True)
class Watched:
    """A Prometheus, and the moment at which it had seen both pods and no message had been sent."""

    server: Prometheus
    idle: float


@pytest.fixture
def watched(rig: Rig, prometheus: Path) -> Iterator[Watched]:
    """Give a Prometheus that has seen a few hundred messages on their way, of every kind."""
    source = {"EVENTSOURCE_OBJECT": encoded(event_source(rig)), "EVENTSOURCE_DEPTH_INTERVAL": "1", **rig.aws}
    services = [
        rig.service("eventsource", NATS_URL=rig.nats.url, **source),
        rig.service(
            "sensor",
            NATS_URL=rig.nats.url,
            SENSOR_OBJECT=encoded(sensor(rig)),
            KUBECONFIG=str(rig.kube.kubeconfig(rig.folder / "admin")),
        ),
    ]
    for service in services:
        service.start()
    # As the chart's PodMonitor labels them.
    targets = {s.port: {"namespace": rig.namespace, "pod": f"{s.process.name}-0"} for s in services}
    with Prometheus(prometheus, rig.folder / "prometheus", targets, rules=shipped.RULES) as server:
        eventually("both pods are scraped twice", lambda: _seen(server) == len(services), SECONDS)
        idle = time.time()
        for body in messages():
            rig.queue.call("SendMessage", MessageBody=body)
        rig.settled(FIRED, SECONDS)
        expected = [FIRED, UNWANTED + FILTERED, PARKED + POISON]
        eventually(f"Prometheus counts {expected}", lambda: figures(server) == expected, SECONDS)
        for what in ('argosy_sensor_join_events_total{fate="joined"}', 'argosy_sensor_outcomes_total{outcome="dlq_triggered"}'):
            eventually(f"Prometheus sees {what}", lambda what=what: bool(series(server, f"{what} > 0")), SECONDS)  # type: ignore[misc]
        eventually("the two alerts fire", lambda: firing(server) >= ALARMS, SECONDS)
        yield Watched(server, idle)


def figures(server: Prometheus) -> list[float]:
    """Give how many messages fired the plain trigger, were not wanted, and were parked, as Prometheus sees it."""
    fired = "sum(argosy_sensor_outcomes_total{{trigger_name='workflow',outcome='{0}'}})"
    both = f"{fired} + sum(argosy_source_outcomes_total{{{{outcome='{{0}}'}}}})"
    queries = [fired.format("fired"), both.format("filtered"), both.format("parked")]
    return [float(found["value"][1]) for query in queries for found in series(server, query)]


def firing(server: Prometheus) -> set[str]:
    """Name the alerts that fire."""
    return {found["metric"]["alertname"] for found in series(server, 'ALERTS{alertstate="firing"}')}


def _seen(server: Prometheus) -> int:
    found = series(server, "min by (pod) (count_over_time(argosy_build_info[1m]) >= 2)")
    return len(found)


def filled(query: str) -> str:
    """Put values in the place of Grafana's variables."""
    values = {"$__rate_interval": "30s", "$__range": "5m", "$namespace": ".*", "$eventsource": ".*", "$sensor": ".*"}
    for name, value in values.items():
        query = query.replace(name, value)
    assert "$" not in query, query
    return query


def has_data(watched: Watched, panel: dict[str, Any], expression: str) -> bool:
    """Ask a panel's query as Grafana does, from before the first message on; say whether there is a number to draw."""
    server = watched.server
    query = filled(expression)
    if panel["targets"][0].get("instant"):
        values = [s["value"][1] for s in series(server, query)]
    else:
        now = time.time()
        start = now - max(45, 5 * math.ceil((now - watched.idle) / 5))
        found = server.ask("query_range", query=query, start=start, end=now, step=5)["result"]
        values = [value for s in found for _, value in s["values"]]
    numbers = [float(value) for value in values if value != "NaN"]
    return any(numbers) if panel["type"] == "heatmap" else bool(numbers)


@pytest.mark.promise("H2")
def test_every_panel_and_every_rule_works_on_what_the_services_show(watched: Watched) -> None:
    """Each query returns data, each rule is evaluated, those two alerts fire that should, and no series came late."""
    server = watched.server
    empty = {where for where, panel, expression in shipped.queries() if not has_data(watched, panel, expression)}
    assert empty == EMPTY_WHEN_ALL_IS_WELL
    assert not [where for where, query in shipped.variables() if not _label_values(server, query)]

    rules = [rule for group in server.ask("rules")["groups"] for rule in group["rules"]]
    assert {rule["health"] for rule in rules} == {"ok"}, [rule.get("lastError") for rule in rules]
    assert len(rules) == len(shipped.rules())
    assert firing(server) == ALARMS

    used = {name for _, _, expression in shipped.queries() for name in shipped.series(expression)}
    used |= {name for alert in shipped.rules() for name in shipped.series(alert["expr"])}
    ours = {name for name in used if name.startswith(("argosy_", "argo_events_"))}
    found = server.ask("query", query='group by (__name__) ({__name__=~"argo.+"})', time=watched.idle)["result"]
    there = {one["metric"]["__name__"] for one in found}
    assert ours <= there, ours - there


def _label_values(server: Prometheus, query: str) -> list[str]:
    match = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
    assert match is not None, query
    return server.ask(f"label/{match[2]}/values", **{"match[]": filled(match[1])})
