"""The event source as a child process between a real NATS server and an SQS emulator."""

import base64
import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import Service, bodies, eventually
from tests.integration.eventsource.conftest import Source, count, document, stored, take
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy


def books(service: Service) -> tuple[float, float]:
    """Read received on one side, outcomes and what is in hand on the other, from one scrape."""
    series = service.metrics()

    def total(name: str) -> float:
        return sum(value for key, value in series.items() if key.partition("{")[0] == name)

    outcomes = total("argosy_source_outcomes_total") + total("argosy_source_messages_in_flight")
    return total("argosy_source_messages_received_total"), outcomes


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


@pytest.mark.promise("A1", "B1")
def test_a_lost_confirmation_deletes_nothing_and_stores_nothing_twice(
    own_nats: Callable[..., NatsServer], toxiproxy: Toxiproxy, queue: Queue, source: Source, stream: str
) -> None:
    """The bus stores, its answers are swallowed: the queue keeps everything; later each event is there once."""
    bus = own_nats()
    proxy = toxiproxy.proxy(bus.port)
    service = source(f"nats://{proxy.address}", queue)
    service.start()
    proxy.timeout()
    queue.send_many(*map(str, range(50)))
    eventually("stored without an answer", lambda: count(bus.url, stream) > 0, 20)
    time.sleep(3)
    assert not queue.empty()
    assert service.total("argosy_source_deletes_total") == 0
    proxy.clear()
    eventually("an empty queue", queue.empty, 60)
    found = stored(bus.url, stream)
    assert Counter(message.body for message in found) == Counter(map(str, range(50)))
    assert service.total("argosy_source_publish_duplicates_total") > 0
    assert service.process.stop() == 0
    proxy.delete()


@pytest.mark.promise("B1")
def test_a_crash_between_publish_and_delete_stores_nothing_twice(
    nats_server: NatsServer, own_elasticmq: Callable[..., Any], toxiproxy: Toxiproxy, source: Source, stream: str
) -> None:
    """SQS is cut off after the receives; everything is published, nothing deleted; killed and started again, five times."""
    sqs = own_elasticmq()
    proxy = toxiproxy.proxy(sqs.port)
    queue = Queue.create(sqs.endpoint_url, "orders")
    through = Queue(queue.name, queue.url, queue.arn, f"http://{proxy.address}")
    sent = 0
    for _ in range(5):
        queue.send_many(*map(str, range(sent, sent + 40)))
        sent += 40
        service = source(nats_server.url, through, EVENTSOURCE_VISIBILITY_TIMEOUT="3")
        service.start(wait=False)
        eventually("publishes", lambda known=sent - 40: _count_or_zero(nats_server.url, stream) > known, 30)
        proxy.cut()
        time.sleep(0.3)
        service.process.kill()
        proxy.restore()
    service = source(nats_server.url, through, EVENTSOURCE_VISIBILITY_TIMEOUT="3")
    service.start()
    eventually("an empty queue", queue.empty, 60)
    found = Counter(message.body for message in stored(nats_server.url, stream))
    assert found == Counter(map(str, range(sent)))
    proxy.delete()


def _count_or_zero(url: str, stream: str) -> int:
    try:
        return count(url, stream)
    except Exception:  # noqa: BLE001 - the stream is not there yet
        return 0


@pytest.mark.promise("A6", "C5", "C6", "H1")
def test_a_bus_that_is_away_costs_one_receive_at_most(
    own_nats: Callable[..., NatsServer], redriven: Callable[[int], tuple[Queue, Queue]], source: Source, stream: str
) -> None:
    """20 s without the bus and a visibility of 3 s: nothing in the queue's DLQ, nothing lost, no restart, a quiet log."""
    bus = own_nats(jetstream="sync_interval: always")
    queue, dead = redriven(3)
    service = source(bus.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="3")
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
    eventually("a full subject", lambda: _count_or_zero(nats_server.url, stream) == 40, 30)
    time.sleep(5)
    other.send_many(*map(str, range(30)))
    eventually("the other queue is empty", other.empty, 15)
    assert sum(queue.counts()) >= 60
    found: list[str] = []
    for _ in range(40):
        found += take(nats_server.url, stream, f"{stream}.aws-sqs.full")
        if len(found) >= 100:
            break
        time.sleep(1)
    assert Counter(found) == Counter(map(str, range(100)))
    assert service.process.stop() == 0


