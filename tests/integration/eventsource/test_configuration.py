"""Three forms of configuration do the same; a bad one ends the process before anything is opened."""

import base64
import json
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import bodies, eventually
from tests.integration.eventsource.conftest import Source, document, stored
from tests.servers.sqs import Queue


@pytest.mark.promise("E1")
@pytest.mark.parametrize("form", ["variables", "object", "file"])
def test_every_form_of_configuration_carries_every_body(
    form: str, nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """300 messages of mixed bodies through each form: each once on the bus, byte for byte, and none left in SQS."""
    text = document(orders={"queue": queue.name})
    if form == "object":
        bare = {name: text[name] for name in ("metadata", "spec")} | {"status": {}}
        environment = {"EVENTSOURCE_OBJECT": base64.b64encode(json.dumps(bare).encode()).decode(), "EVENTBUS_SUBJECT": "x"}
        environment["EVENTBUS_CONFIG"] = base64.b64encode(
            json.dumps({"jetstream": {"url": nats_server.url, "streamConfig": ""}}).encode()
        ).decode()
        service = source("", queue, document=None, **environment, EVENTSOURCE_NAME="", EVENTSOURCE_EVENT="", SQS_QUEUE="")
    else:
        service = source(nats_server.url, queue, document=text if form == "file" else None)
    sent = bodies(300)
    queue.send_many(*sent)
    service.start()
    eventually("an empty queue", queue.empty, 60)
    found = stored(nats_server.url, stream)
    assert Counter(message.body for message in found) == Counter(sent)
    assert {message.subject for message in found} == {f"{stream}.aws-sqs.orders"}
    assert service.process.stop() == 0


@pytest.mark.promise("I3")
@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({}, "EVENTSOURCE_OBJECT, EVENTSOURCE_FILE or EVENTSOURCE_NAME: one of them is required"),
        ({"EVENTSOURCE_FILE": "no-region.yaml"}, "spec.sqs.orders: must specify region"),
        ({"EVENTSOURCE_FILE": "webhook.yaml"}, "spec.webhook: this kind of event source is not supported: Argosy reads SQS"),
        ({"EVENTSOURCE_OBJECT": "%"}, "EVENTSOURCE_OBJECT: not base64 of a JSON object"),
        ({"EVENTSOURCE_FILE": "good.yaml", "NATS_URL": ""}, "NATS_URL: required, but missing"),
        ({"EVENTSOURCE_FILE": "good.yaml", "METRICS_PORT": "x"}, "METRICS_PORT: Input should be a valid integer"),
        ({"EVENTSOURCE_FILE": "good.yaml", "EVENTSOURCE_MAX_POLLERS": "0"}, "EVENTSOURCE_MAX_POLLERS: Input should be greater"),
        ({"EVENTSOURCE_FILE": "good.yaml", "NATS_STREAM": "a.b"}, "NATS_STREAM: 'a.b' may hold"),
    ],
)
def test_a_bad_configuration_ends_with_2_and_one_line(environment: dict[str, str], fault: str, tmp_path: Path) -> None:
    """The line names the place; no connection was opened."""
    (tmp_path / "good.yaml").write_text(json.dumps(document(orders={"queue": "q"})))
    (tmp_path / "no-region.yaml").write_text(json.dumps(document(orders={"queue": "q", "region": ""})))
    (tmp_path / "webhook.yaml").write_text(json.dumps({"metadata": {"name": "x"}, "spec": {"webhook": {"a": {}}}}))
    with socket.create_server(("127.0.0.1", 0)) as anybody:
        address = f"127.0.0.1:{anybody.getsockname()[1]}"
        base = {"NATS_URL": f"nats://{address}", "AWS_ENDPOINT_URL": f"http://{address}", "METRICS_PORT": "0"}
        ended = subprocess.run(
            [sys.executable, "-m", "eventsource"],
            env={**base, **environment, "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONWARNINGS": "error"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        anybody.settimeout(0)
        with pytest.raises(BlockingIOError):
            anybody.accept()
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(fault)
