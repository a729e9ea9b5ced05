"""The bus is away, hangs, is full or not there yet: the queue keeps what the bus does not take."""

import time
from collections import Counter
from collections.abc import Callable

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, books, count, count_or_zero, document, stored, take
from tests.servers.sqs import Queue


@pytest.mark.promise("A6", "C5", "C6", "H1")
def test_a_bus_that_is_away_costs_one_receive_at_most(
    own_nats: Callable[..., NatsServer], redriven: Callable[[int], tuple[Queue, Queue]], source: Source, stream: str
) -> None:
    """20 s without the bus and a visibility of 5 s: nothing in the queue's DLQ, nothing lost, no restart, a quiet log."""
    bus = own_nats(jetstream="sync_interval: always")
    queue, dead = redriven(3)
    service = source(bus.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="5")
    service.start()
    pid = service.process.pid
    queue.send_many(*map(str, range(300)))
    eventually("the first events", lambda: count(bus.url, stream) > 20, 30)
    bus.stop()
    queue.send_many(*map(str, range(300, 600)))
    end = time.monotonic() + 20
    while time.monotonic() < end:
        received, accounted = books(service)
        assert received == accounted
        assert service.says("livez")
        time.sleep(0.5)
    assert not service.says("readyz")
    bus.start()
    eventually("ready again", lambda: service.says("readyz"), 30)
    eventually("an empty queue", queue.empty, 60)
    found = stored(bus.url, stream)
    assert Counter(message.body for message in found) == Counter(map(str, range(600)))
    assert max(int(message.event.extensions["sqsreceivecount"]) for message in found) <= 2
    assert dead.empty()
    assert service.process.pid == pid
    assert len(service.process.tail(1000).splitlines()) < 40
    assert service.process.stop() == 0


@pytest.mark.promise("A7")
def test_a_full_subject_holds_back_its_own_queue_only(
    nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """One queue's subject is full: its messages wait in SQS, the other queue flows; with room again all arrive once."""
    other = Queue.create(queue.endpoint, f"{queue.name}-other")
    text = document(full={"queue": queue.name}, free={"queue": other.name})
    service = source(nats_server.url, queue, document=text, NATS_MAX_MSGS_PER_SUBJECT="40", EVENTSOURCE_VISIBILITY_TIMEOUT="3")
    queue.send_many(*map(str, range(100)))
    service.start()
    eventually("a full subject", lambda: count_or_zero(nats_server.url, stream) == 40, 30)
    time.sleep(5)
    other.send_many(*map(str, range(30)))
    eventually("the other queue is empty", other.empty, 30)
    assert sum(queue.counts()) >= 60
    found: list[str] = []
    end = time.monotonic() + 60
    while len(found) < 100 and time.monotonic() < end:
        found += take(nats_server.url, stream, f"{stream}.aws-sqs.full")
        time.sleep(1)
    assert Counter(found) == Counter(map(str, range(100)))
    assert service.process.stop() == 0


@pytest.mark.promise("B5", "C2")
def test_a_stalled_bus_does_not_cost_the_lease(
    own_nats: Callable[..., NatsServer], queue: Queue, source: Source, stream: str
) -> None:
    """The bus hangs for four leases: the pod lives, goes on without a restart, and every message is received once."""
    bus = own_nats()
    service = source(bus.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="5")
    service.start()
    bus.suspend()
    queue.send_many(*map(str, range(30)))
    eventually("messages in hand", lambda: queue.counts()[1] > 0, 20)
    time.sleep(20)
    assert service.says("livez")
    bus.resume()
    eventually("an empty queue", queue.empty, 60)
    found = stored(bus.url, stream)
    assert Counter(message.body for message in found) == Counter(map(str, range(30)))
    assert {message.event.extensions["sqsreceivecount"] for message in found} == {"1"}
    assert service.process.stop() == 0


@pytest.mark.promise("C6")
def test_a_bus_that_is_not_there_yet_is_waited_for(own_nats: Callable[..., NatsServer], queue: Queue, source: Source) -> None:
    """Started before its bus: alive, not ready, receives nothing; ready soon after the bus is there."""
    bus = own_nats()
    bus.stop()
    queue.send("a")
    service = source(bus.url, queue)
    service.start(wait=False)
    time.sleep(2)
    assert not service.says("readyz")
    assert queue.counts() == (1, 0, 0)
    bus.start()
    eventually("ready", lambda: service.says("readyz"), 60)
    eventually("an empty queue", queue.empty, 30)
    assert service.process.stop() == 0
