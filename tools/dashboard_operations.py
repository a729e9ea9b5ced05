"""The dashboard of operations: what fails, what is repeated, how SQS, the bus and the API server answer, what the pods take."""

from grafana import GREEN, RED, VARIABLES, Query, dashboard
from panels import heat, lines, row, stat, table, timeline
from promql import (
    FIRE,
    NAMED,
    OURS,
    PODS,
    PUBLISH,
    RANGE,
    SENSOR,
    SOURCE,
    TRIGGER,
    buckets,
    outcome,
    quantile,
    queues,
    rate,
    triggers,
)

API = "argosy_sensor_kubernetes_api_request_duration_seconds"
SQS = "argosy_source_sqs_request_duration_seconds"
YES_NO = {0: ("no", RED), 1: ("yes", GREEN)}
ATTEMPTS = rate(f"{FIRE}_count", SENSOR, TRIGGER)
FAILED = rate(f"{FIRE}_count", f'{SENSOR},outcome="error"', TRIGGER)
STOPPED = {0: ("at work", GREEN), 1: ("stopped", RED)}

OVERVIEW = row(
    "Overview",
    [
        stat(
            "Alerts",
            "short",
            "Alerts of Argosy that fire now; 0 as well where the chart's rules are not installed.",
            f'count(ALERTS{{{PODS},alertname=~"Argosy.+",alertstate="firing"}}) or vector(0)',
            bad=1,
        ),
        stat(
            "Pods",
            "short",
            "Pods that Prometheus sees.",
            f"count(argosy_build_info{{{PODS}}})",
            alerts=["ArgosyPodsAbsent"],
            empty="no pod",
            low_is_bad=True,
            bad=1,
        ),
        stat(
            "Ready",
            "percentunit",
            "Share of the pods all of whose conditions hold.",
            f"avg(max by (namespace, pod) (argosy_condition_failing{{{PODS}}}) == bool 0)",
            alerts=["ArgosyPodNotReady"],
            empty="no pod",
            low_is_bad=True,
            warn=0.5,
            bad=1,
        ),
        stat(
            "Bus",
            "short",
            "Whether every pod is connected to its bus.",
            f"min(argosy_nats_connected{{{PODS}}})",
            alerts=["ArgosyBusDisconnected"],
            empty="no pod",
            low_is_bad=True,
            bad=1,
            states=YES_NO,
        ),
        stat(
            "API server",
            "short",
            "Whether the API server answers every sensor.",
            f"1 - max(argosy_sensor_target_unavailable{{{PODS}}})",
            alerts=["ArgosyApiUnavailable"],
            empty="no sensor",
            low_is_bad=True,
            bad=1,
            states=YES_NO,
        ),
        stat(
            "Triggers stopped",
            "short",
            "Triggers whose target refuses whatever they ask.",
            f"sum({triggers('argosy_sensor_trigger_stopped')})",
            alerts=["ArgosyTriggerStopped"],
            empty="no sensor",
            bad=1,
        ),
        stat(
            "Ledger",
            "short",
            "Whether the ledger of firings takes what the sensors write.",
            f"1 - max(argosy_sensor_ledger_refused{{{PODS}}})",
            alerts=["ArgosyLedgerRefused"],
            empty="no sensor",
            low_is_bad=True,
            bad=1,
            states=YES_NO,
        ),
    ],
    height=4,
)

CONDITIONS = row(
    "Conditions",
    [
        timeline(
            "Conditions of readiness",
            "What each pod needs to be ready; /readyz of the pod says why one fails.",
            Query(f"max by (pod, condition) (argosy_condition_failing{{{PODS}}})", "{{pod}}: {{condition}}"),
            alerts=["ArgosyPodNotReady", "ArgosyDeleteDenied"],
            empty="no pod",
            states={0: ("holds", GREEN), 1: ("fails", RED)},
        ),
        table(
            "Failing now",
            "The conditions that do not hold at this moment.",
            f"max by (namespace, pod, condition) (argosy_condition_failing{{{PODS}}}) == 1",
            alerts=["ArgosyPodNotReady"],
            empty="every condition holds",
        ),
        timeline(
            "Triggers",
            "Whether the target of each trigger lets it work.",
            Query(
                triggers("argosy_sensor_trigger_stopped"),
                NAMED,
            ),
            alerts=["ArgosyTriggerStopped"],
            empty="no sensor",
            states=STOPPED,
        ),
    ],
)

