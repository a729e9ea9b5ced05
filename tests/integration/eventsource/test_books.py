"""Every message is in hand or has an outcome, at every scrape."""

import time

import pytest

from argosy.servers.nats import NatsServer
from tests.integration.eventsource.conftest import Source, books
from tests.servers.sqs import Queue


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
