"""What there is to tell about one delivery, for the log, the counters and the dead letter."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from common import cloudevent
from common.cloudevent import CloudEvent
from common.deadletters import DeadLetter, replay
from common.log import Seldom
from common.outcome import Done, Outcome, Park
from sensor.dependencies.join import Joint
from sensor.metrics import TriggerMetrics
from sensor.ports import Envelope, Fired

SENT = "sqssenttimestamp"
"""Extension that the event source adds."""


class Story:
    """The story of one delivery. `joints`: the sets of a join that can be forgotten once the delivery is settled.

    `redelivered`: it is not the first time that somebody looks at the event; `failing`: whose attempts are written down.
    """

    __slots__ = ("attempts", "digest", "event", "failing", "joints", "redelivered", "seconds", "what", "why")

    def __init__(self, *, redelivered: bool = False) -> None:
        self.attempts: tuple[float, ...] = ()
        self.digest = ""
        self.event = ""
        self.failing = ""
        self.joints: list[Joint] = []
        self.redelivered = redelivered
        self.seconds = 0.0
        self.what = ""
        self.why = ""


class Teller:
    """Counts, and writes the lines of one trigger's deliveries."""

    def __init__(self, trigger: str, metrics: TriggerMetrics) -> None:
        self.counts: Counter[str] = Counter()
        self._metrics = metrics
        self._log = structlog.get_logger("sensor").bind(trigger=trigger)
        self.seldom = Seldom(self._log)

    def fired(self, fired: Fired, events: Mapping[str, CloudEvent], story: Story) -> None:
        """Tell that the trigger did its work for these events."""
        now = time.time()
        story.what = fired.what
        self._metrics.last.set(now)
        if fired.notes:
            self._metrics.defaults.inc(len(fired.notes))
            self.seldom.warning("defaults", "sensor.defaults", event_id=story.event, used=fired.notes)
        if fired.how == "fired":
            for event in events.values():
                sent = event.extensions.get(SENT)
                if sent:
                    self._metrics.end_to_end.observe(max(0.0, now - _moment(sent, now)))

    def settled(self, envelope: Envelope, outcome: Outcome, story: Story) -> None:
        """Write the one line about this delivery, and count it."""
        if envelope.deliveries == 1 and envelope.stored:
            self._metrics.bus.observe(max(0.0, time.time() - story.seconds - envelope.stored))
        kind = outcome.how if isinstance(outcome, Done) else "parked" if isinstance(outcome, Park) else "retried"
        self.counts[kind] += 1
        self._metrics.outcomes[kind].inc()
        common: dict[str, object] = {"event_id": story.event, "firing": story.digest[:20], "sequence": envelope.sequence}
        if isinstance(outcome, Done):
            self._done(outcome, common, envelope, story)
        elif isinstance(outcome, Park):
            self._log.warning("sensor.parked", **common, reason=outcome.reason, detail=outcome.detail)
        else:
            self.seldom.warning("retried", "sensor.retried", **common, after=round(outcome.after, 3), why=outcome.why)

    def _done(self, outcome: Done, common: dict[str, object], envelope: Envelope, story: Story) -> None:
        if outcome.how == "unmatched":
            self.seldom.warning("unmatched", "sensor.unmatched", **common, subject=envelope.subject)
        elif outcome.how == "filtered":
            self.seldom.info("filtered", "sensor.filtered", **common, why=story.what)
        else:
            say = self._log.info if outcome.how == "duplicate" else self._log.debug
            say(f"sensor.{outcome.how}", **common, what=story.what, seconds=round(story.seconds, 4))


def letter(envelope: Envelope, park: Park, story: Story, owner: tuple[str, str, str]) -> DeadLetter:
    """Write the dead letter of an event; `owner`: namespace, sensor and trigger."""
    moments = story.attempts or (time.time(),)
    # What is parked once more is another letter than the one that was replayed, which the bus may still remember.
    again = f"/{times}" if (times := replay.times(envelope.headers)) else ""
    namespace, sensor, trigger = owner
    return DeadLetter(
        kind="sensor",
        namespace=namespace,
        owner=sensor,
        part=trigger,
        reason=park.reason,
        detail=park.detail,
        identity=f"{envelope.sequence}/{story.digest}{again}",
        body=envelope.body,
        first=_time(moments[0]),
        last=_time(moments[-1]),
        attempts=max(1, len(story.attempts)),
        subject=envelope.subject,
        sequence=envelope.sequence,
        headers=envelope.headers,
    )


def _time(moment: float) -> str:
    return cloudevent.timestamp(datetime.fromtimestamp(moment, UTC))


def _moment(text: str, otherwise: float) -> float:
    """Read SentTimestamp: milliseconds since 1970, or RFC 3339."""
    if text.isdigit():
        return int(text) / 1000
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return otherwise
