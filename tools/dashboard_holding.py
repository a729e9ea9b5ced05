"""The rows about what holds events: triggers that wait for several of them, limits, and subjects that wait for one trigger."""

from grafana import GREEN, ORANGE, Query
from panels import lines, row, timeline
from promql import NAMED, SENSOR, rate, triggers

ACTIVE, MOST = triggers("argosy_sensor_active"), triggers("argosy_sensor_max_active")

JOINS = row(
    "Joins",
    [
        lines(
            "Waiting for others",
            "short",
            "Events of triggers with conditions that wait for the events they belong to.",
            Query(triggers("argosy_sensor_join_waiting"), NAMED),
            empty="no trigger joins events",
        ),
        lines(
            "The oldest that waits",
            "s",
            "How long the oldest of them has been on the bus. Long is no fault where its partner does not come.",
            Query(triggers("argosy_sensor_join_oldest_seconds"), NAMED),
            empty="no trigger joins events",
        ),
        lines(
            "What became of those that waited",
            "ops",
            "joined: fired with others; superseded: a newer event of the same dependency took its place; reset: let go by "
            "conditionsReset; join_overflow and trigger_changed: parked.",
            Query(rate("argosy_sensor_join_events_total", SENSOR, "trigger_name, fate"), "{{trigger_name}} {{fate}}"),
            alerts=["ArgosyParked"],
            empty="no trigger joins events",
            stacked=True,
        ),
    ],
)

LIMITS = row(
    "What holds triggers and subjects",
    [
        timeline(
            "Paused",
            "Whether an operator has paused the trigger; its events wait on the bus.",
            Query(triggers("argosy_sensor_paused"), NAMED),
            alerts=["ArgosyTriggerPaused"],
            empty="no sensor",
            states={0: ("at work", GREEN), 1: ("paused", ORANGE)},
        ),
        timeline(
            "Rate limit",
            "Whether the trigger's rateLimit lets nothing through just now.",
            Query(triggers("argosy_sensor_rate_limited"), NAMED),
            empty="no sensor",
            states={0: ("lets through", GREEN), 1: ("waits", ORANGE)},
        ),
        lines(
            "Slots of maxActive",
            "short",
            "Unfinished Workflows of triggers that have a maxActive, and how many there may be.",
            Query(f"{ACTIVE} and {MOST} > 0", f"{NAMED} taken"),
            Query(f"{MOST} > 0", f"{NAMED} maxActive"),
            empty="no trigger has a maxActive",
        ),
    ],
    [
        lines(
            "Subjects held back",
            "s",
            "How long the oldest event has been stored that is kept for this trigger, the least far of all on its subject.",
            Query(triggers("argosy_sensor_subject_held_seconds", "subject"), "{{subject}} {{trigger_name}}"),
            alerts=["ArgosySubjectHeld", "ArgosyBusBacklogOld"],
            empty="no sensor",
        ),
        lines(
            "Events that are held",
            "short",
            "How many events a subject keeps for the trigger that is the least far.",
            Query(triggers("argosy_sensor_subject_held_events", "subject"), "{{subject}} {{trigger_name}}"),
            alerts=["ArgosySubjectHeld"],
            empty="no sensor",
        ),
    ],
)
