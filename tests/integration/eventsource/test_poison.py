"""What can never become an event, or does not fit the bus, is parked or left to the queue's redrive."""

from collections.abc import Callable

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, count, document, stored
from tests.servers.sqs import Queue


@pytest.mark.promise("A5")
def test_poison_is_parked_with_its_bytes(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """One body that is not JSON among a hundred: on the dead-letter stream once, its neighbours on the bus."""
    service = source(nats_server.url, queue, document=document(orders={"queue": queue.name, "jsonBody": True}))
    queue.send_many(*(f'{{"n":{n}}}' for n in range(50)), "no json 🐎", *(f'{{"n":{n}}}' for n in range(50, 100)))
    service.start()
    eventually("an empty queue", queue.empty, 60)
    (letter,) = stored(nats_server.url, f"{stream}-deadletters")
    assert letter.payload.decode() == "no json 🐎"
    assert letter.headers["Argosy-Reason"] == "not_json"
    assert letter.headers["Argosy-Owner"] == "aws-sqs"
    assert sorted(message.body["n"] for message in stored(nats_server.url, stream)) == list(range(100))


@pytest.mark.promise("A5")
def test_poison_goes_to_the_queues_own_redrive(
    nats_server: NatsServer, redriven: Callable[[int], tuple[Queue, Queue]], source: Source, stream: str
) -> None:
    """With `dlq: true` the queue's dead-letter queue has it, and the bus has none."""
    queue, dead = redriven(2)
    text = document(orders={"queue": queue.name, "jsonBody": True, "dlq": True})
    service = source(nats_server.url, queue, document=text, EVENTSOURCE_VISIBILITY_TIMEOUT="2")
    queue.send_many("no json", "1")
    service.start()
    eventually("a dead letter of the queue", lambda: dead.counts()[0] == 1, 30)
    assert [message.body for message in stored(nats_server.url, stream)] == [1]
    assert count(nats_server.url, f"{stream}-deadletters") == 0


@pytest.mark.promise("E4", "G4")
def test_what_does_not_fit_the_bus_stays_in_sqs(
    own_nats: Callable[..., NatsServer], redriven: Callable[[int], tuple[Queue, Queue]], source: Source, stream: str
) -> None:
    """900 KiB against a bus of 1 MB: counted and named, left to the redrive; its neighbours arrive."""
    bus = own_nats()
    queue, dead = redriven(1)
    service = source(bus.url, queue)
    queue.send("x" * 900 * 1024)
    queue.send_many("small", "y" * 100 * 1024)
    service.start()
    eventually("the small ones", lambda: count(bus.url, stream) == 2, 30)
    eventually("a dead letter of the queue", lambda: dead.counts()[0] == 1, 30)
    assert count(bus.url, f"{stream}-deadletters") == 0
    assert service.total("argosy_source_rejected_total") >= 1
    assert "message.too_large" in service.process.tail()


@pytest.mark.promise("E4")
def test_a_mebibyte_fits_a_bus_that_allows_it(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Every size that SQS allows, from one byte to 1 MiB."""
    sent = ["x", "é" * 100, "y" * 128 * 1024, "z" * 256 * 1024, "q" * 1024 * 1024]
    service = source(nats_server.url, queue)
    for body in sent:
        queue.send(body)
    service.start()
    eventually("an empty queue", queue.empty, 30)
    assert sorted(message.body for message in stored(nats_server.url, stream)) == sorted(sent)


@pytest.mark.promise("E4", "G4")
def test_a_larger_limit_is_taken_up_when_the_bus_comes_back(
    own_nats: Callable[..., NatsServer], queue: Queue, source: Source, stream: str
) -> None:
    """900 KiB against a bus of 1 MB: it waits in SQS; the bus is started again with 8 MB, and it arrives."""
    bus = own_nats()
    service = source(bus.url, queue)
    queue.send("x" * 900 * 1024)
    service.start()
    eventually("refused", lambda: service.total("argosy_source_rejected_total") >= 1, 30)
    bus.stop()
    bus.config = "max_payload: 8MB"
    bus.start()
    eventually("an empty queue", queue.empty, 45)
    (message,) = stored(bus.url, stream)
    assert len(message.body) == 900 * 1024
    assert service.process.stop() == 0
