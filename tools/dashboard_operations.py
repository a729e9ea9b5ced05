"""The dashboard of operations: what fails, what is repeated, how SQS, the bus and the API server answer, what the pods take."""

from grafana import GREEN, RED, VARIABLES, Panel, Query, Row, dashboard
from promql import OURS, PODS, RANGE, SENSOR, SOURCE, buckets, quantile, queues, rate

API = "argosy_sensor_kubernetes_api_request_duration_seconds"
FIRE = "argosy_sensor_fire_duration_seconds"
PUBLISH = "argosy_source_publish_duration_seconds"
SQS = "argosy_source_sqs_request_duration_seconds"
YES_NO = {0: ("no", RED), 1: ("yes", GREEN)}
TRIGGER = "sensor_name, trigger_name"
ATTEMPTS = rate(f"{FIRE}_count", SENSOR, TRIGGER)
FAILED = rate(f"{FIRE}_count", f'{SENSOR},outcome="error"', TRIGGER)
STOPPED = {0: ("at work", GREEN), 1: ("stopped", RED)}

OVERVIEW = Row(
    "Overview",
    [
        [
            Panel(
                "Alerts",
                "stat",
                "short",
                "Alerts of Argosy that fire now; 0 as well where the chart's rules are not installed.",
                [Query(f'count(ALERTS{{{PODS},alertname=~"Argosy.+",alertstate="firing"}}) or vector(0)')],
                bad=1,
            ),
            Panel(
                "Pods",
                "stat",
                "short",
                "Pods that Prometheus sees.",
                [Query(f"count(argosy_build_info{{{PODS}}})")],
                alerts=["ArgosyPodsAbsent"],
                empty="no pod",
                low_is_bad=True,
                bad=1,
            ),
            Panel(
                "Ready",
                "stat",
                "percentunit",
                "Share of the pods all of whose conditions hold.",
                [Query(f"avg(max by (namespace, pod) (argosy_condition_failing{{{PODS}}}) == bool 0)")],
                alerts=["ArgosyPodNotReady"],
                empty="no pod",
                low_is_bad=True,
                warn=0.5,
                bad=1,
            ),
            Panel(
                "Bus",
                "stat",
                "short",
                "Whether every pod is connected to its bus.",
                [Query(f"min(argosy_nats_connected{{{PODS}}})")],
                alerts=["ArgosyBusDisconnected"],
                empty="no pod",
                low_is_bad=True,
                bad=1,
                states=YES_NO,
            ),
            Panel(
                "API server",
                "stat",
                "short",
                "Whether the API server answers every sensor.",
                [Query(f"1 - max(argosy_sensor_target_unavailable{{{PODS}}})")],
                alerts=["ArgosyApiUnavailable"],
                empty="no sensor",
                low_is_bad=True,
                bad=1,
                states=YES_NO,
            ),
            Panel(
                "Triggers stopped",
                "stat",
                "short",
                "Triggers whose target refuses whatever they ask.",
                [Query(f"sum(max by (namespace, sensor_name, trigger_name) (argosy_sensor_trigger_stopped{{{SENSOR}}}))")],
                alerts=["ArgosyTriggerStopped"],
                empty="no sensor",
                bad=1,
            ),
            Panel(
                "Ledger",
                "stat",
                "short",
                "Whether the ledger of firings takes what the sensors write.",
                [Query(f"1 - max(argosy_sensor_ledger_refused{{{PODS}}})")],
                alerts=["ArgosyLedgerRefused"],
                empty="no sensor",
                low_is_bad=True,
                bad=1,
                states=YES_NO,
            ),
        ]
    ],
    height=4,
)

CONDITIONS = Row(
    "Conditions",
    [
        [
            Panel(
                "Conditions of readiness",
                "state-timeline",
                "short",
                "What each pod needs to be ready; /readyz of the pod says why one fails.",
                [Query(f"max by (pod, condition) (argosy_condition_failing{{{PODS}}})", "{{pod}}: {{condition}}")],
                alerts=["ArgosyPodNotReady", "ArgosyDeleteDenied"],
                empty="no pod",
                states={0: ("holds", GREEN), 1: ("fails", RED)},
            ),
            Panel(
                "Failing now",
                "table",
                "short",
                "The conditions that do not hold at this moment.",
                [Query(f"max by (namespace, pod, condition) (argosy_condition_failing{{{PODS}}}) == 1")],
                alerts=["ArgosyPodNotReady"],
                empty="every condition holds",
            ),
            Panel(
                "Triggers",
                "state-timeline",
                "short",
                "Whether the target of each trigger lets it work.",
                [
                    Query(
                        f"max by (sensor_name, trigger_name) (argosy_sensor_trigger_stopped{{{SENSOR}}})",
                        "{{sensor_name}} {{trigger_name}}",
                    )
                ],
                alerts=["ArgosyTriggerStopped"],
                empty="no sensor",
                states=STOPPED,
            ),
        ]
    ],
)

