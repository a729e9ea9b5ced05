"""What a document may ask for, on real servers: keys of the producer, and filters."""

import json
from collections import Counter

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, document, stored
from tests.servers.sqs import Queue


@pytest.mark.promise("B6")
def test_one_order_sent_twice_is_one_event(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Two MessageIds with the same key, before and after a restart of the pod: the bus has one event, marked for the sensor."""
    text = document(orders={"queue": queue.name, "argosy": {"idempotencyKey": "body.order_id"}})
    for _ in range(2):
        service = source(nats_server.url, queue, document=text)
        queue.send_many(*(json.dumps({"order_id": n % 10, "try": n // 10}) for n in range(30)), "no key at all")
        service.start()
        eventually("an empty queue", queue.empty, 30)
        assert service.total("argosy_source_idempotency_key_missing_total") == 1
        assert service.process.stop() == 0
    found = stored(nats_server.url, stream)
    marked = [message.event.extensions for message in found if "argosyidempotencykey" in message.event.extensions]
    assert Counter(each["argosyidempotencykey"] for each in marked) == Counter(map(str, range(10)))
    assert all(len(each["sqsmessageid"]) == 36 for each in marked)
    assert len(found) == 12


def test_the_filter_decides_what_gets_to_the_bus(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """What it does not want is deleted and counted; what it cannot judge is parked with its bytes (fault F2 of Argo Events)."""
    text = document(orders={"queue": queue.name, "jsonBody": True, "filter": {"expression": "body.price >= 10"}})
    service = source(nats_server.url, queue, document=text)
    queue.send_many(*(f'{{"price":{n}}}' for n in range(20)), '{"price":"free"}')
    service.start()
    eventually("an empty queue", queue.empty, 30)
    assert sorted(message.body["price"] for message in stored(nats_server.url, stream)) == list(range(10, 20))
    (letter,) = stored(nats_server.url, f"{stream}-deadletters")
    assert (letter.payload, letter.headers["Argosy-Reason"]) == (b'{"price":"free"}', "filter_error")
    assert service.total("argosy_source_filtered_total") == 10
    assert service.process.stop() == 0
