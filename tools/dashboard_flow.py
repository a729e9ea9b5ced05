"""The dashboard of the flow: how much goes from SQS over the bus into Workflows, how old it gets, and what becomes of it."""

from dashboard_holding import JOINS, LIMITS
from grafana import VARIABLES, Query, dashboard
from panels import heat, lines, row, stat
from promql import (
    FIRE,
    NAMED,
    OUTCOMES,
    PUBLISH,
    SENSOR,
    SOURCE,
    TRIGGER,
    buckets,
    consumers,
    outcome,
    quantile,
    queues,
    rate,
    triggers,
)

AGE = "argosy_source_message_age_seconds"
BATCH = "argosy_source_receive_batch_size"
BUS = "argosy_sensor_bus_latency_seconds"
END_TO_END = "argosy_sensor_end_to_end_latency_seconds"
LAST = "argosy_sensor_last_trigger_timestamp_seconds"
PARKED = f"""\
sum(increase(argosy_sensor_dead_letters_total{{{SENSOR}}}[$__range]))
+ sum(increase(argosy_source_outcomes_total{{{SOURCE},outcome="parked"}}[$__range]))"""
VISIBLE = queues("argosy_source_queue_messages", f'{SOURCE},state="visible"')
PENDING = consumers("argosy_sensor_consumer_pending")

OVERVIEW = row(
    "Overview",
    [
        stat(
            "From SQS",
            "ops",
            "Messages received from SQS a second.",
            rate("argosy_source_messages_received_total", SOURCE),
            alerts=["ArgosyFlowStopped"],
        ),
        stat(
            "Fired",
            "ops",
            "Events a second that made a trigger fire: Workflows made, requests sent.",
            outcome("fired"),
        ),
        stat(
            "End to end, p95",
            "s",
            "From sent to SQS until the trigger had fired; 95 of 100 took no longer.",
            quantile(0.95, END_TO_END, SENSOR),
            empty="nothing fired",
            warn=60,
            bad=300,
        ),
        stat(
            "Waiting in SQS",
            "short",
            "Messages that are visible in the queues, as SQS estimates it.",
            f"sum({VISIBLE})",
            alerts=["ArgosyBacklogOld", "ArgosyQueueNotRead"],
        ),
        stat(
            "Waiting on the bus",
            "short",
            "Events stored on the bus that their triggers have not taken yet.",
            f"sum({PENDING})",
            alerts=["ArgosyBusBacklogOld", "ArgosySensorDeaf"],
        ),
        stat(
            "Parked",
            "short",
            "Messages and events that went to the dead letters in the time shown.",
            PARKED,
            alerts=["ArgosyParked", "ArgosyPoison"],
            warn=0.5,
        ),
    ],
    height=4,
)

RATES = row(
    "How much",
    [
        lines(
            "The way of the messages",
            "ops",
            "Each stage a second. Where two lines part, messages wait or are sorted out; several triggers on one event "
            "take it once each.",
            Query(rate("argosy_source_messages_received_total", SOURCE), "received from SQS"),
            Query(rate("argosy_source_outcomes_total", f'{SOURCE},outcome="published"'), "stored on the bus"),
            Query(rate("argosy_sensor_messages_received_total", SENSOR), "taken by triggers"),
            Query(outcome("fired"), "fired"),
            alerts=["ArgosyFlowStopped", "ArgosySensorDeaf"],
        ),
        lines(
            "What became of the messages",
            "ops",
            "Outcomes of the event source; each message ends in exactly one. duplicate: the bus knew it; left and "
            "lease_lost: SQS gives it out again.",
            Query(rate("argosy_source_outcomes_total", SOURCE, "outcome"), "{{outcome}}"),
            stacked=True,
        ),
        lines(
            "What became of the events",
            "ops",
            "Outcomes of the sensor; each delivery ends in exactly one. retried: it comes again after a failure.",
            Query(rate(OUTCOMES, SENSOR, "outcome"), "{{outcome}}"),
            alerts=["ArgosyAttemptsFailing"],
            stacked=True,
        ),
    ],
)

TIMES = row(
    "How long",
    [
        lines(
            "End to end",
            "s",
            "From sent to SQS until the trigger had fired.",
            *[Query(quantile(q, END_TO_END, SENSOR), f"p{q * 100:.0f}") for q in (0.5, 0.95, 0.99)],
            empty="nothing fired",
        ),
        lines(
            "Where the time goes, p95",
            "s",
            "The four stages of the way. They do not add up: each is a quantile of its own.",
            Query(quantile(0.95, AGE, SOURCE), "waiting in SQS"),
            Query(quantile(0.95, PUBLISH, SOURCE), "publishing"),
            Query(quantile(0.95, BUS, SENSOR), "waiting on the bus"),
            Query(quantile(0.95, FIRE, SENSOR), "firing"),
            alerts=["ArgosyBacklogOld", "ArgosyBusBacklogOld"],
        ),
    ],
    [
        heat("Age in SQS", "How old messages were when they were received.", buckets(AGE, SOURCE)),
        heat("Time on the bus", "How long events had been stored when a trigger had them in hand.", buckets(BUS, SENSOR)),
        heat("End to end", "From sent to SQS until the trigger had fired.", buckets(END_TO_END, SENSOR)),
    ],
)