FAILURES = Row(
    "Failures",
    [
        [
            Panel(
                "Failures of the event source",
                "timeseries",
                "ops",
                "Requests to SQS that failed, publishes that failed, faults of the program.",
                [
                    Query(rate(f"{SQS}_count", f'{SOURCE},outcome="error"', "operation"), "SQS {{operation}}"),
                    Query(rate(f"{PUBLISH}_count", f'{SOURCE},outcome="error"'), "publish"),
                    Query(rate("argosy_source_unexpected_errors_total", SOURCE), "fault of the program"),
                ],
                alerts=["ArgosyUnexpectedErrors", "ArgosyBusRefuses"],
            ),
            Panel(
                "Attempts that fail",
                "timeseries",
                "percentunit",
                "Share of the attempts of each trigger that end in an error.",
                [Query(f"{FAILED} / {ATTEMPTS}", "{{sensor_name}} {{trigger_name}}")],
                alerts=["ArgosyAttemptsFailing"],
                empty="no attempts",
            ),
            Panel(
                "Retries",
                "timeseries",
                "ops",
                "Deliveries that come again after a failure, and deliveries that were not the first.",
                [
                    Query(
                        rate("argosy_sensor_outcomes_total", f'{SENSOR},outcome="retried"', "trigger_name"),
                        "{{trigger_name}} retried",
                    ),
                    Query(rate("argosy_sensor_redeliveries_total", SENSOR, "trigger_name"), "{{trigger_name}} delivered again"),
                    Query(rate("argosy_source_redeliveries_total", SOURCE), "received again from SQS"),
                ],
            ),
            Panel(
                "Given up",
                "timeseries",
                "ops",
                "Events that were parked after their last attempt, and firings that the ledger did not take.",
                [
                    Query(
                        rate("argo_events_action_retries_failed_total", SENSOR, "trigger_name"), "{{trigger_name}} exhausted"
                    ),
                    Query(rate("argosy_sensor_ledger_errors_total", PODS), "not in the ledger"),
                ],
                alerts=["ArgosyParked", "ArgosyLedgerRefused"],
            ),
        ]
    ],
)

SQS_ROW = Row(
    "SQS",
    [
        [
            Panel(
                "Leases",
                "timeseries",
                "ops",
                "Renewals by SQS' answer, and messages let go because their lease was lost.",
                [
                    Query(rate("argosy_source_visibility_extensions_total", SOURCE, "outcome"), "renewed: {{outcome}}"),
                    Query(rate("argosy_source_leases_lost_total", SOURCE), "let go"),
                ],
                alerts=["ArgosyLeasesLost"],
            ),
            Panel(
                "Deletes",
                "timeseries",
                "ops",
                "Deletes by SQS' answer. lost: somebody else may have the message; again: SQS did not do it this time.",
                [Query(rate("argosy_source_deletes_total", SOURCE, "outcome"), "{{outcome}}")],
                alerts=["ArgosyDeleteDenied"],
            ),
            Panel(
                "Requests, p95",
                "timeseries",
                "s",
                "How long SQS takes; receive includes the long poll.",
                [Query(quantile(0.95, SQS, SOURCE, "operation"), "{{operation}}")],
            ),
            Panel(
                "Since the last receive",
                "timeseries",
                "s",
                "Since a receive came back, even an empty one; in the pod that was best.",
                [Query(f"time() - {queues('argosy_source_last_receive_timestamp_seconds', SOURCE)}", "{{queue}}")],
                alerts=["ArgosyQueueNotRead"],
            ),
        ]
    ],
)

