"""SIGTERM: what is in hand is finished or handed back, and the pod ends in time."""

import signal
from collections import Counter
from collections.abc import Callable

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, stored
from tests.servers.sqs import Queue


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
    service = source(nats_server.url, queue, SQS_WAIT_TIME_SECONDS="8", EVENTSOURCE_VISIBILITY_TIMEOUT="900")
    service.start()
    service.process._signal(signal.SIGTERM)
    eventually("unready", lambda: not service.says("readyz"), 5)
    assert service.says("livez")
    service.process._signal(signal.SIGTERM)
    queue.send("late")
    assert service.process.stop(deadline=30) == 0
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
