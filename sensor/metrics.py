"""The series of the sensor. Each exists at 0 from the start for every trigger; names of Argo Events stand beside ours.

Children are made once and kept: looking one up by its labels costs as much as counting.
"""

from collections.abc import Callable, Iterable

from prometheus_client import Counter, Gauge, Histogram

from common.bus.purge import Held
from common.metrics import API, COMPAT_MS, PIPELINE, REGISTRY

OUTCOMES = ("fired", "dlq_triggered", "duplicate", "waiting", "filtered", "unmatched", "parked", "retried", "returned")
"""What becomes of a delivery: done in six ways (`waiting`: it joins others, and its fate is told by `FATES`), parked, to come
again after a failure, or handed back unread."""
FATES = ("joined", "superseded", "reset", "join_overflow", "trigger_changed")
"""What becomes of an event that waits for others."""
KINDS = ("ack", "nak", "in_progress")

FILTERS = ("exprs", "data", "context", "time", "script", "filters")
"""Which filter let an event go; the last: none was there to let it pass."""

_SENSOR = ["namespace", "sensor_name"]
_TRIGGER = [*_SENSOR, "trigger_name"]

_triggered = Counter("argo_events_action_triggered", "Attempts of a trigger that succeeded.", _TRIGGER, registry=REGISTRY)
_failed = Counter("argo_events_action_failed", "Attempts of a trigger that failed.", _TRIGGER, registry=REGISTRY)
_exhausted = Counter(
    "argo_events_action_retries_failed", "Events that were parked after their last attempt.", _TRIGGER, registry=REGISTRY
)
_duration_ms = Histogram(
    "argo_events_action_duration_milliseconds", "Time an attempt took.", _TRIGGER, buckets=COMPAT_MS, registry=REGISTRY
)
_received = Counter(
    "argosy_sensor_messages_received", "Deliveries from the bus: outcomes plus what is in hand.", _TRIGGER, registry=REGISTRY
)
_redelivered = Counter("argosy_sensor_redeliveries", "Deliveries that were not the first.", _TRIGGER, registry=REGISTRY)
_outcomes = Counter(
    "argosy_sensor_outcomes", "What became of each delivery; exactly one.", [*_TRIGGER, "outcome"], registry=REGISTRY
)
_in_flight = Gauge("argosy_sensor_messages_in_flight", "Deliveries in hand.", _TRIGGER, registry=REGISTRY)
_settled = Counter("argosy_sensor_acks", "What the bus was told.", [*_TRIGGER, "kind"], registry=REGISTRY)
_filtered = Counter(
    "argosy_sensor_filtered",
    "Events that a dependency did not want, by the filter that said so.",
    [*_TRIGGER, "filter"],
    registry=REGISTRY,
)
_dead = Counter("argosy_sensor_dead_letters", "Events that were parked, and why.", [*_TRIGGER, "reason"], registry=REGISTRY)
_defaults = Counter(
    "argosy_sensor_parameter_defaults",
    "Parameters whose default was used, because the event had no value.",
    _TRIGGER,
    registry=REGISTRY,
)
_create = Histogram(
    "argosy_sensor_fire_duration_seconds",
    "Time from the start of an attempt to its answer.",
    [*_TRIGGER, "outcome"],
    buckets=API,
    registry=REGISTRY,
)
_end_to_end = Histogram(
    "argosy_sensor_end_to_end_latency_seconds",
    "From SQS' SentTimestamp to the trigger's success.",
    _TRIGGER,
    buckets=PIPELINE,
    registry=REGISTRY,
)
_bus = Histogram(
    "argosy_sensor_bus_latency_seconds",
    "From stored on the bus to in hand, first deliveries.",
    _TRIGGER,
    buckets=PIPELINE,
    registry=REGISTRY,
)
_last = Gauge("argosy_sensor_last_trigger_timestamp_seconds", "When the trigger last succeeded.", _TRIGGER, registry=REGISTRY)
_stopped = Gauge(
    "argosy_sensor_trigger_stopped", "1 while the target refuses everything the trigger asks.", _TRIGGER, registry=REGISTRY
)
_CONSUMER = [*_TRIGGER, "stream", "consumer"]
_pending = Gauge("argosy_sensor_consumer_pending", "Events on the bus that wait for the trigger.", _CONSUMER, registry=REGISTRY)
_ack_pending = Gauge(
    "argosy_sensor_consumer_ack_pending",
    "Events that are delivered and not settled, in all pods.",
    _CONSUMER,
    registry=REGISTRY,
)
_SUBJECT = [*_TRIGGER, "subject"]
_held_events = Gauge(
    "argosy_sensor_subject_held_events",
    "Events that a subject still keeps because of this trigger, which is the least far of all that read it.",
    _SUBJECT,
    registry=REGISTRY,
)
_held_seconds = Gauge(
    "argosy_sensor_subject_held_seconds",
    "For how long the oldest of them has been stored.",
    _SUBJECT,
    registry=REGISTRY,
)
_rebuilds = Counter("argosy_sensor_consumer_rebuilds", "Consumers that were attached anew.", _TRIGGER, registry=REGISTRY)
_requests = Counter(
    "argosy_sensor_kubernetes_api_requests", "Requests to the API server.", ["verb", "resource", "code"], registry=REGISTRY
)
_request_seconds = Histogram(
    "argosy_sensor_kubernetes_api_request_duration_seconds",
    "Time of a request to the API server.",
    ["verb"],
    buckets=API,
    registry=REGISTRY,
)
_breaker = Gauge("argosy_sensor_target_unavailable", "1 while the API server is away or overloaded.", registry=REGISTRY)
_joins = Counter(
    "argosy_sensor_join_events", "What became of events that waited for others.", [*_TRIGGER, "fate"], registry=REGISTRY
)
_joins_waiting = Gauge("argosy_sensor_join_waiting", "Events that wait for others.", _TRIGGER, registry=REGISTRY)
_joins_oldest = Gauge(
    "argosy_sensor_join_oldest_seconds", "How long the oldest of them has been on the bus.", _TRIGGER, registry=REGISTRY
)
_paused = Gauge("argosy_sensor_paused", "1 while an operator has paused the trigger.", _TRIGGER, registry=REGISTRY)
_rate_limited = Gauge(
    "argosy_sensor_rate_limited", "1 while the trigger's rateLimit lets nothing through soon.", _TRIGGER, registry=REGISTRY
)
_active = Gauge("argosy_sensor_active", "Slots of maxActive that are taken, in all pods.", _TRIGGER, registry=REGISTRY)
_max_active = Gauge("argosy_sensor_max_active", "The trigger's maxActive; 0 where it has none.", _TRIGGER, registry=REGISTRY)
_in_flight_limit = Gauge(
    "argosy_sensor_in_flight_limit",
    "Requests to the API server at a time, as many as it bears; 0 where none is made.",
    registry=REGISTRY,
)
_ledger_errors = Counter("argosy_sensor_ledger_errors", "Firings that the ledger did not take.", registry=REGISTRY)
_ledger_short = Gauge(
    "argosy_sensor_ledger_refused",
    "1 while the ledger takes nothing: a repetition may then make a second object.",
    registry=REGISTRY,
)


