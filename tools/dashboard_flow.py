"""The dashboard of the flow: how much goes from SQS over the bus into Workflows, how old it gets, and what becomes of it."""

from grafana import VARIABLES, Panel, Query, Row, dashboard
from promql import SENSOR, SOURCE, buckets, consumers, quantile, queues, rate

AGE = "argosy_source_message_age_seconds"
BATCH = "argosy_source_receive_batch_size"
BUS = "argosy_sensor_bus_latency_seconds"
END_TO_END = "argosy_sensor_end_to_end_latency_seconds"
FIRE = "argosy_sensor_fire_duration_seconds"
LAST = "argosy_sensor_last_trigger_timestamp_seconds"
PUBLISH = "argosy_source_publish_duration_seconds"
PARKED = f"""\
sum(increase(argosy_sensor_dead_letters_total{{{SENSOR}}}[$__range]))
+ sum(increase(argosy_source_outcomes_total{{{SOURCE},outcome="parked"}}[$__range]))"""
VISIBLE = queues("argosy_source_queue_messages", f'{SOURCE},state="visible"')
PENDING = consumers("argosy_sensor_consumer_pending", SENSOR)

OVERVIEW = Row(
    "Overview",
    [
        [
            Panel(
                "From SQS",
                "stat",
                "ops",
                "Messages received from SQS a second.",
                [Query(rate("argosy_source_messages_received_total", SOURCE))],
                alerts=["ArgosyFlowStopped"],
            ),
            Panel(
                "Fired",
                "stat",
                "ops",
                "Events a second that made a trigger fire: Workflows made, requests sent.",
                [Query(rate("argosy_sensor_outcomes_total", f'{SENSOR},outcome="fired"'))],
            ),
            Panel(
                "End to end, p95",
                "stat",
                "s",
                "From sent to SQS until the trigger had fired; 95 of 100 took no longer.",
                [Query(quantile(0.95, END_TO_END, SENSOR))],
                empty="nothing fired",
                warn=60,
                bad=300,
            ),
            Panel(
                "Waiting in SQS",
                "stat",
                "short",
                "Messages that are visible in the queues, as SQS estimates it.",
                [Query(f"sum({VISIBLE})")],
                alerts=["ArgosyBacklogOld", "ArgosyQueueNotRead"],
            ),
            Panel(
                "Waiting on the bus",
                "stat",
                "short",
                "Events stored on the bus that their triggers have not taken yet.",
                [Query(f"sum({PENDING})")],
                alerts=["ArgosyBusBacklogOld", "ArgosySensorDeaf"],
            ),
            Panel(
                "Parked",
                "stat",
                "short",
                "Messages and events that went to the dead letters in the time shown.",
                [Query(PARKED)],
                alerts=["ArgosyParked", "ArgosyPoison"],
                warn=0.5,
            ),
        ]
    ],
    height=4,
)

RATES = Row(
    "How much",
    [
        [
            Panel(
                "The way of the messages",
                "timeseries",
                "ops",
                "Each stage a second. Where two lines part, messages wait or are sorted out; several triggers on one event "
                "take it once each.",
                [
                    Query(rate("argosy_source_messages_received_total", SOURCE), "received from SQS"),
                    Query(rate("argosy_source_outcomes_total", f'{SOURCE},outcome="published"'), "stored on the bus"),
                    Query(rate("argosy_sensor_messages_received_total", SENSOR), "taken by triggers"),
                    Query(rate("argosy_sensor_outcomes_total", f'{SENSOR},outcome="fired"'), "fired"),
                ],
                alerts=["ArgosyFlowStopped", "ArgosySensorDeaf"],
            ),
            Panel(
                "What became of the messages",
                "timeseries",
                "ops",
                "Outcomes of the event source; each message ends in exactly one. duplicate: the bus knew it; left and "
                "lease_lost: SQS gives it out again.",
                [Query(rate("argosy_source_outcomes_total", SOURCE, "outcome"), "{{outcome}}")],
                stacked=True,
            ),
            Panel(
                "What became of the events",
                "timeseries",
                "ops",
                "Outcomes of the sensor; each delivery ends in exactly one. retried: it comes again after a failure.",
                [Query(rate("argosy_sensor_outcomes_total", SENSOR, "outcome"), "{{outcome}}")],
                alerts=["ArgosyAttemptsFailing"],
                stacked=True,
            ),
        ]
    ],
)

TIMES = Row(
    "How long",
    [
        [
            Panel(
                "End to end",
                "timeseries",
                "s",
                "From sent to SQS until the trigger had fired.",
                [Query(quantile(q, END_TO_END, SENSOR), f"p{q * 100:.0f}") for q in (0.5, 0.95, 0.99)],
                empty="nothing fired",
            ),
            Panel(
                "Where the time goes, p95",
                "timeseries",
                "s",
                "The four stages of the way. They do not add up: each is a quantile of its own.",
                [
                    Query(quantile(0.95, AGE, SOURCE), "waiting in SQS"),
                    Query(quantile(0.95, PUBLISH, SOURCE), "publishing"),
                    Query(quantile(0.95, BUS, SENSOR), "waiting on the bus"),
                    Query(quantile(0.95, FIRE, SENSOR), "firing"),
                ],
                alerts=["ArgosyBacklogOld", "ArgosyBusBacklogOld"],
            ),
        ],
        [
            Panel(
                "Age in SQS",
                "heatmap",
                "s",
                "How old messages were when they were received.",
                [Query(buckets(AGE, SOURCE), "{{le}}")],
            ),
            Panel(
                "Time on the bus",
                "heatmap",
                "s",
                "How long events had been stored when a trigger had them in hand.",
                [Query(buckets(BUS, SENSOR), "{{le}}")],
            ),
            Panel(
                "End to end",
                "heatmap",
                "s",
                "From sent to SQS until the trigger had fired.",
                [Query(buckets(END_TO_END, SENSOR), "{{le}}")],
            ),
        ],
    ],
)

