"""The way of one event through one trigger, in order.

consume → dependencies → (seen before?) → parameters and trigger → ledger → settle: ack, nak or dead letter, then ack.

One delivery has one outcome. What is about the event comes here as an error and becomes an outcome; what is about the
target never does: it is waited for in place (`gate`).
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from common import backoff, cloudevent
from common.cloudevent import CloudEvent
from common.deadletters import DeadLetter
from common.errors import Failed, Rejected, Unavailable
from common.log import Seldom
from common.outcome import Done, Outcome, Park, Retry
from common.service import pause
from sensor import identity, settle
from sensor.dependencies import filters, match
from sensor.dependencies.accept import ANYTHING, Scripts, accept
from sensor.gate import Gates, Stopping
from sensor.memory import Memory
from sensor.metrics import TriggerMetrics
from sensor.plan import Planned
from sensor.ports import Attempts, Delivery, Fired, Firing, Parking

ATTEMPT = "Argosy-Attempt"
"""Header of an event whose publish was repeated."""
RECEIVED = "sqsreceivecount"
SENT = "sqssenttimestamp"
KEY = "argosyidempotencykey"
"""Extensions that the event source adds."""
AGAIN_FIRST, AGAIN_CAP, PARK_CAP = 1.0, 60.0, 300.0
"""Seconds until an event is looked at again that met a fault of ours or an unreadable ledger; and one that cannot be parked."""


class Story:
    """What there is to tell about one delivery, for the log and for the dead letter."""

    __slots__ = ("attempts", "digest", "event", "failing", "seconds", "what")

    def __init__(self) -> None:
        self.attempts: tuple[float, ...] = ()
        self.digest = ""
        self.event = ""
        self.failing = ""
        self.seconds = 0.0
        self.what = ""


class Line:
    """One trigger at work."""

    def __init__(
        self,
        trigger: Planned,
        *,
        namespace: str,
        sensor: str,
        gates: Gates,
        memory: Memory,
        attempts: Attempts,
        parking: Parking,
        scripts: Scripts,
        metrics: TriggerMetrics,
        stop: asyncio.Event,
    ) -> None:
        self.trigger = trigger
        self.gates = gates
        self.last_failure = ""
        self.counts: Counter[str] = Counter()
        self._stop = stop
        self._namespace = namespace
        self._sensor = sensor
        self._memory = memory
        self._attempts = attempts
        self._parking = parking
        self._scripts = scripts
        self._metrics = metrics
        self._log = structlog.get_logger("sensor").bind(trigger=trigger.name)
        self._seldom = Seldom(self._log)

    async def handle(self, delivery: Delivery) -> None:
        """Do all that is to be done about one delivery, and settle it. Raises nothing but its cancellation."""
        story = Story()
        outcome = await self._decided(delivery, story)
        if isinstance(outcome, Park):
            outcome = await self._park(delivery, outcome, story)
        if isinstance(outcome, Retry):
            await delivery.nak(outcome.after)
        else:
            await delivery.ack()
        self._tell(delivery, outcome, story)

    # --------------------------------------------------------------------------------------------------- deciding

    async def _decided(self, delivery: Delivery, story: Story) -> Outcome:
        """Decide, and wait in place while the bus cannot tell what there was before: that is no fault of the event's."""
        waits = 0
        while (outcome := await self._decide(delivery, story)) is None:
            waits += 1
            if await pause(self._stop, _again_after(waits, AGAIN_CAP)):
                return Retry(0, "the service stops")
        return outcome

    async def _decide(self, delivery: Delivery, story: Story) -> Outcome | None:
        try:
            return await self._outcome(delivery, story)
        except Rejected as error:
            return settle.rejected(error)
        except Stopping:
            return Retry(0, "the service stops")
        except Unavailable as error:
            self._seldom.warning("bus", "sensor.waits", event_id=story.event, why=str(error))
            return None
        except Exception as error:  # noqa: BLE001 - the one place where an unexpected error becomes an outcome
            # A fault of ours. The event is not lost: it comes again, and is parked when it has come too often.
            self._seldom.warning("fault", "sensor.fault", event_id=story.event, error=repr(error), exc_info=error)
            return Retry(_again_after(delivery.envelope.deliveries, AGAIN_CAP), f"fault of the sensor: {error!r}")

    async def _outcome(self, delivery: Delivery, story: Story) -> Outcome:
        if await self._kills(delivery, story):
            return Park(settle.KILLER, f"delivered {delivery.envelope.deliveries} times without a word")
        event = cloudevent.load(delivery.envelope.body)
        story.event = event.id
        names = match.matching(event, self.trigger.wants)
        if not names:
            return Done("unmatched")
        # Each dependency fires alone; joins of several are refused when the document is read.
        return _worst([await self._dependency(name, event, delivery, story) for name in names])

    async def _dependency(self, name: str, event: CloudEvent, delivery: Delivery, story: Story) -> Outcome:
        """Fire with one dependency's event, as that dependency has it."""
        try:
            accepted = await accept(self.trigger.wishes.get(name, ANYTHING), event, self._scripts)
        except Rejected as error:
            return Park(error.reason, f"dependency {name}: {error}")
        if isinstance(accepted, filters.Rejected):
            self._metrics.filtered[accepted.filter].inc()
            story.what = f"dependency {name}: {accepted}"
            return Done("filtered")
        return await self._advance({name: accepted}, delivery, story)

    async def _advance(self, events: Mapping[str, CloudEvent], delivery: Delivery, story: Story) -> Outcome:
        digest = identity.firing(self._namespace, self._sensor, self.trigger.name, events)
        firing = Firing(digest, events, time.time())
        story.digest = digest
        try:
            fired = await self._once(firing, delivery, story)
        except Failed as error:
            return await self._failed(error, story)
        self._count(fired, events, story)
        return Done(fired.how)

    async def _once(self, firing: Firing, delivery: Delivery, story: Story) -> Fired:
        """Fire, unless it was done before; then remember it."""
        again = _again(firing, delivery)
        if again or delivery.early:
            seen = await self.gates.run(lambda: self.trigger.fires.find(firing)) if again else None
            if seen is None and await self._memory.holds(firing.digest):
                seen = Fired("duplicate", "the ledger knows it")
            if seen is not None:
                await self._memory.remember(firing.digest)
                return seen
        fired = await self.gates.run(lambda: self._fire(firing, story))
        await self._memory.remember(firing.digest)
        return fired

    async def _fire(self, firing: Firing, story: Story) -> Fired:
        """Make one attempt, and count it."""
        started = time.monotonic()
        how = "error"
        try:
            fired = await self.trigger.fires.fire(firing)
            how = fired.how
        except (Failed, Rejected):
            self._metrics.failed.inc()
            raise
        finally:
            story.seconds = time.monotonic() - started
            self._metrics.fire[how].observe(story.seconds)
            self._metrics.duration_ms.observe(story.seconds * 1000)
        self._metrics.triggered.inc()
        return fired

    async def _failed(self, error: Failed, story: Story) -> Outcome:
        self.last_failure = str(error)
        story.failing = story.digest
        story.attempts = (*await self._attempts.load(story.digest), time.time())
        outcome = settle.failed(self.trigger.strategy, len(story.attempts), error, random.random())  # noqa: S311
        if isinstance(outcome, Retry):
            await self._attempts.save(story.digest, story.attempts)
        else:
            self._metrics.exhausted.inc()
        return outcome

    async def _kills(self, delivery: Delivery, story: Story) -> bool:
        """Look whether the event came so often that it must be what ends the process; failed attempts explain theirs."""
        deliveries = delivery.envelope.deliveries
        if not settle.kills(deliveries, 0):
            return False
        known = 0
        for events in self._firings(delivery):
            digest = identity.firing(self._namespace, self._sensor, self.trigger.name, events)
            attempts = await self._attempts.load(digest)
            known += len(attempts)
            story.attempts, story.digest, story.failing = attempts, digest, digest
        return settle.kills(deliveries, known)

    def _firings(self, delivery: Delivery) -> list[dict[str, CloudEvent]]:
        try:
            event = cloudevent.load(delivery.envelope.body)
        except Rejected:
            return []
        return [{name: event} for name in match.matching(event, self.trigger.wants)]

    # --------------------------------------------------------------------------------------------------- settling

    async def _park(self, delivery: Delivery, park: Park, story: Story) -> Outcome:
        self.last_failure = f"{park.reason}: {park.detail}"
        envelope = delivery.envelope
        moments = story.attempts or (time.time(),)
        letter = DeadLetter(
            kind="sensor",
            namespace=self._namespace,
            owner=self._sensor,
            part=self.trigger.name,
            reason=park.reason,
            detail=park.detail,
            identity=f"{envelope.sequence}/{story.digest}",
            body=envelope.body,
            first=_time(moments[0]),
            last=_time(moments[-1]),
            attempts=max(1, len(story.attempts)),
            subject=envelope.subject,
            sequence=envelope.sequence,
            headers=envelope.headers,
        )
        try:
            await self._parking.park(letter)
            if len(story.attempts) > 1:
                await self._attempts.forget(story.failing)
        except Unavailable as error:
            self._seldom.warning("park", "sensor.unparked", why=str(error))
            return Retry(_again_after(envelope.deliveries, PARK_CAP), f"cannot be parked: {error}")
        self._metrics.dead.get(park.reason, self._metrics.dead["other"]).inc()
        return park

    def _count(self, fired: Fired, events: Mapping[str, CloudEvent], story: Story) -> None:
        now = time.time()
        story.what = fired.what
        self._metrics.last.set(now)
        if fired.notes:
            self._metrics.defaults.inc(len(fired.notes))
            self._seldom.warning("defaults", "sensor.defaults", event_id=story.event, used=fired.notes)
        if fired.how == "fired":
            for event in events.values():
                sent = event.extensions.get(SENT)
                if sent:
                    self._metrics.end_to_end.observe(max(0.0, now - _moment(sent, now)))

    def _tell(self, delivery: Delivery, outcome: Outcome, story: Story) -> None:
        """Write the one line about this delivery, and count it."""
        envelope = delivery.envelope
        if envelope.deliveries == 1 and envelope.stored:
            self._metrics.bus.observe(max(0.0, time.time() - story.seconds - envelope.stored))
        common: dict[str, object] = {"event_id": story.event, "firing": story.digest[:20], "sequence": envelope.sequence}
        kind = outcome.how if isinstance(outcome, Done) else "parked" if isinstance(outcome, Park) else "retried"
        self.counts[kind] += 1
        self._metrics.outcomes[kind].inc()
        if isinstance(outcome, Done):
            say = self._log.info if outcome.how == "duplicate" else self._log.debug
            if outcome.how == "unmatched":
                self._seldom.warning("unmatched", "sensor.unmatched", **common, subject=envelope.subject)
            elif outcome.how == "filtered":
                self._seldom.info("filtered", "sensor.filtered", **common, why=story.what)
            else:
                say(f"sensor.{outcome.how}", **common, what=story.what, seconds=round(story.seconds, 4))
        elif isinstance(outcome, Park):
            self._log.warning("sensor.parked", **common, reason=outcome.reason, detail=outcome.detail)
        else:
            self._seldom.warning("retried", "sensor.retried", **common, after=round(outcome.after, 3), why=outcome.why)


def _again(firing: Firing, delivery: Delivery) -> bool:
    """Say whether this may not be the first time: then it is looked for before it is done."""
    if delivery.envelope.deliveries > 1 or ATTEMPT in delivery.envelope.headers:
        return True
    return any(event.extensions.get(RECEIVED, "1") != "1" or KEY in event.extensions for event in firing.events.values())


def _again_after(times: int, cap: float) -> float:
    return backoff.delay(times, first=AGAIN_FIRST, cap=cap, jitter=random.random())  # noqa: S311 - no secret


def _worst(outcomes: list[Outcome]) -> Outcome:
    """Fold what became of an event's firings: what has to come again comes again, whatever the others did."""
    filtered = Done("filtered")
    return max(outcomes, key=lambda outcome: (isinstance(outcome, Retry), isinstance(outcome, Park), outcome != filtered))


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