class TriggerMetrics:
    """The children of one trigger."""

    def __init__(self, namespace: str, sensor: str, trigger: str, reasons: Iterable[str]) -> None:
        labels = self._labels = (namespace, sensor, trigger)
        self.triggered = _triggered.labels(*labels)
        self.failed = _failed.labels(*labels)
        self.exhausted = _exhausted.labels(*labels)
        self.duration_ms = _duration_ms.labels(*labels)
        self.received = _received.labels(*labels)
        self.redelivered = _redelivered.labels(*labels)
        self.outcomes = {outcome: _outcomes.labels(*labels, outcome) for outcome in OUTCOMES}
        self.in_flight = _in_flight.labels(*labels)
        self.settled = {kind: _settled.labels(*labels, kind) for kind in KINDS}
        self.dead = {reason: _dead.labels(*labels, reason) for reason in (*reasons, "other")}
        self.filtered = {filter_: _filtered.labels(*labels, filter_) for filter_ in FILTERS}
        self.defaults = _defaults.labels(*labels)
        self.fire = {how: _create.labels(*labels, how) for how in ("fired", "duplicate", "error")}
        self.end_to_end = _end_to_end.labels(*labels)
        self.bus = _bus.labels(*labels)
        self.last = _last.labels(*labels)
        self.stopped = _stopped.labels(*labels)
        self.rebuilds = _rebuilds.labels(*labels)

    def consumer(self, stream: str, consumer: str) -> tuple[Gauge, Gauge]:
        """Give the gauges of one consumer: what waits, and what is delivered and not settled."""
        labels = (*self._labels, stream, consumer)
        return _pending.labels(*labels), _ack_pending.labels(*labels)


