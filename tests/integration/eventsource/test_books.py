"""Every message is in hand or has an outcome, at every scrape; every series is there before the first message."""

import time
from collections.abc import Callable

import pytest

from argosy.servers.nats import NatsServer
from eventsource.metrics import ANSWERS, OPERATIONS, OUTCOMES, REASONS
from tests.endtoend.rig import Service, eventually
from tests.integration.eventsource.conftest import Source, books, document
from tests.servers.sqs import Queue


def balanced_until(service: Service, true: Callable[[], bool]) -> None:
    """Scrape until something is true; the books balance each time."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        received, accounted = books(service)
        assert received == accounted


@pytest.mark.promise("F1", "H1")
def test_the_books_balance_at_every_scrape(nats_server: NatsServer, queue: Queue, source: Source) -> None:
    """Under load, received is at all times what has an outcome and what is in hand; a quarter of a call a message at most."""
    service = source(nats_server.url, queue)
    queue.send_many(*("x" * 1024 for _ in range(1000)))
    service.start(wait=False)
    balanced_until(service, queue.empty)
    assert books(service) == (1000, 1000)
    assert service.total("argo_events_events_sent_total") == 1000
    assert service.total("argosy_source_sqs_request_duration_seconds_count") / 1000 <= 0.25


@pytest.mark.promise("H1")
def test_every_kind_of_outcome_is_in_the_books(nats_server: NatsServer, queue: Queue, source: Source) -> None:
    """Published, duplicate, filtered and parked, one hundred of each: counted once each."""
    options = {"jsonBody": True, "filter": {"expression": "body.n < 1000"}, "argosy": {"idempotencyKey": "body.key"}}
    service = source(nats_server.url, queue, document=document(orders={"queue": queue.name, **options}))
    for n in range(100):
        key = f'{{"n":{n},"key":"{n}"}}'
        queue.send_many(key, key, f'{{"n":{n + 1000}}}', "no json")
    service.start(wait=False)
    balanced_until(service, queue.empty)
    # What was deleted last has its outcome when the answer is there.
    balanced_until(service, lambda: service.total("argosy_source_messages_in_flight") == 0)
    series = service.metrics()
    outcomes = {
        name: sum(value for key, value in series.items() if f'outcome="{name}"' in key and "outcomes" in key)
        for name in OUTCOMES
    }
    assert {name: value for name, value in outcomes.items() if value} == dict.fromkeys(
        ("published", "duplicate", "filtered", "parked"), 100
    )
    assert books(service) == (400, 400)


@pytest.mark.promise("H2")
def test_all_series_are_there_before_the_first_message(
    own_nats: Callable[..., NatsServer], queue: Queue, source: Source
) -> None:
    """A pod whose bus is not there yet has every label set of every counter, at 0, and its gauges."""
    bus = own_nats()
    bus.stop()
    service = source(bus.url, queue)
    service.start(wait=False)
    series = service.metrics()

    def value(name: str, **labels: str) -> float:
        fits = [
            v for k, v in series.items() if k.partition("{")[0] == name and all(f'{a}="{b}"' in k for a, b in labels.items())
        ]
        assert fits, (name, labels)
        return sum(fits)

    for outcome in OUTCOMES:
        assert value("argosy_source_outcomes_total", outcome=outcome) == 0
    for operation in OPERATIONS:
        assert value("argosy_source_sqs_request_duration_seconds_bucket", operation=operation, outcome="throttled") == 0
    for answer in ANSWERS:
        assert value("argosy_source_deletes_total", outcome=answer) == 0
        assert value("argosy_source_visibility_extensions_total", outcome=answer) == 0
    for reason in REASONS:
        assert value("argosy_source_rejected_total", reason=reason) == 0
    for name in ("messages_received_total", "redeliveries_total", "leases_lost_total", "filtered_total", "messages_in_flight"):
        assert value(f"argosy_source_{name}") == 0
    for name in ("events_sent_total", "events_sent_failed_total", "events_processing_failed_total"):
        assert value(f"argo_events_{name}") == 0
    assert value("argosy_nats_connected") == 0
    bus.start()
    eventually("connected", lambda: service.total("argosy_nats_connected") == 1, 30)
