"""The series of the event source exist before the first message."""

import pytest
from prometheus_client import generate_latest

from common.metrics import REGISTRY
from eventsource.metrics import OUTCOMES, SourceMetrics


@pytest.mark.promise("H2")
def test_all_series_are_there_at_zero() -> None:
    """Every label set of every counter, gauge and histogram, Argo Events' own names among them."""
    SourceMetrics("argo", "fresh").of("orders", "orders-queue")
    lines = [line for line in generate_latest(REGISTRY).decode().splitlines() if 'eventsource_name="fresh"' in line]
    assert all(line.endswith(" 0.0") for line in lines)
    names = {line.partition("{")[0] for line in lines}
    assert {
        "argo_events_event_service_running_total",
        "argo_events_events_sent_total",
        "argo_events_events_sent_failed_total",
        "argo_events_events_processing_failed_total",
        "argo_events_event_processing_duration_milliseconds_sum",
        "argo_events_event_processing_duration_milliseconds_count",
        "argosy_source_messages_received_total",
        "argosy_source_sqs_request_duration_seconds_count",
        "argosy_source_queue_messages",
    } <= names
    for outcome in OUTCOMES:
        assert any(f'outcome="{outcome}"' in line and "source_outcomes" in line for line in lines)
