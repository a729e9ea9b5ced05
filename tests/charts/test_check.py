"""`argosy check`, which `helm test` runs: that it can say no. That it says yes is in test_runs."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from argosy.check import BAD_DOCUMENT
from argosy.cli import app
from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from argosy.servers.process import free_port
from tests.servers.sqs import Queue

SENSOR = {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "a/b", "WORKFLOW_TEMPLATE": "w", "PARAMETER_NAME": "p"}
SOURCE = {"EVENTSOURCE_NAME": "s", "EVENTSOURCE_EVENT": "e", "AWS_REGION": "us-east-1"}


def check(service: str, **environment: str) -> tuple[int, str]:
    """Run it as a pod would."""
    result = CliRunner().invoke(app, ["check", service], env=environment)
    return result.exit_code, result.output


def test_a_bad_document_is_told_with_its_fault() -> None:
    """The exit code is that of the services."""
    code, said = check("sensor", NATS_URL="nats://127.0.0.1:1")
    assert code == BAD_DOCUMENT
    assert "no   SENSOR_OBJECT" in said


def test_a_queue_that_is_missing(nats_server: NatsServer, queue: Queue) -> None:
    """The bus says yes, the queue no: each is told in a line."""
    here = {**SOURCE, "NATS_URL": nats_server.url, "AWS_ENDPOINT_URL": queue.endpoint}
    code, said = check("eventsource", **here, SQS_QUEUE="nowhere")
    assert code == 1
    assert f"yes  the bus at {nats_server.url}" in said
    assert "no   queue nowhere: " in said
    assert check("eventsource", **here, SQS_QUEUE=queue.name)[0] == 0


def test_a_permission_that_is_missing(nats_server: NatsServer, kube: ApiServer, tmp_path: Path) -> None:
    """What may not be done is named; a bus that is away does not hide it."""
    token = kube.token_for("default", "nobody")
    config = kube.kubeconfig(tmp_path / "kubeconfig", token=token)
    code, said = check("sensor", **SENSOR, KUBECONFIG=str(config), NATS_URL=nats_server.url)
    assert code == 1
    assert "no   Workflow in default: may not create, get" in said


@pytest.mark.timeout(60)
def test_a_bus_that_is_away(kube: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given a while, then it is told why; the rest is asked all the same."""
    monkeypatch.setattr("argosy.check.WITHIN", 1.0)
    config = kube.kubeconfig(tmp_path / "kubeconfig")
    code, said = check("sensor", **SENSOR, KUBECONFIG=str(config), NATS_URL=f"nats://127.0.0.1:{free_port()}")
    assert code == 1
    assert "no   the bus at" in said
    assert "yes  Workflow in default" in said
    assert os.environ.get("KUBECONFIG") is None
