"""Each field of `spec.sqs` does what it says: one test a field, under its name."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from argosy.servers.moto import MotoServer
from argosy.servers.nats import NatsServer
from common.errors import Refused
from eventsource.spec import SqsEvent
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, count_or_zero, document, received, sqs, stored
from tests.servers.sqs import Queue


def test_every_field_has_its_test() -> None:
    """A field that is added to the document is added here."""
    assert not [field for field in SqsEvent.model_fields if f"test_{field}" not in globals()]


async def test_region(moto_queue: Queue) -> None:
    """The queue is looked for there, and nowhere else: moto keeps the regions apart."""
    moto_queue.send("a")
    with pytest.raises(Refused, match=r"NonExistentQueue|QueueDoesNotExist"):
        await received(sqs(moto_queue.endpoint, moto_queue.name, region="eu-west-1"))
    assert [message.body for message in await received(sqs(moto_queue.endpoint, moto_queue.name, region="us-east-1"))] == ["a"]


async def test_queue(queue: Queue) -> None:
    """By name, by URL, which is taken as it is, and by ARN, of which name and account count."""
    for form in (queue.name, queue.url, queue.arn):
        queue.send(form)
        assert [message.body for message in await received(sqs(queue.endpoint, form))] == [form]
        queue.call("PurgeQueue")


async def test_queue_account_id(moto_queue: Queue) -> None:
    """It says whose queue is meant when it is looked up."""
    moto_queue.send("a")
    edge = sqs(moto_queue.endpoint, moto_queue.name, queueAccountId="123456789012")
    asked: list[dict[str, Any]] = []
    await edge.open()
    edge._client.meta.events.register("provide-client-params.sqs.GetQueueUrl", lambda params, **_: asked.append(dict(params)))
    assert [message.body for message in await received(edge)] == ["a"]
    assert asked == [{"QueueName": moto_queue.name, "QueueOwnerAWSAccountId": "123456789012"}]


def test_wait_time_seconds(nats_server: NatsServer, queue: Queue, source: Source) -> None:
    """An idle pod asks once in so many seconds."""
    service = source(nats_server.url, queue, document=document(orders={"queue": queue.name, "waitTimeSeconds": 2}))
    service.start()
    before, began = service.total("argosy_source_receive_batch_size_count"), time.monotonic()
    time.sleep(5)
    asked = service.total("argosy_source_receive_batch_size_count") - before
    assert 1 <= asked <= (time.monotonic() - began) / 2 + 1


async def test_endpoint(queue: Queue, moto_queue: Queue) -> None:
    """Two servers have a queue of the same name: each gives its own messages."""
    assert queue.name == moto_queue.name
    for each in (queue, moto_queue):
        each.send(each.endpoint)
    for each in (queue, moto_queue):
        assert [message.body for message in await received(sqs(each.endpoint, each.name))] == [each.endpoint]


async def test_role_arn(moto_server: MotoServer, moto_queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The requests are signed as the role."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", moto_server.endpoint_url)
    moto_queue.send("a")
    edge = sqs(moto_queue.endpoint, moto_queue.name, roleARN="arn:aws:iam::123456789012:role/reader")
    await edge.open()
    assert len(await edge.receive(10, wait=1, visibility=30)) == 1
    credentials = edge._client._get_credentials()
    assert (await credentials.get_frozen_credentials()).access_key not in {"", "test", os.environ["AWS_ACCESS_KEY_ID"]}
    await edge.close()


async def signed_with(endpoint: str, queue: str, mounted: Path, *fields: str) -> tuple[str, str, str | None]:
    """Mount secrets for some fields, open a queue that names them, and give what its requests are signed with."""
    (mounted / "aws").mkdir()
    for field in fields:
        (mounted / "aws" / field).write_text(f"{field}-1\n")
    edge = sqs(endpoint, queue, secrets=mounted, **{field: {"name": "aws", "key": field} for field in fields})
    await edge.open()
    used = edge._client._get_credentials()
    await edge.close()
    return used.access_key, used.secret_key, used.token


async def test_access_key(moto_queue: Queue, tmp_path: Path) -> None:
    """Read from its mount, with secretKey beside it, in place of the pod's own."""
    used = await signed_with(moto_queue.endpoint, moto_queue.name, tmp_path, "accessKey", "secretKey")
    assert used == ("accessKey-1", "secretKey-1", None)


test_secret_key = test_access_key
"""One is nothing without the other: `test_spec` refuses it."""


async def test_session_token(moto_queue: Queue, tmp_path: Path) -> None:
    """Read from its mount and sent beside both keys."""
    used = await signed_with(moto_queue.endpoint, moto_queue.name, tmp_path, "accessKey", "secretKey", "sessionToken")
    assert used == ("accessKey-1", "secretKey-1", "sessionToken-1")


class Carried:
    """Carries messages under a document and gives what arrived."""

    def __init__(self, nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
        self._make = lambda event: source(nats_server.url, queue, document=document(orders={"queue": queue.name, **event}))
        self._queue = queue
        self._bus, self._stream = nats_server.url, stream

    def __call__(self, event: dict[str, Any], *bodies: str) -> list[Any]:
        """Give the data of the events, in the order of their bodies' text."""
        self._queue.send_many(*bodies)
        service = self._make(event)
        service.start()
        eventually("an empty queue", self._queue.empty, 30)
        service.process.stop()
        found = [json.loads(message.event.data or b"") for message in stored(self._bus, self._stream)]
        return sorted(found, key=lambda data: str(data["body"]))


@pytest.fixture
def carried(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> Carried:
    """Give what carries messages of this test."""
    return Carried(nats_server, queue, source, stream)


def test_json_body(carried: Carried) -> None:
    """The body is JSON in the event, not text."""
    assert [data["body"] for data in carried({"jsonBody": True}, '{"a":[1]}')] == [{"a": [1]}]


def test_metadata(carried: Carried) -> None:
    """It stands in every event."""
    assert [data["metadata"] for data in carried({"metadata": {"team": "blue"}}, "a", "b")] == [{"team": "blue"}] * 2


def test_filter(carried: Carried) -> None:
    """Only what the expression wants arrives."""
    found = carried({"jsonBody": True, "filter": {"expression": "body.n >= 2"}}, '{"n":1}', '{"n":2}', '{"n":3}')
    assert [data["body"]["n"] for data in found] == [2, 3]


def test_argosy(carried: Carried) -> None:
    """Our own block: two messages with the same key are one event."""
    assert len(carried({"argosy": {"idempotencyKey": "body"}}, "a", "a", "b")) == 2


def test_dlq(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """What cannot be read stays in the queue for its redrive, and is not parked."""
    text = document(orders={"queue": queue.name, "jsonBody": True, "dlq": True})
    service = source(nats_server.url, queue, document=text, EVENTSOURCE_VISIBILITY_TIMEOUT="1")
    queue.send("no json")
    service.start()
    eventually("left twice", lambda: service.total("argosy_source_redeliveries_total") >= 1, 30)
    assert not queue.empty()
    assert count_or_zero(nats_server.url, f"{stream}-deadletters") == 0