QUEUES = row(
    "Queues",
    [
        lines(
            "Depth",
            "short",
            "Messages by queue and state. in_flight: received by somebody and not deleted; delayed: not to be seen yet.",
            Query(queues("argosy_source_queue_messages", SOURCE, "state"), "{{queue}} {{state}}"),
            alerts=["ArgosyFlowStopped"],
        ),
        lines(
            "Messages a receive",
            "short",
            "The mean of a receive. Near 10 there is more than one poll brings, near 0 the queue is idle.",
            Query(f"{rate(f'{BATCH}_sum', SOURCE, 'queue')} / {rate(f'{BATCH}_count', SOURCE, 'queue')}", "{{queue}}"),
        ),
        lines(
            "Receives at a time",
            "short",
            "Long polls that may run at a time in all pods; one when a queue is idle.",
            Query(f"sum by (queue) (argosy_source_pollers{{{SOURCE}}})", "{{queue}}"),
        ),
        lines(
            "In hand",
            "short",
            "Messages received and not yet settled, in all pods.",
            Query(f"sum by (queue) (argosy_source_messages_in_flight{{{SOURCE}}})", "{{queue}}"),
        ),
    ],
)

TRIGGERS = row(
    "Triggers",
    [
        lines(
            "Waiting on the bus",
            "short",
            "Events that a trigger has not taken yet, and those it has in hand.",
            Query(PENDING, NAMED),
            Query(consumers("argosy_sensor_consumer_ack_pending"), f"{NAMED} in hand"),
            alerts=["ArgosySensorDeaf", "ArgosyTriggerStopped"],
        ),
        lines(
            "Fired",
            "ops",
            "Events a second that made each trigger fire.",
            Query(
                outcome("fired", TRIGGER),
                NAMED,
            ),
        ),
        lines(
            "Sorted out",
            "ops",
            "Events that a dependency did not want, by the filter that said so.",
            Query(rate("argosy_sensor_filtered_total", SENSOR, "trigger_name, filter"), "{{trigger_name}} {{filter}}"),
        ),
        lines(
            "Defaults used",
            "ops",
            "Parameters a second whose key was not in the event, so that their default was used.",
            Query(rate("argosy_sensor_parameter_defaults_total", SENSOR, "trigger_name"), "{{trigger_name}}"),
        ),
    ],
    [
        lines(
            "Since a trigger last fired",
            "s",
            "Long is no fault where nothing comes.",
            Query(
                f"time() - ({triggers(LAST)} > 0)",
                NAMED,
            ),
            empty="none has fired",
        ),
        lines(
            "Parked events",
            "ops",
            "Events a second that went to the dead letters, by reason.",
            Query(rate("argosy_sensor_dead_letters_total", SENSOR, "trigger_name, reason"), "{{trigger_name}} {{reason}}"),
            alerts=["ArgosyParked"],
        ),
        lines(
            "Fired in its stead",
            "ops",
            "Events a second for which a trigger was given up, and its dlqTrigger fired.",
            Query(outcome("dlq_triggered", TRIGGER), NAMED),
        ),
        lines(
            "Messages that cannot become events",
            "ops",
            "By reason; too_large stays in SQS, the others are parked or left to the redrive.",
            Query(
                rate("argosy_source_rejected_total", SOURCE, "eventsource_name, reason"),
                "{{eventsource_name}} {{reason}}",
            ),
            alerts=["ArgosyPoison", "ArgosyTooLarge"],
        ),
        lines(
            "Sorted out or known before",
            "ops",
            "Messages that the event source's filter does not want, repetitions that the bus or the ledger knew, and "
            "messages without the key that tells them apart.",
            Query(rate("argosy_source_filtered_total", SOURCE), "not wanted"),
            Query(rate("argosy_source_publish_duplicates_total", SOURCE), "known to the bus"),
            Query(outcome("duplicate"), "fired before"),
            Query(rate("argosy_source_idempotency_key_missing_total", SOURCE), "without its key"),
        ),
    ],
)

DASHBOARD = dashboard(
    "argosy-flow",
    "Argosy: flow",
    "SQS messages on their way over the bus into Workflows.",
    VARIABLES,
    [OVERVIEW, RATES, TIMES, QUEUES, TRIGGERS, JOINS, LIMITS],
)
