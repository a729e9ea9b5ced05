"""Every series of the event source, at 0 for each label set before the first message; children are looked up once.

Argo Events' own names stand beside ours, its two durations as histograms under the same name: `_sum` and `_count` stay.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram

from common.metrics import API, BATCH, COMPAT_MS, PIPELINE, REGISTRY

OUTCOMES = ("published", "duplicate", "filtered", "parked", "released", "handed_back", "left", "lease_lost")
"""What becomes of a message; each ends in exactly one."""
OPERATIONS = ("receive", "delete", "change_visibility", "get_url", "get_attributes")
REASONS = ("not_json", "filter_error", "too_large", "unexpected")
ANSWERS = ("ok", "lost", "again", "error")
STATES = ("visible", "in_flight", "delayed")

MetricT = TypeVar("MetricT", Counter, Gauge, Histogram)

_SOURCE = ["namespace", "eventsource_name"]
_QUEUE = [*_SOURCE, "queue"]
_EVENT = [*_SOURCE, "event_name"]


def _counter(name: str, text: str, labels: list[str]) -> Counter:
    return Counter(name, text, labels, registry=REGISTRY)


def _gauge(name: str, text: str, labels: list[str]) -> Gauge:
    return Gauge(name, text, labels, registry=REGISTRY)


def _histogram(name: str, text: str, labels: list[str], buckets: Iterable[float]) -> Histogram:
    return Histogram(name, text, labels, registry=REGISTRY, buckets=tuple(buckets))


_RUNNING = _gauge("argo_events_event_service_running_total", "Queues that are being read now.", _SOURCE)
_SENT = _counter("argo_events_events_sent", "Events stored on the bus.", _EVENT)
_SENT_FAILED = _counter("argo_events_events_sent_failed", "Publishes that failed.", _EVENT)
_FAILED = _counter("argo_events_events_processing_failed", "Messages that failed, for whatever reason.", _EVENT)
_DURATION_MS = _histogram(
    "argo_events_event_processing_duration_milliseconds", "From received to settled, in ms.", _EVENT, COMPAT_MS
)
_RECEIVED = _counter("argosy_source_messages_received", "Messages that SQS handed out.", _QUEUE)
_OUTCOME = _counter("argosy_source_outcomes", "What became of each message.", [*_QUEUE, "outcome"])
_BATCH_SIZE = _histogram("argosy_source_receive_batch_size", "Messages in one receive; 0 is an empty poll.", _QUEUE, BATCH)
_REDELIVERIES = _counter("argosy_source_redeliveries", "Messages received before (receive count > 1).", _QUEUE)
_AGE = _histogram("argosy_source_message_age_seconds", "From sent to received.", _QUEUE, PIPELINE)
_SQS = _histogram("argosy_source_sqs_request_duration_seconds", "Requests to SQS.", [*_SOURCE, "operation", "outcome"], API)
_PUBLISH = _histogram("argosy_source_publish_duration_seconds", "From publish to the PubAck.", [*_SOURCE, "outcome"], API)
_DUPLICATES = _counter("argosy_source_publish_duplicates", "Events that the bus knew already.", _SOURCE)
_IN_FLIGHT = _gauge("argosy_source_messages_in_flight", "Messages received and not yet settled.", _QUEUE)
_DELETES = _counter("argosy_source_deletes", "Deletes by SQS' answer.", [*_SOURCE, "outcome"])
_EXTENSIONS = _counter("argosy_source_visibility_extensions", "Renewed leases by SQS' answer.", [*_SOURCE, "outcome"])
_LOST = _counter("argosy_source_leases_lost", "Messages let go because their lease was lost.", _QUEUE)
_REJECTED = _counter("argosy_source_rejected", "Messages that cannot become events, by reason.", [*_SOURCE, "reason"])
_FILTERED = _counter("argosy_source_filtered", "Messages that the filter does not want.", _QUEUE)
_KEYLESS = _counter(
    "argosy_source_idempotency_key_missing", "Messages without the key that the document names: MessageId instead.", _QUEUE
)
_UNEXPECTED = _counter("argosy_source_unexpected_errors", "Faults of the program; see the log.", _QUEUE)
_POLLERS = _gauge("argosy_source_pollers", "Receives that may run at a time now.", _QUEUE)
_BREAKER = _gauge("argosy_source_breaker_open", "1 while the bus takes nothing of this queue.", _QUEUE)
_UNREAD = _gauge("argosy_source_stream_unread_ratio", "Share of a foreign stream that unread events take; ours: 0.", _QUEUE)
_MESSAGES = _gauge("argosy_source_queue_messages", "Messages in the queue, by state.", [*_QUEUE, "state"])
_LAST_RECEIVE = _gauge("argosy_source_last_receive_timestamp_seconds", "When the last receive returned, even if empty.", _QUEUE)


class SourceMetrics:
    """The series of the whole event source."""

    def __init__(self, namespace: str, source: str) -> None:
        labels = (namespace, source)
        self.running = _RUNNING.labels(*labels)
        self.duplicates = _DUPLICATES.labels(*labels)
        self.requests = {
            (operation, outcome): _SQS.labels(*labels, operation, outcome)
            for operation in OPERATIONS
            for outcome in ("success", "throttled", "error")
        }
        self.publishes = _children(_PUBLISH, labels, ("published", "duplicate", "error"))
        self.deletes = _children(_DELETES, labels, ANSWERS)
        self.extensions = _children(_EXTENSIONS, labels, ANSWERS)
        self.rejected = _children(_REJECTED, labels, REASONS)
        self._labels = labels

    def of(self, event: str, queue: str) -> "QueueMetrics":
        """Give the series of one event and its queue."""
        return QueueMetrics(self, self._labels, event, queue)


class QueueMetrics:
    """The series of one event and its queue."""

    def __init__(self, source: SourceMetrics, labels: tuple[str, str], event: str, queue: str) -> None:
        of_queue, of_event = (*labels, queue), (*labels, event)
        self.source = source
        self.sent = _SENT.labels(*of_event)
        self.sent_failed = _SENT_FAILED.labels(*of_event)
        self.failed = _FAILED.labels(*of_event)
        self.duration_ms = _DURATION_MS.labels(*of_event)
        self.received = _RECEIVED.labels(*of_queue)
        self.outcomes = _children(_OUTCOME, of_queue, OUTCOMES)
        self.batch_size = _BATCH_SIZE.labels(*of_queue)
        self.redeliveries = _REDELIVERIES.labels(*of_queue)
        self.age = _AGE.labels(*of_queue)
        self.in_flight = _IN_FLIGHT.labels(*of_queue)
        self.lost = _LOST.labels(*of_queue)
        self.filtered = _FILTERED.labels(*of_queue)
        self.keyless = _KEYLESS.labels(*of_queue)
        self.unexpected = _UNEXPECTED.labels(*of_queue)
        self.pollers = _POLLERS.labels(*of_queue)
        self.breaker = _BREAKER.labels(*of_queue)
        self.unread = _UNREAD.labels(*of_queue)
        self.last_receive = _LAST_RECEIVE.labels(*of_queue)
        self.messages = _children(_MESSAGES, of_queue, STATES)


def _children(metric: MetricT, labels: tuple[str, ...], values: Iterable[str]) -> Mapping[str, MetricT]:
    return {value: metric.labels(*labels, value) for value in values}