FAILURES = row(
    "Failures",
    [
        lines(
            "Failures of the event source",
            "ops",
            "Requests to SQS that failed, publishes that failed, faults of the program.",
            Query(rate(f"{SQS}_count", f'{SOURCE},outcome="error"', "operation"), "SQS {{operation}}"),
            Query(rate(f"{PUBLISH}_count", f'{SOURCE},outcome="error"'), "publish"),
            Query(rate("argosy_source_unexpected_errors_total", SOURCE), "fault of the program"),
            alerts=["ArgosyUnexpectedErrors", "ArgosyBusRefuses"],
        ),
        lines(
            "Attempts that fail",
            "percentunit",
            "Share of the attempts of each trigger that end in an error.",
            Query(f"{FAILED} / {ATTEMPTS}", NAMED),
            alerts=["ArgosyAttemptsFailing"],
            empty="no attempts",
        ),
        lines(
            "Retries",
            "ops",
            "Deliveries that come again after a failure, and deliveries that were not the first.",
            Query(
                outcome("retried", "trigger_name"),
                "{{trigger_name}} retried",
            ),
            Query(rate("argosy_sensor_redeliveries_total", SENSOR, "trigger_name"), "{{trigger_name}} delivered again"),
            Query(rate("argosy_source_redeliveries_total", SOURCE), "received again from SQS"),
        ),
        lines(
            "Given up",
            "ops",
            "Events that were parked after their last attempt, and firings that the ledger did not take.",
            Query(rate("argo_events_action_retries_failed_total", SENSOR, "trigger_name"), "{{trigger_name}} exhausted"),
            Query(rate("argosy_sensor_ledger_errors_total", PODS), "not in the ledger"),
            alerts=["ArgosyParked", "ArgosyLedgerRefused"],
        ),
    ],
)

SQS_ROW = row(
    "SQS",
    [
        lines(
            "Leases",
            "ops",
            "Renewals by SQS' answer, and messages let go because their lease was lost.",
            Query(rate("argosy_source_visibility_extensions_total", SOURCE, "outcome"), "renewed: {{outcome}}"),
            Query(rate("argosy_source_leases_lost_total", SOURCE), "let go"),
            alerts=["ArgosyLeasesLost"],
        ),
        lines(
            "Deletes",
            "ops",
            "Deletes by SQS' answer. lost: somebody else may have the message; again: SQS did not do it this time.",
            Query(rate("argosy_source_deletes_total", SOURCE, "outcome"), "{{outcome}}"),
            alerts=["ArgosyDeleteDenied"],
        ),
        lines(
            "Requests, p95",
            "s",
            "How long SQS takes; receive includes the long poll.",
            Query(quantile(0.95, SQS, SOURCE, "operation"), "{{operation}}"),
        ),
        lines(
            "Since the last receive",
            "s",
            "Since a receive came back, even an empty one; in the pod that was best.",
            Query(f"time() - {queues('argosy_source_last_receive_timestamp_seconds', SOURCE)}", "{{queue}}"),
            alerts=["ArgosyQueueNotRead"],
        ),
    ],
)