BUS_ROW = Row(
    "Bus",
    [
        [
            Panel(
                "Publishing",
                "heatmap",
                "s",
                "From publish to the bus' confirmation.",
                [Query(buckets(PUBLISH, SOURCE), "{{le}}")],
            ),
            Panel(
                "What the bus is told",
                "timeseries",
                "ops",
                "Acknowledgements of the sensors: ack, nak (again later), in_progress (still at it).",
                [Query(rate("argosy_sensor_acks_total", SENSOR, "kind"), "{{kind}}")],
            ),
            Panel(
                "Connections",
                "timeseries",
                "short",
                "Connections that were made anew, and consumers that were attached anew, in the time of a step.",
                [
                    Query(f"sum by (pod) (increase(argosy_nats_reconnects_total{{{PODS}}}{RANGE}))", "{{pod}} connected"),
                    Query(
                        f"sum by (trigger_name) (increase(argosy_sensor_consumer_rebuilds_total{{{SENSOR}}}{RANGE}))",
                        "{{trigger_name}} attached",
                    ),
                ],
                alerts=["ArgosyBusDisconnected", "ArgosySensorDeaf"],
            ),
            Panel(
                "Queues held back",
                "state-timeline",
                "short",
                "Whether the bus takes what each queue brings; while it does not, the queue is not polled.",
                [Query(queues("argosy_source_breaker_open", SOURCE), "{{queue}}")],
                alerts=["ArgosyBusRefuses"],
                states={0: ("flows", GREEN), 1: ("held back", RED)},
            ),
            Panel(
                "Unread in a foreign stream",
                "timeseries",
                "percentunit",
                "Share of a stream of somebody else's that unread events take; publishing stops at 80%. Our own streams: 0.",
                [Query(queues("argosy_source_stream_unread_ratio", SOURCE), "{{queue}}")],
                alerts=["ArgosyStreamFilling"],
            ),
        ]
    ],
)

API_ROW = Row(
    "API server",
    [
        [
            Panel(
                "Answers",
                "timeseries",
                "ops",
                "Requests of the sensors by the code that came back.",
                [Query(rate("argosy_sensor_kubernetes_api_requests_total", PODS, "code"), "{{code}}")],
                alerts=["ArgosyApiUnavailable", "ArgosyTriggerStopped"],
                empty="no requests",
            ),
            Panel(
                "Requests, p95",
                "timeseries",
                "s",
                "How long the API server takes, by verb.",
                [Query(quantile(0.95, API, PODS, "verb"), "{{verb}}")],
                empty="no requests",
            ),
            Panel("Requests", "heatmap", "s", "How long the API server takes.", [Query(buckets(API, PODS), "{{le}}")]),
            Panel(
                "Attempts",
                "heatmap",
                "s",
                "How long an attempt of a trigger takes, whatever its target is.",
                [Query(buckets(FIRE, SENSOR), "{{le}}")],
            ),
        ]
    ],
)

PODS_ROW = Row(
    "Pods",
    [
        [
            Panel(
                "CPU",
                "timeseries",
                "short",
                "Cores that each pod takes; one event loop, so one core is the most.",
                [Query(f"sum by (pod) (rate(process_cpu_seconds_total{{{PODS}}}{RANGE}) {OURS})", "{{pod}}")],
            ),
            Panel(
                "Memory",
                "timeseries",
                "bytes",
                "Resident memory of each pod.",
                [Query(f"sum by (pod) (process_resident_memory_bytes{{{PODS}}} {OURS})", "{{pod}}")],
            ),
            Panel(
                "Open files",
                "timeseries",
                "percentunit",
                "Open file descriptors of each pod, of those that it may open.",
                [Query(f"max by (pod) (process_open_fds{{{PODS}}} / process_max_fds{{{PODS}}} {OURS})", "{{pod}}")],
            ),
            Panel(
                "Time since start",
                "timeseries",
                "s",
                "A line that falls to 0 is a restart.",
                [Query(f"time() - max by (pod) (process_start_time_seconds{{{PODS}}} {OURS})", "{{pod}}")],
            ),
            Panel(
                "What runs",
                "table",
                "short",
                "Versions of Argosy and of Python, and the pods that have them.",
                [Query(f"count by (namespace, version, python) (argosy_build_info{{{PODS}}})")],
                empty="no pod",
            ),
        ]
    ],
)

DASHBOARD = dashboard(
    "argosy-operations",
    "Argosy: operations",
    "Errors, retries, leases, the health of SQS, the bus and the API server, and what the pods take.",
    VARIABLES,
    [OVERVIEW, CONDITIONS, FAILURES, SQS_ROW, BUS_ROW, API_ROW, PODS_ROW],
)
