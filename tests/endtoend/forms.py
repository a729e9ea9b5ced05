"""The forms in which a user may configure the two services; all of them mean the same."""

from pathlib import Path
from typing import Any

import yaml

from tests.endtoend.rig import Rig, Service, encoded

WORKFLOW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "order-"},
    "spec": {
        "entrypoint": "main",
        "arguments": {"parameters": [{"name": "message"}]},
        "templates": [
            {
                "name": "main",
                "inputs": {"parameters": [{"name": "message"}]},
                "container": {"image": "busybox", "command": ["echo"], "args": ["{{inputs.parameters.message}}"]},
            }
        ],
    },
}


def event_source(rig: Rig) -> dict[str, Any]:
    """Write the EventSource of the rig's queue."""
    sqs = {"region": "us-east-1", "queue": rig.queue.name, "waitTimeSeconds": 2}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "EventSource",
        "metadata": {"name": "orders", "namespace": rig.namespace},
        "spec": {"sqs": {"created": sqs}},
    }


def sensor(rig: Rig) -> dict[str, Any]:
    """Write the Sensor that makes a Workflow of each message."""
    parameter = {"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "spec.arguments.parameters.0.value"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Sensor",
        "metadata": {"name": "orders", "namespace": rig.namespace},
        "spec": {
            "dependencies": [{"name": "order", "eventSourceName": "orders", "eventName": "created"}],
            "triggers": [
                {
                    "template": {
                        "name": "workflow",
                        "k8s": {"operation": "create", "source": {"resource": WORKFLOW}, "parameters": [parameter]},
                    }
                }
            ],
        },
    }


def drop_in(rig: Rig) -> tuple[Service, Service]:
    """Start from the environment that Argo Events' controller gives its pods."""
    bus = {
        "EVENTBUS_CONFIG": encoded({"jetstream": {"url": rig.nats.url}}),
        "EVENTBUS_SUBJECT": f"eventbus-{rig.namespace}",
    }
    bare = {"kind": None, "apiVersion": None}
    source = encoded({k: v for k, v in (event_source(rig) | bare | {"status": {}}).items() if v is not None})
    document = encoded({k: v for k, v in (sensor(rig) | bare | {"status": {}}).items() if v is not None})
    return (
        rig.service("eventsource", EVENTSOURCE_OBJECT=source, **bus, **rig.aws),
        rig.service("sensor", SENSOR_OBJECT=document, KUBECONFIG=rig.kubeconfig, **bus),
    )


def files(rig: Rig) -> tuple[Service, Service]:
    """Start from mounted files."""
    paths = {}
    for name, document in (("eventsource", event_source(rig)), ("sensor", sensor(rig))):
        paths[name] = rig.folder / f"{name}.yaml"
        paths[name].write_text(yaml.safe_dump(document, allow_unicode=True))
    return (
        rig.service("eventsource", EVENTSOURCE_FILE=str(paths["eventsource"]), NATS_URL=rig.nats.url, **rig.aws),
        rig.service("sensor", SENSOR_FILE=str(paths["sensor"]), NATS_URL=rig.nats.url, KUBECONFIG=rig.kubeconfig),
    )


def variables(rig: Rig) -> tuple[Service, Service]:
    """Start from environment variables alone."""
    path: Path = rig.folder / "workflow.yaml"
    path.write_text(yaml.safe_dump(WORKFLOW))
    return (
        rig.service(
            "eventsource",
            EVENTSOURCE_NAME="orders",
            EVENTSOURCE_EVENT="created",
            SQS_QUEUE=rig.queue.name,
            SQS_WAIT_TIME_SECONDS="2",
            NATS_URL=rig.nats.url,
            **rig.aws,
        ),
        rig.service(
            "sensor",
            SENSOR_NAME="orders",
            SENSOR_DEPENDENCY="orders/created",
            WORKFLOW_FILE=str(path),
            PARAMETER_NAME="message",
            PARAMETER_SOURCE="body",
            NATS_URL=rig.nats.url,
            KUBECONFIG=rig.kubeconfig,
        ),
    )


FORMS = {"drop-in": drop_in, "files": files, "variables": variables}
