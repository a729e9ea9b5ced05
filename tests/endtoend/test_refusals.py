"""Bad documents and settings end with exit 2 and one line that names the place, before anything was opened."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.endtoend.rig import encoded

SOURCE = {"metadata": {"name": "orders"}, "spec": {"sqs": {"created": {"region": "us-east-1", "queue": "q"}}}}
PARAMETER = {"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "spec.x"}
WORKFLOW = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "w-"}}


def sensor(**k8s: object) -> dict[str, object]:
    """Make a sensor whose trigger differs from a good one in what is given."""
    trigger = {"operation": "create", "source": {"resource": WORKFLOW}, "parameters": [PARAMETER], **k8s}
    return {
        "metadata": {"name": "orders"},
        "spec": {
            "dependencies": [{"name": "order", "eventSourceName": "orders", "eventName": "created"}],
            "triggers": [{"template": {"name": "workflow", "k8s": trigger}}],
        },
    }


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    """Listen where the services would connect."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(0.2)
        yield listener


CASES = [
    ("eventsource", {"EVENTSOURCE_NAME": "o", "EVENTSOURCE_EVENT": "e"}, "SQS_QUEUE"),
    ("eventsource", {"EVENTSOURCE_OBJECT": "%"}, "EVENTSOURCE_OBJECT: not base64"),
    ("eventsource", {"EVENTSOURCE_FILE": "/nowhere.yaml"}, "EVENTSOURCE_FILE: /nowhere.yaml cannot be read"),
    (
        "eventsource",
        {"EVENTSOURCE_OBJECT": encoded({"metadata": {"name": "o"}, "spec": {"sqs": {"e": {"queue": "q"}}}})},
        "region",
    ),
    ("eventsource", {"EVENTSOURCE_OBJECT": encoded({"metadata": {"name": "o.p"}, "spec": SOURCE["spec"]})}, "metadata.name"),
    (
        "eventsource",
        {"EVENTSOURCE_OBJECT": encoded({"metadata": {"name": "o"}, "spec": {"webhook": {"e": {}}}})},
        "spec.webhook",
    ),
    (
        "eventsource",
        {"EVENTSOURCE_OBJECT": encoded(SOURCE), "EVENTSOURCE_VISIBILITY_TIMEOUT": "x"},
        "EVENTSOURCE_VISIBILITY_TIMEOUT",
    ),
    ("eventsource", {"EVENTSOURCE_OBJECT": encoded(SOURCE), "METRICS_PORT": "99999"}, "METRICS_PORT"),
    ("sensor", {}, "SENSOR_"),
    ("sensor", {"SENSOR_OBJECT": encoded(sensor(operation="copy"))}, "spec.triggers[0].template.k8s.operation"),
    (
        "sensor",
        {"SENSOR_OBJECT": encoded(sensor(parameters=[{**PARAMETER, "operation": "x"}]))},
        "spec.triggers[0].template.k8s.parameters[0]",
    ),
    ("sensor", {"SENSOR_OBJECT": encoded(sensor(source={}))}, "spec.triggers[0].template.k8s.source"),
    ("sensor", {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "orders", "WORKFLOW_TEMPLATE": "t"}, "SENSOR_DEPENDENCY"),
    ("sensor", {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "orders/created"}, "WORKFLOW_"),
]


@pytest.mark.promise("I3")
@pytest.mark.parametrize(("service", "environment", "named"), CASES)
def test_exit_2_and_one_line(trap: socket.socket, service: str, environment: dict[str, str], named: str) -> None:
    """The line names the place; no connection was opened, neither to the bus nor to SQS."""
    port = trap.getsockname()[1]
    base = {k: v for k, v in os.environ.items() if not k.startswith(("EVENTSOURCE", "SENSOR", "NATS", "EVENTBUS", "WORKFLOW"))}
    places = {"NATS_URL": f"nats://127.0.0.1:{port}", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "METRICS_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, "-m", service],
        env={**base, **places, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert named in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    with pytest.raises(TimeoutError):
        trap.accept()


@pytest.mark.promise("I3")
@pytest.mark.parametrize("service", ["eventsource", "sensor"])
def test_a_missing_bus_is_named(service: str) -> None:
    """Without an address of the bus nothing starts."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NATS", "EVENTBUS"))}
    documents = {"EVENTSOURCE_OBJECT": encoded(SOURCE), "SENSOR_OBJECT": encoded(sensor())}
    ended = subprocess.run(
        [sys.executable, "-m", service],
        env={**environment, **documents},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "NATS_URL" in ended.stderr
