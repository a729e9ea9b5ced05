"""The SQS edge over emulators: the contract, the words of its errors, keys, roles and the forms of a queue's name."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from common.errors import Refused, Unavailable
from eventsource.ports import Answer, Message
from tests.contracts.queue import QueueContract, Subject
from tests.integration.eventsource.conftest import received, sqs
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy


def subject_of(queue: Queue) -> Subject:
    """Put the edge under the contract; each scenario has a loop of its own, and closes its client in it."""
    edge = sqs(queue.endpoint, queue.name)

    async def send(body: str) -> None:
        await asyncio.to_thread(queue.send, body)

    def run(scenario: Any) -> None:  # noqa: ANN401 - a coroutine
        async def closing() -> None:
            try:
                await scenario
            finally:
                await edge.close()

        asyncio.run(closing())

    return Subject(edge, send, run)


class TestElasticMQ(QueueContract):
    """The contract over ElasticMQ."""

    @pytest.fixture
    def subject(self, queue: Queue) -> Subject:
        """Give a queue of this test's own."""
        return subject_of(queue)


class TestMoto(QueueContract):
    """The contract over moto."""

    @pytest.fixture
    def subject(self, moto_queue: Queue) -> Subject:
        """Give a queue of this test's own."""
        return subject_of(moto_queue)


@pytest.mark.promise("C4")
async def test_a_missing_queue_is_refused_in_clear_words(elasticmq: ElasticMQ) -> None:
    """It may be made later: whoever asks tries again."""
    with pytest.raises(Refused, match=r"get_url: .*(NonExistent|DoesNotExist)"):
        await received(sqs(elasticmq.endpoint_url, "no-such-queue"))


async def test_receipts_of_a_queue_that_is_gone_are_worth_nothing(queue: Queue) -> None:
    """A queue that was deleted took its messages along: no fault of permissions, nothing to wait for."""
    queue.send("a")
    edge = sqs(queue.endpoint, queue.name)
    await edge.open()
    (message,) = await edge.receive(10, wait=1, visibility=30)
    queue.call("DeleteQueue")
    assert await edge.delete([message.receipt]) == [Answer.LOST]
    assert await edge.change_visibility([(message.receipt, 0)]) == [Answer.LOST]
    with pytest.raises(Refused):
        await edge.receive(10, wait=0, visibility=30)
    await edge.close()


async def test_a_server_that_is_away_is_unavailable() -> None:
    """No connection is no answer about the queue."""
    with pytest.raises(Unavailable, match="get_url: "):
        await received(sqs("http://127.0.0.1:9", "orders"))


async def test_an_endpoint_that_is_none_is_refused() -> None:
    """What Argo Events finds out when it connects, so do we."""
    with pytest.raises(Refused, match="connect: "):
        await received(sqs("::", "orders"))


