"""Ready means connected and allowed: each thing that is needed is taken away, named, tried again, and taken up when given."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import Service, eventually
from tests.integration.eventsource.conftest import Source, document, stored
from tests.integration.eventsource.doorman import Doorman
from tests.servers.sqs import Queue


def unready(service: Service, why: str) -> None:
    """Wait until the pod is not ready and says why; it lives."""
    eventually(f"unready: {why}", lambda: not service.says("readyz") and why in service.why(), 30)
    assert service.says("livez")


@pytest.mark.promise("C3", "C4")
@pytest.mark.parametrize("action", ["ReceiveMessage", "DeleteMessageBatch", "GetQueueUrl"])
def test_a_permission_that_is_missing(action: str, nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """It is named; with it given the pod is ready and all messages arrive once, without a restart."""
    sent = [str(n) for n in range(40)]
    with Doorman(queue.endpoint, denied={action}).standing() as doorman:
        service = source(nats_server.url, Queue(queue.name, queue.url, queue.arn, doorman.endpoint))
        queue.send_many(*sent)
        service.start(wait=False)
        unready(service, f"no permission for {action}")
        doorman.denied.clear()
        eventually("ready", lambda: service.says("readyz"), 30)
        eventually("an empty queue", queue.empty, 30)
        assert sorted(message.body for message in stored(nats_server.url, stream)) == sorted(sent)
        assert service.process.stop() == 0
    lines = [json.loads(line) for line in service.process.log.read_text().splitlines()]
    assert sum(action in str(line.get("why")) for line in lines) <= 2


@pytest.mark.promise("A1", "C3")
def test_a_delete_that_is_denied_stops_the_receiving(
    nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """What is published and cannot be deleted would come back for ever: no more is received than is in hand."""
    with Doorman(queue.endpoint, denied={"DeleteMessageBatch"}).standing() as doorman:
        service = source(
            nats_server.url, Queue(queue.name, queue.url, queue.arn, doorman.endpoint), EVENTSOURCE_MAX_IN_FLIGHT="50"
        )
        queue.send_many(*map(str, range(200)))
        service.start(wait=False)
        unready(service, "no permission for DeleteMessageBatch")
        refused = doorman.refused
        eventually("two more tries", lambda: doorman.refused >= refused + 2, 30)
        assert service.total("argosy_source_messages_received_total") <= 50
        doorman.denied.clear()
        eventually("an empty queue", queue.empty, 60)
        assert service.total("argosy_source_redeliveries_total") == 0
    assert len(stored(nats_server.url, stream)) == 200


@pytest.mark.promise("C3")
def test_keys_that_are_not_mounted_yet(nats_server: NatsServer, queue: Queue, source: Source, tmp_path: Path) -> None:
    """The secret is named; when it is there it is taken up."""
    keys = {"accessKey": {"name": "aws", "key": "id"}, "secretKey": {"name": "aws", "key": "secret"}}
    service = source(
        nats_server.url,
        queue,
        document=document(orders={"queue": queue.name, **keys}),
        SECRETS_DIR=str(tmp_path),
        AWS_ACCESS_KEY_ID="",
        AWS_SECRET_ACCESS_KEY="",
    )
    queue.send("a")
    service.start(wait=False)
    unready(service, "secret aws, key id: ")
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws" / "id").write_text("test")
    (tmp_path / "aws" / "secret").write_text("test")
    eventually("ready", lambda: service.says("readyz"), 30)
    eventually("an empty queue", queue.empty, 30)


@pytest.mark.promise("C3", "C6")
def test_a_bus_that_does_not_let_us_in(own_nats: Callable[..., NatsServer], queue: Queue, source: Source) -> None:
    """The wrong password: nothing is received meanwhile; when the server knows us we go on."""
    bus = own_nats(config='authorization { user: "a", password: "right" }')
    service = source(bus.url, queue, NATS_USER="a", NATS_PASSWORD="wrong")
    queue.send("a")
    service.start(wait=False)
    unready(service, "bus: ")
    assert queue.counts() == (1, 0, 0)
    bus.stop()
    bus.config = 'authorization { user: "a", password: "wrong" }'
    bus.start()
    eventually("ready", lambda: service.says("readyz"), 30)
    eventually("an empty queue", queue.empty, 30)


@pytest.mark.promise("C3")
def test_a_stream_of_somebody_else(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Another install owns the stream: refused with its name, and nothing is received."""
    first = source(nats_server.url, queue, NATS_OWNER="one")
    first.start()
    assert first.process.stop() == 0
    second = source(nats_server.url, queue, NATS_OWNER="two")
    second.start(wait=False)
    unready(second, "belongs to one")
    queue.send("a")
    assert queue.counts() == (1, 0, 0)
    assert stored(nats_server.url, stream) == []
    assert second.process.stop() == 0
