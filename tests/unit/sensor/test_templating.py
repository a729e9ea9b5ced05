"""Templates in the way of an event: in parameters, and before a data filter compares."""

import json
from typing import Any

from sensor import identity, plan, rules
from sensor.ports import Firing
from sensor.triggers import Surroundings
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeCluster, event


def created(data: dict[str, Any], **src: str) -> dict[str, Any]:
    """Fire a sensor whose one parameter has this source, and give the object that was made."""
    dependency = {"name": "order", "eventSourceName": "orders", "eventName": "created"}
    resource = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}, "data": {"v": ""}}
    parameter = {"src": {"dependencyName": "order", **src}, "dest": "data.v"}
    trigger = {"name": "t", "k8s": {"operation": "create", "source": {"resource": resource}, "parameters": [parameter]}}
    document = {"metadata": {"name": "s"}, "spec": {"dependencies": [dependency], "triggers": [{"template": trigger}]}}
    cluster = FakeCluster()
    (planned,) = plan.plan(rules.read(document).value, Surroundings("s", "ns", cluster), plan.Names())
    events = {"order": event(data=json.dumps(data).encode())}
    play(planned.fires.fire(Firing(identity.firing("ns", "s", "t", events), events, 0.0)))
    (made,) = cluster.objects.values()
    return dict(made)


def test_a_template_writes_the_parameter() -> None:
    """Functions of sprig over the data of the event."""
    made = created({"body": {"name": "ada"}}, dataTemplate='{{ .Input.body.name | upper }}-{{ printf "%03d" 7 }}')
    assert made["data"]["v"] == "ADA-007"


def test_a_template_over_the_context() -> None:
    """The context of the event is an input of its own."""
    assert created({}, contextTemplate="{{ .Input.source }}/{{ .Input.subject }}")["data"]["v"] == "orders/created"


def test_a_template_that_fails_leaves_it_to_the_default() -> None:
    """As in Argo Events; the use of the default is told."""
    assert created({"body": {}}, dataTemplate="{{ .Input.body.name.first }", value="nobody")["data"]["v"] == "nobody"


def test_a_template_reads_nothing_of_the_pod() -> None:
    """The environment stays out of templates (fault F27 of Argo Events)."""
    assert created({}, dataTemplate='{{ env "PATH" }}', value="hidden")["data"]["v"] == "hidden"