async def test_no_credentials_are_refused(elasticmq: ElasticMQ, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default chain found nothing; it is asked again at the next try."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    edge = sqs(elasticmq.endpoint_url, "orders")
    with pytest.raises(Refused, match="credentials"):
        await received(edge)


async def test_system_attributes_and_binary_ones(queue: Queue) -> None:
    """What the extensions are made of, and message attributes with their bytes."""
    attributes = {
        "b": {"DataType": "Binary", "BinaryValue": "AP8="},
        "s": {"DataType": "String", "StringValue": "text"},
    }
    queue.send("body", MessageAttributes=attributes)
    (message,) = await received(sqs(queue.endpoint, queue.name))
    assert message.sent.isdigit()
    assert message.first_receive.isdigit()
    assert message.attributes is not None
    assert message.attributes["b"]["BinaryValue"] == b"\x00\xff"
    assert message.attributes["s"]["StringValue"] == "text"


async def test_fifo_attributes(elasticmq: ElasticMQ, unique: str) -> None:
    """Group and deduplication id come along."""
    queue = Queue.create(elasticmq.endpoint_url, f"{unique}.fifo", FifoQueue="true")
    queue.send("body", MessageGroupId="customer-7", MessageDeduplicationId="d-1")
    edge = sqs(queue.endpoint, queue.name)
    (message,) = await received(edge)
    assert (message.group, message.deduplication, edge.fifo) == ("customer-7", "d-1", True)


async def test_the_depth_is_counted(queue: Queue) -> None:
    """Visible and in flight, as SQS estimates them."""
    queue.send_many("a", "b", "c")
    edge = sqs(queue.endpoint, queue.name)
    await edge.open()
    await edge.receive(1, wait=1, visibility=30)
    depth = await edge.depth()
    await edge.close()
    assert depth == {"visible": 2, "in_flight": 1, "delayed": 0}


async def test_mounted_keys_are_read_again(moto_queue: Queue, tmp_path: Path) -> None:
    """A rotated secret is taken up when the queue is opened anew, without a restart (fault F57 of Argo Events)."""
    secret = tmp_path / "aws"
    keys = {"accessKey": {"name": "aws", "key": "id"}, "secretKey": {"name": "aws", "key": "secret"}}
    edge = sqs(moto_queue.endpoint, moto_queue.name, secrets=tmp_path, **keys)
    with pytest.raises(Refused, match=r"secret aws, key id: .* cannot be read"):
        await edge.open()
    secret.mkdir()
    (secret / "id").write_text("one\n")
    (secret / "secret").write_text("s")
    await edge.open()
    client = edge._client
    await edge.open()
    assert edge._client is client
    (secret / "id").write_text("two\n")
    await edge.open()
    assert edge._client is not client
    assert edge._client._get_credentials().access_key == "two"
    await edge.close()


@pytest.mark.promise("C2")
async def test_a_connection_that_died_is_not_waited_for_for_ever(
    toxiproxy: Toxiproxy, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long poll into a black hole ends, and the next one works."""
    monkeypatch.setattr("eventsource.consume.queue.GRACE", 1)
    monkeypatch.setattr("eventsource.consume.queue.CONNECT_TIMEOUT", 1)
    proxy = toxiproxy.proxy(int(queue.endpoint.rpartition(":")[2]))
    edge = sqs(f"http://{proxy.address}", queue.name, waitTimeSeconds=1)
    await edge.open()
    toxic = proxy.timeout()
    async with asyncio.timeout(10):
        with pytest.raises(Unavailable):
            await edge.receive(10, wait=1, visibility=30)
    proxy.remove(toxic)
    queue.send("a")
    messages: list[Message] = []
    async with asyncio.timeout(30):
        while not messages:
            with contextlib.suppress(Unavailable):  # on a busy machine a second may be too short
                messages = await edge.receive(10, wait=1, visibility=30)
    await edge.close()
    proxy.delete()


async def test_a_connection_closed_while_idle_is_no_fault(toxiproxy: Toxiproxy, queue: Queue) -> None:
    """The server closes what it finds idle; the request goes out again over a new connection."""
    proxy = toxiproxy.proxy(int(queue.endpoint.rpartition(":")[2]))
    edge = sqs(f"http://{proxy.address}", queue.name)
    await edge.open()
    for _ in range(3):
        proxy.cut()
        proxy.restore()
        assert await edge.receive(10, wait=0, visibility=30) == []
    await edge.close()
    proxy.delete()


async def test_a_lost_answer_does_not_block_a_group(
    toxiproxy: Toxiproxy, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQS handed messages of a FIFO queue out and the answer never came: the next receive gets the very same ones."""
    monkeypatch.setattr("eventsource.consume.queue.GRACE", 1)
    monkeypatch.setattr("eventsource.consume.queue.CONNECT_TIMEOUT", 0)
    fifo = Queue.create(queue.endpoint, f"{queue.name}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    proxy = toxiproxy.proxy(int(queue.endpoint.rpartition(":")[2]))
    edge = sqs(f"http://{proxy.address}", fifo.name, waitTimeSeconds=1)
    await edge.open()
    fifo.send("a", MessageGroupId="g")
    fifo.send("b", MessageGroupId="g")
    toxic = proxy.timeout(stream="downstream")
    with pytest.raises(Unavailable):
        await edge.receive(10, wait=0, visibility=30)
    async with asyncio.timeout(25):
        while fifo.counts() != (0, 2, 0):  # noqa: ASYNC110 - a server that is busy hands them out when we have gone
            await asyncio.sleep(0.1)
    proxy.remove(toxic)
    messages: list[Message] = []
    async with asyncio.timeout(25):
        while not messages:
            with contextlib.suppress(Unavailable):  # on a busy machine a second may be too short
                messages = await edge.receive(10, wait=0, visibility=30)
    assert [message.body for message in messages] == ["a", "b"]
    await edge.close()
    proxy.delete()