QUEUES = Row(
    "Queues",
    [
        [
            Panel(
                "Depth",
                "timeseries",
                "short",
                "Messages by queue and state. in_flight: received by somebody and not deleted; delayed: not to be seen yet.",
                [Query(queues("argosy_source_queue_messages", SOURCE, "state"), "{{queue}} {{state}}")],
                alerts=["ArgosyFlowStopped"],
            ),
            Panel(
                "Messages a receive",
                "timeseries",
                "short",
                "The mean of a receive. Near 10 there is more than one poll brings, near 0 the queue is idle.",
                [Query(f"{rate(f'{BATCH}_sum', SOURCE, 'queue')} / {rate(f'{BATCH}_count', SOURCE, 'queue')}", "{{queue}}")],
            ),
            Panel(
                "Receives at a time",
                "timeseries",
                "short",
                "Long polls that may run at a time in all pods; one when a queue is idle.",
                [Query(f"sum by (queue) (argosy_source_pollers{{{SOURCE}}})", "{{queue}}")],
            ),
            Panel(
                "In hand",
                "timeseries",
                "short",
                "Messages received and not yet settled, in all pods.",
                [Query(f"sum by (queue) (argosy_source_messages_in_flight{{{SOURCE}}})", "{{queue}}")],
            ),
        ]
    ],
)

TRIGGERS = Row(
    "Triggers",
    [
        [
            Panel(
                "Waiting on the bus",
                "timeseries",
                "short",
                "Events that a trigger has not taken yet, and those it has in hand.",
                [
                    Query(PENDING, "{{sensor_name}} {{trigger_name}}"),
                    Query(consumers("argosy_sensor_consumer_ack_pending", SENSOR), "{{sensor_name}} {{trigger_name}} in hand"),
                ],
                alerts=["ArgosySensorDeaf", "ArgosyTriggerStopped"],
            ),
            Panel(
                "Fired",
                "timeseries",
                "ops",
                "Events a second that made each trigger fire.",
                [
                    Query(
                        rate("argosy_sensor_outcomes_total", f'{SENSOR},outcome="fired"', "sensor_name, trigger_name"),
                        "{{sensor_name}} {{trigger_name}}",
                    )
                ],
            ),
            Panel(
                "Sorted out",
                "timeseries",
                "ops",
                "Events that a dependency did not want, by the filter that said so.",
                [Query(rate("argosy_sensor_filtered_total", SENSOR, "trigger_name, filter"), "{{trigger_name}} {{filter}}")],
            ),
            Panel(
                "Defaults used",
                "timeseries",
                "ops",
                "Parameters a second whose key was not in the event, so that their default was used.",
                [Query(rate("argosy_sensor_parameter_defaults_total", SENSOR, "trigger_name"), "{{trigger_name}}")],
            ),
        ],
        [
            Panel(
                "Since a trigger last fired",
                "timeseries",
                "s",
                "Long is no fault where nothing comes.",
                [
                    Query(
                        f"time() - max by (sensor_name, trigger_name) ({LAST}{{{SENSOR}}} > 0)",
                        "{{sensor_name}} {{trigger_name}}",
                    )
                ],
                empty="none has fired",
            ),
            Panel(
                "Parked events",
                "timeseries",
                "ops",
                "Events a second that went to the dead letters, by reason.",
                [
                    Query(
                        rate("argosy_sensor_dead_letters_total", SENSOR, "trigger_name, reason"), "{{trigger_name}} {{reason}}"
                    )
                ],
                alerts=["ArgosyParked"],
            ),
            Panel(
                "Messages that cannot become events",
                "timeseries",
                "ops",
                "By reason; too_large stays in SQS, the others are parked or left to the redrive.",
                [
                    Query(
                        rate("argosy_source_rejected_total", SOURCE, "eventsource_name, reason"),
                        "{{eventsource_name}} {{reason}}",
                    )
                ],
                alerts=["ArgosyPoison", "ArgosyTooLarge"],
            ),
            Panel(
                "Sorted out or known before",
                "timeseries",
                "ops",
                "Messages that the event source's filter does not want, repetitions that the bus or the ledger knew, and "
                "messages without the key that tells them apart.",
                [
                    Query(rate("argosy_source_filtered_total", SOURCE), "not wanted"),
                    Query(rate("argosy_source_publish_duplicates_total", SOURCE), "known to the bus"),
                    Query(rate("argosy_sensor_outcomes_total", f'{SENSOR},outcome="duplicate"'), "fired before"),
                    Query(rate("argosy_source_idempotency_key_missing_total", SOURCE), "without its key"),
                ],
            ),
        ],
    ],
)

DASHBOARD = dashboard(
    "argosy-flow",
    "Argosy: flow",
    "SQS messages on their way over the bus into Workflows.",
    VARIABLES,
    [OVERVIEW, RATES, TIMES, QUEUES, TRIGGERS],
)
