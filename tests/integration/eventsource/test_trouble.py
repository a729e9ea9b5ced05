"""What goes wrong around an event source: pods that hang, polls that never return, queues that go, a bus that is away."""

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import Service, eventually
from tests.integration.eventsource.conftest import Source, document, stored
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy

OUTAGE = 15


def sockets(service: Service) -> int:
    """Count the open sockets of a service."""
    found = 0
    for link in Path(f"/proc/{service.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found += str(link.readlink()).startswith("socket:")
    return found


@pytest.mark.promise("B4")
def test_two_pods_with_the_same_messages_make_one_event_each(
    nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """Leases of a second, and each pod hangs in turn with messages in hand: the other gets them too, the bus has each once."""
    pods = [source(nats_server.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="1") for _ in range(2)]
    sent = [f"{n} " + "x" * 500 for n in range(1200)]
    for pod in pods:
        pod.start()
    for number, start in enumerate(range(0, len(sent), 200)):
        queue.send_many(*sent[start : start + 200])
        pods[number % 2].process.suspend()
        time.sleep(1.5)
        pods[number % 2].process.resume()
    eventually("an empty queue", queue.empty, 60)
    assert Counter(message.body for message in stored(nats_server.url, stream)) == Counter(sent)
    assert sum(pod.total("argosy_source_redeliveries_total") for pod in pods) > 0
    assert [pod.process.stop() for pod in pods] == [0, 0]


@pytest.mark.promise("C2")
def test_a_long_poll_that_never_returns_is_given_up(
    nats_server: NatsServer, toxiproxy: Toxiproxy, queue: Queue, source: Source, stream: str
) -> None:
    """The connection to SQS turns into a black hole: unready with the reason, then working again, without a restart."""
    proxy = toxiproxy.proxy(int(queue.endpoint.rpartition(":")[2]))
    far = Queue(queue.name, queue.url.replace(queue.endpoint, f"http://{proxy.address}"), queue.arn, f"http://{proxy.address}")
    service = source(nats_server.url, far)
    service.start()
    toxic = proxy.timeout(stream="upstream")
    eventually("unready", lambda: not service.says("readyz") and "queue orders: " in service.why(), 60)
    assert service.says("livez")
    proxy.remove(toxic)
    queue.send("after")
    eventually("an empty queue", queue.empty, 45)
    assert [message.body for message in stored(nats_server.url, stream)] == ["after"]
    eventually("ready", lambda: service.says("readyz"), 30)
    assert service.process.stop() == 0
    proxy.delete()


@pytest.mark.promise("C4")
def test_a_queue_that_is_deleted_and_made_again_flows_again(
    nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """Three queues, one goes: it is named, the others flow; it comes back: so does its flow, without a restart."""
    made = {name: Queue.create(queue.endpoint, f"{queue.name}-{name}") for name in ("a", "b", "c")}
    events = {name: {"queue": each.name} for name, each in made.items()}
    service = source(nats_server.url, queue, document=document(**events))
    service.start()
    made["b"].call("DeleteQueue")
    eventually("unready", lambda: not service.says("readyz") and "queue b: " in service.why(), 30)
    for name in ("a", "c"):
        made[name].send(f"to {name}")
        eventually(f"{name} is empty", made[name].empty, 30)
    again = Queue.create(queue.endpoint, made["b"].name)
    again.send("to b")
    eventually("b is empty", again.empty, 60)
    eventually("ready", lambda: service.says("readyz"), 30)
    assert sorted(message.body for message in stored(nats_server.url, stream)) == ["to a", "to b", "to c"]
    assert service.process.stop() == 0


@pytest.mark.promise("C5")
def test_an_outage_is_told_seldom_and_opens_no_heap_of_connections(
    own_nats: Callable[..., NatsServer], queue: Queue, source: Source
) -> None:
    """The bus is away under load: a line a component and ten seconds at most, and no more sockets than before."""
    bus = own_nats()
    service = source(bus.url, queue)
    queue.send_many(*(f"{n} " + "x" * 500 for n in range(400)))
    service.start()
    before, most = 0, 0
    end = time.monotonic() + 60
    while not queue.empty():  # all that it has under load: the first few would be no measure
        assert time.monotonic() < end
        before = max(before, sockets(service))
    queue.send_many(*(f"{n} late" for n in range(100)))
    bus.stop()
    queue.send_many(*(f"{n} late" for n in range(100, 400)))
    for _ in range(OUTAGE):
        time.sleep(1)
        most = max(most, sockets(service))
    assert most <= before + 5
    bus.start()
    eventually("an empty queue", queue.empty, 60)
    assert service.process.stop() == 0
    lines = [json.loads(line) for line in service.process.log.read_text().splitlines() if line.startswith("{")]
    for name, count in Counter(line["event"] for line in lines).items():
        # Two tens of seconds at most lie in the outage and its end, and one line tells of the start.
        assert count <= OUTAGE // 10 + 2, (name, count)