BUS_ROW = row(
    "Bus",
    [
        heat("Publishing", "From publish to the bus' confirmation.", buckets(PUBLISH, SOURCE)),
        lines(
            "What the bus is told",
            "ops",
            "Acknowledgements of the sensors: ack, nak (again later), in_progress (still at it).",
            Query(rate("argosy_sensor_acks_total", SENSOR, "kind"), "{{kind}}"),
        ),
        lines(
            "Connections",
            "short",
            "Connections that were made anew, and consumers that were attached anew, in the time of a step.",
            Query(f"sum by (pod) (increase(argosy_nats_reconnects_total{{{PODS}}}{RANGE}))", "{{pod}} connected"),
            Query(
                f"sum by (trigger_name) (increase(argosy_sensor_consumer_rebuilds_total{{{SENSOR}}}{RANGE}))",
                "{{trigger_name}} attached",
            ),
            alerts=["ArgosyBusDisconnected", "ArgosySensorDeaf"],
        ),
        timeline(
            "Queues held back",
            "Whether the bus takes what each queue brings; while it does not, the queue is not polled.",
            Query(queues("argosy_source_breaker_open", SOURCE), "{{queue}}"),
            alerts=["ArgosyBusRefuses"],
            states={0: ("flows", GREEN), 1: ("held back", RED)},
        ),
        lines(
            "Unread in a foreign stream",
            "percentunit",
            "Share of a stream of somebody else's that unread events take; publishing stops at 80%. Our own streams: 0.",
            Query(queues("argosy_source_stream_unread_ratio", SOURCE), "{{queue}}"),
            alerts=["ArgosyStreamFilling"],
        ),
    ],
)

API_ROW = row(
    "API server",
    [
        lines(
            "Answers",
            "ops",
            "Requests of the sensors by the code that came back.",
            Query(rate("argosy_sensor_kubernetes_api_requests_total", PODS, "code"), "{{code}}"),
            alerts=["ArgosyApiUnavailable", "ArgosyTriggerStopped"],
            empty="no requests",
        ),
        lines(
            "Requests, p95",
            "s",
            "How long the API server takes, by verb.",
            Query(quantile(0.95, API, PODS, "verb"), "{{verb}}"),
            empty="no requests",
        ),
        lines(
            "Requests at a time",
            "short",
            "Requests that each sensor may have at the API server at a time: fewer while it is slow or overloaded; 0 where it "
            "asks nothing.",
            Query(f"max by (pod) (argosy_sensor_in_flight_limit{{{PODS}}})", "{{pod}}"),
            alerts=["ArgosyApiUnavailable"],
            empty="no sensor",
        ),
        heat("Requests", "How long the API server takes.", buckets(API, PODS)),
        heat("Attempts", "How long an attempt of a trigger takes, whatever its target is.", buckets(FIRE, SENSOR)),
    ],
)

PODS_ROW = row(
    "Pods",
    [
        lines(
            "CPU",
            "short",
            "Cores that each pod takes; one event loop, so one core is the most.",
            Query(f"sum by (pod) (rate(process_cpu_seconds_total{{{PODS}}}{RANGE}) {OURS})", "{{pod}}"),
        ),
        lines(
            "Memory",
            "bytes",
            "Resident memory of each pod.",
            Query(f"sum by (pod) (process_resident_memory_bytes{{{PODS}}} {OURS})", "{{pod}}"),
        ),
        lines(
            "Open files",
            "percentunit",
            "Open file descriptors of each pod, of those that it may open.",
            Query(f"max by (pod) (process_open_fds{{{PODS}}} / process_max_fds{{{PODS}}} {OURS})", "{{pod}}"),
        ),
        lines(
            "Time since start",
            "s",
            "A line that falls to 0 is a restart.",
            Query(f"time() - max by (pod) (process_start_time_seconds{{{PODS}}} {OURS})", "{{pod}}"),
        ),
        table(
            "What runs",
            "Versions of Argosy and of Python, and the pods that have them.",
            f"count by (namespace, version, python) (argosy_build_info{{{PODS}}})",
            empty="no pod",
        ),
    ],
)

DASHBOARD = dashboard(
    "argosy-operations",
    "Argosy: operations",
    "Errors, retries, leases, the health of SQS, the bus and the API server, and what the pods take.",
    VARIABLES,
    [OVERVIEW, CONDITIONS, FAILURES, SQS_ROW, BUS_ROW, API_ROW, PODS_ROW],
)