class SubjectMetrics:
    """Who holds a subject back. A holder is a trigger of any sensor, or of none: then it is named by its consumer."""

    def __init__(self, known: Iterable[tuple[str, str, str, str]]) -> None:
        self._known = set(known)
        self.show(())

    def show(self, held: Iterable[Held]) -> None:
        """Show these holders, and 0 for who is none any more."""
        rows = {(h.namespace, h.sensor, h.trigger or h.consumer, h.subject): (h.events, h.seconds) for h in held}
        self._known |= rows.keys()
        for labels in self._known:
            events, seconds = rows.get(labels, (0, 0.0))
            _held_events.labels(*labels).set(events)
            _held_seconds.labels(*labels).set(seconds)

    @staticmethod
    def removed(namespace: str, sensor: str, trigger: str) -> Counter:
        """Give the counter of what was parked for a trigger that left its document."""
        return _dead.labels(namespace, sensor, trigger, "trigger_removed")


class JoinMetrics:
    """The children of one trigger's join."""

    def __init__(self, namespace: str, sensor: str, trigger: str) -> None:
        labels = (namespace, sensor, trigger)
        self.fates = {fate: _joins.labels(*labels, fate) for fate in FATES}
        self.dead = {reason: _dead.labels(*labels, reason) for reason in ("join_overflow", "trigger_changed")}
        self.waiting = _joins_waiting.labels(*labels)
        self.oldest = _joins_oldest.labels(*labels)


class LimitMetrics:
    """The children of one trigger's limits, and the gauge of all requests."""

    in_flight = _in_flight_limit

    def __init__(self, namespace: str, sensor: str, trigger: str) -> None:
        labels = (namespace, sensor, trigger)
        self.paused = _paused.labels(*labels)
        self.limited = _rate_limited.labels(*labels)
        self.active = _active.labels(*labels)
        self.cap = _max_active.labels(*labels)

    def follow(self, *, paused: Callable[[], bool], limited: Callable[[], bool], active: Callable[[], int], cap: int) -> None:
        """Tell, at each scrape, what is true then."""
        self.paused.set_function(paused)
        self.limited.set_function(limited)
        self.active.set_function(active)
        self.cap.set(cap)


class ApiMetrics:
    """The children of the API server's series."""

    unavailable = _breaker

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, str], Counter] = {}
        self._seconds = {verb: _request_seconds.labels(verb) for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "WATCH")}

    def seen(self, verb: str, resource: str, code: str, seconds: float) -> None:
        """Count a request."""
        key = (verb, resource, code)
        child = self._requests.get(key)
        if child is None:
            child = self._requests[key] = _requests.labels(*key)
        child.inc()
        self._seconds[verb].observe(seconds)


class LedgerMetrics:
    """The ledger's series."""

    errors = _ledger_errors
    refused = _ledger_short
