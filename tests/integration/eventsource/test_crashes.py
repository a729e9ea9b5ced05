"""The pod dies, or the bus' confirmations are lost: nothing is lost, and nothing is stored twice."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, books, count, count_or_zero, stored
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy

SEED = 20260101


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
        eventually("publishes", lambda known=sent - 40: count_or_zero(nats_server.url, stream) > known, 30)
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


@pytest.mark.promise("A1", "B1")
def test_confirmations_lost_at_random_moments_cost_nothing(
    own_nats: Callable[..., NatsServer], toxiproxy: Toxiproxy, queue: Queue, source: Source, stream: str
) -> None:
    """Ten times under load the answers of the bus are swallowed for a while: never is more deleted than is stored."""
    bus, draw = own_nats(), random.Random(SEED)
    proxy = toxiproxy.proxy(bus.port)
    service = source(f"nats://{proxy.address}", queue)
    service.start()
    for number in range(10):
        queue.send_many(*map(str, range(number * 50, number * 50 + 50)))
        toxic = proxy.timeout()
        time.sleep(draw.uniform(0.05, 0.4))
        deleted = number * 50 + 50 - sum(queue.counts())  # counted first: what was deleted by then is stored by now
        assert count(bus.url, stream) >= deleted
        proxy.remove(toxic)
        proxy.cut()  # an answer may have been swallowed in its middle
        proxy.restore()
        time.sleep(draw.uniform(0, 0.3))
    eventually("an empty queue", queue.empty, 60)
    assert Counter(message.body for message in stored(bus.url, stream)) == Counter(map(str, range(500)))
    received, accounted = books(service)
    assert received == accounted == 500
    assert service.process.stop() == 0
    proxy.delete()
