"""What the pods are told to do: three events, and four triggers that make Workflows of them.

`order` fires with each order. `pair` and `newest` wait for a left and a right event: `pair` in order, so that each fires, and
`newest` with the last of each. `pair` needs the text of the left one, `single` that of the right one: what has none is poison.
"""

from collections.abc import Mapping
from typing import Any

from tests.chaos.traffic import LEFT, ORDER, RIGHT
from tests.servers.sqs import Queue

SOURCE, SENSOR = "orders", "orders"
TRIGGERS = {
    "order": [(ORDER, "body")],
    "pair": [(LEFT, "body"), (RIGHT, "body"), (LEFT, "body.text")],
    "newest": [(LEFT, "body"), (RIGHT, "body")],
    "single": [(RIGHT, "body"), (RIGHT, "body.text")],
}
"""The parameters of each trigger: of which event, and what of it. Those that are a whole body come first."""
OPTIONS: Mapping[str, dict[str, Any]] = {"pair": {"join": "inOrder"}}
BODIES = {trigger: [event for event, key in values if key == "body"] for trigger, values in TRIGGERS.items()}
"""The events of which a Workflow of each trigger holds the body."""


def event_source(namespace: str, queues: Mapping[str, Queue]) -> dict[str, Any]:
    """Write the EventSource."""
    common = {"region": "us-east-1", "waitTimeSeconds": 2}
    sqs = {event: {**common, "queue": queue.name, "jsonBody": event != ORDER} for event, queue in queues.items()}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "EventSource",
        "metadata": {"name": SOURCE, "namespace": namespace},
        "spec": {"sqs": sqs},
    }


def sensor(namespace: str) -> dict[str, Any]:
    """Write the Sensor."""
    dependencies = [{"name": event, "eventSourceName": SOURCE, "eventName": event} for event in (ORDER, LEFT, RIGHT)]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Sensor",
        "metadata": {"name": SENSOR, "namespace": namespace},
        "spec": {"dependencies": dependencies, "triggers": [_trigger(name) for name in TRIGGERS]},
    }


def _trigger(name: str) -> dict[str, Any]:
    parameters = [
        {"src": {"dependencyName": event, "dataKey": key}, "dest": f"spec.arguments.parameters.{place}.value"}
        for place, (event, key) in enumerate(TRIGGERS[name])
    ]
    conditions = " && ".join(dict.fromkeys(event for event, _ in TRIGGERS[name]))
    k8s = {"operation": "create", "source": {"resource": _workflow(name)}, "parameters": parameters}
    return {"template": {"name": name, "conditions": conditions, "k8s": k8s}, "argosy": dict(OPTIONS.get(name, {}))}


def _workflow(name: str) -> dict[str, Any]:
    values = [{"name": f"value{place}"} for place, _ in enumerate(TRIGGERS[name])]
    container = {"image": "busybox", "command": ["echo"], "args": ["{{inputs.parameters.value0}}"]}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": f"{name}-"},
        "spec": {
            "entrypoint": name,
            "arguments": {"parameters": values},
            "templates": [{"name": name, "inputs": {"parameters": values}, "container": container}],
        },
    }