@pytest.mark.promise("A9")
def test_rolling_restarts_hand_over_everything(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Five restarts under load, leases of 900 s: exit 0 each time, all arrives soon, and nothing was received by a dead pod."""
    sent = [f"{n} " + "x" * 500 for n in range(1500)]
    service = source(nats_server.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="900")
    service.start()
    for start in range(0, len(sent), 300):
        queue.send_many(*sent[start : start + 300])
        following = source(nats_server.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="900")
        following.start()
        service.process._signal(signal.SIGTERM)
        assert service.process.stop() == 0
        service = following
    eventually("an empty queue", queue.empty, 60)
    assert Counter(message.body for message in stored(nats_server.url, stream)) == Counter(sent)
    assert service.process.stop() == 0


@pytest.mark.promise("A9")
def test_a_second_sigterm_is_harmless(nats_server: NatsServer, queue: Queue, source: Source) -> None:
    """The running long poll ends by itself; what it brings after SIGTERM is visible to others at once."""
    service = source(nats_server.url, queue, SQS_WAIT_TIME_SECONDS="4", EVENTSOURCE_VISIBILITY_TIMEOUT="900")
    service.start()
    time.sleep(0.5)
    service.process._signal(signal.SIGTERM)
    time.sleep(0.3)
    assert not service.says("readyz")
    assert service.says("livez")
    service.process._signal(signal.SIGTERM)
    queue.send("late")
    assert service.process.stop() == 0
    (message,) = queue.receive(wait=2)
    assert message["Body"] == "late"


@pytest.mark.promise("A9")
def test_sigterm_while_the_bus_is_away_hands_back(own_nats: Callable[..., NatsServer], queue: Queue, source: Source) -> None:
    """What cannot be published is visible to others when the pod has ended."""
    bus = own_nats()
    service = source(bus.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="900")
    service.start()
    bus.suspend()
    queue.send_many(*map(str, range(30)))
    eventually("messages in hand", lambda: queue.counts()[1] > 0, 20)
    assert service.process.stop(deadline=40) == 0
    assert queue.counts() == (30, 0, 0)
    bus.resume()


@pytest.mark.promise("B5")
def test_a_stalled_bus_does_not_cost_the_lease(
    own_nats: Callable[..., NatsServer], queue: Queue, source: Source, stream: str
) -> None:
    """The bus hangs for four leases: every message is received once."""
    bus = own_nats()
    service = source(bus.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="3")
    service.start()
    bus.suspend()
    queue.send_many(*map(str, range(30)))
    eventually("messages in hand", lambda: queue.counts()[1] > 0, 20)
    time.sleep(12)
    bus.resume()
    eventually("an empty queue", queue.empty, 60)
    found = stored(bus.url, stream)
    assert Counter(message.body for message in found) == Counter(map(str, range(30)))
    assert {message.event.extensions["sqsreceivecount"] for message in found} == {"1"}
    assert service.process.stop() == 0


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


@pytest.mark.promise("C3", "C4")
def test_a_missing_queue_is_reported_and_its_neighbour_flows(
    nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """One queue exists, one does not: the pod is not ready and says why; made later, it flows without a restart."""
    late = f"{queue.name}-late"
    service = source(nats_server.url, queue, document=document(here={"queue": queue.name}, late={"queue": late}))
    queue.send("a")
    service.start(wait=False)
    eventually("the neighbour flows", queue.empty, 30)
    assert "queue late: get_url: " in service.why()
    made = Queue.create(queue.endpoint, late)
    made.send("b")
    eventually("ready", lambda: service.says("readyz"), 30)
    eventually("an empty queue", made.empty, 30)
    assert [message.body for message in stored(nats_server.url, stream)] == ["a", "b"]
    assert service.process.stop() == 0


def test_groups_of_a_fifo_queue_stay_in_order(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Twenty groups of ten: on the bus each group is in the order in which it was sent."""
    fifo = Queue.create(queue.endpoint, f"{queue.name}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for n in range(10):
        for group in range(20):
            fifo.send(f"{group}/{n}", MessageGroupId=f"g{group}")
    service = source(nats_server.url, fifo)
    service.start()
    eventually("an empty queue", fifo.empty, 60)
    found = [message.body for message in stored(nats_server.url, stream)]
    for group in range(20):
        assert [body for body in found if body.startswith(f"{group}/")] == [f"{group}/{n}" for n in range(10)]
    assert {m.event.extensions["sqsmessagegroupid"] for m in stored(nats_server.url, stream)} == {f"g{n}" for n in range(20)}


@pytest.mark.promise("H1", "H2")
def test_the_books_balance_at_every_scrape(nats_server: NatsServer, queue: Queue, source: Source) -> None:
    """Under load, received is at all times what has an outcome and what is in hand."""
    service = source(nats_server.url, queue)
    queue.send_many(*("x" * 1024 for _ in range(1000)))
    service.start(wait=False)
    end = time.monotonic() + 60
    while not queue.empty() and time.monotonic() < end:
        received, accounted = books(service)
        assert received == accounted
    assert books(service) == (1000, 1000)
    assert service.total("argo_events_events_sent_total") == 1000
    calls = service.total("argosy_source_sqs_request_duration_seconds_count")
    assert calls / 1000 <= 0.25


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
    eventually("ready", lambda: service.says("readyz"), 20)
    eventually("an empty queue", queue.empty, 20)
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
