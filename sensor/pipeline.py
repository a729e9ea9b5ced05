"""The way of one event through one trigger, in order.

consume → dependencies → (join) → (seen before?) → parameters and trigger → ledger → settle: ack, nak or dead letter, then ack.

One delivery has one outcome. What is about the event comes here as an error and becomes an outcome; what is about the
target never does: it is waited for in place (`gate`).
"""

import asyncio
import random
from collections.abc import Mapping

from common import backoff, cloudevent
from common.cloudevent import CloudEvent
from common.deadletters import replay
from common.errors import Rejected, Unavailable
from common.outcome import Done, Outcome, Park, Retry
from common.service import pause
from sensor import identity, settle
from sensor.action import Action, Turn, at_once
from sensor.attempting import Attempting
from sensor.dependencies import filters, match
from sensor.dependencies.accept import ANYTHING, Scripts, accept
from sensor.dependencies.join import Body, Joint, Waiting
from sensor.gate import Gates, Stopping
from sensor.joining import Found, Joining, Orphan
from sensor.memory import Memory
from sensor.metrics import TriggerMetrics
from sensor.plan import Planned
from sensor.ports import Attempts, Delivery, Envelope, Parking
from sensor.story import Story, Teller, letter

ATTEMPT = "Argosy-Attempt"
"""Header of an event whose publish was repeated."""
RECEIVED = "sqsreceivecount"
KEY = "argosyidempotencykey"
"""Extensions that the event source adds."""
AGAIN_FIRST, AGAIN_CAP, PARK_CAP = 1.0, 60.0, 300.0
"""Seconds until an event is looked at again that met a fault of ours or an unreadable ledger; and one that cannot be parked."""


class Line:
    """One trigger at work. `joining` where its events wait for each other, `dlq` where its document has a dlqTrigger."""

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
        joining: Joining | None = None,
        dlq: Action | None = None,
        turn: Turn = at_once,
    ) -> None:
        self.trigger = trigger
        self.gates = gates
        self.last_failure = ""
        self._joining = joining
        self._stop = stop
        self._namespace = namespace
        self._sensor = sensor
        self._memory = memory
        self._parking = parking
        self._scripts = scripts
        self._metrics = metrics
        self._teller = Teller(trigger.name, metrics)
        action = Action(trigger.name, trigger.fires, trigger.strategy, gates, metrics, turn)
        self._attempting = Attempting(action, dlq, digest=self._digest, memory=memory, attempts=attempts, teller=self._teller)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many deliveries ended how, since this process started."""
        return self._teller.counts

    async def handle(self, delivery: Delivery) -> None:
        """Do all that is to be done about one delivery, and settle it. Raises nothing but its cancellation."""
        story = Story(redelivered=delivery.envelope.deliveries > 1)
        outcome = await self._decided(delivery, story)
        if isinstance(outcome, Park):
            outcome = await self._park(delivery.envelope, outcome, story)
        if not isinstance(outcome, Retry) and not await self._forgotten(story):
            outcome = Retry(0, "the service stops")
        self.last_failure = story.why or self.last_failure
        if isinstance(outcome, Retry):
            await delivery.nak(outcome.after)
        else:
            await delivery.ack()
            await self._let_start_anew(story)
        self._teller.settled(delivery.envelope, outcome, story)

    async def finish(self, joint: Joint) -> None:
        """Fire a set of a join whose last event the bus has lost, so that no delivery sees to it."""
        if self._joining:
            self._metrics.received.inc()
            await self.handle(Orphan(joint, await self._joining.one_of(joint)))

    # --------------------------------------------------------------------------------------------------- deciding

    async def _decided(self, delivery: Delivery, story: Story) -> Outcome:
        """Decide, and wait in place while the bus cannot tell what there was before: that is no fault of the event's."""
        waits = 0
        while (outcome := await self._decide(delivery, story)) is None:
            waits += 1
            # What the bus was asked to do may be done all the same.
            story.redelivered = True
            if await pause(self._stop, _again_after(waits, AGAIN_CAP)):
                return Retry(0, "the service stops")
        return outcome

    async def _decide(self, delivery: Delivery, story: Story) -> Outcome | None:
        try:
            return await self._outcome(delivery, story)
        except Rejected as error:
            return settle.rejected(error)
        except Stopping as error:
            return Retry(0, str(error))
        except Unavailable as error:
            self._teller.seldom.warning("bus", "sensor.waits", event_id=story.event, why=str(error))
            return None
        except Exception as error:  # noqa: BLE001 - the one place where an unexpected error becomes an outcome
            # A fault of ours. The event is not lost: it comes again, and is parked when it has come too often.
            self._teller.seldom.warning("fault", "sensor.fault", event_id=story.event, error=repr(error), exc_info=error)
            return Retry(_again_after(delivery.envelope.deliveries, AGAIN_CAP), f"fault of the sensor: {error!r}")

    async def _outcome(self, delivery: Delivery, story: Story) -> Outcome:
        if isinstance(delivery, Orphan) and self._joining:
            return await self._joined(self._joining, delivery.joint, {}, delivery, story)
        if await self._kills(delivery, story):
            park = Park(settle.KILLER, f"delivered {delivery.envelope.deliveries} times without a word")
            return await self._with_others(await self._sets(delivery), park, delivery, story)
        event = cloudevent.load(delivery.envelope.body)
        story.event = event.id
        story.joints = []
        names = match.matching(event, self.trigger.wants)
        if not names:
            gone = Park("trigger_changed", "replayed, but no dependency of the trigger wants this event any more")
            return gone if replay.times(delivery.envelope.headers) else Done("unmatched")
        return _worst([await self._dependency(name, event, delivery, story) for name in names])

    async def _dependency(self, name: str, event: CloudEvent, delivery: Delivery, story: Story) -> Outcome:
        """Fire with one dependency's event, as that dependency has it, or let it join the others."""
        if self._joining:
            return await self._join(self._joining, name, event, delivery, story)
        accepted = await self._accepted(name, event, story)
        if not isinstance(accepted, CloudEvent):
            return accepted
        events = {name: accepted}
        again = story.redelivered or _again(events, delivery)
        return await self._attempting.advance(events, story, again=again, early=delivery.early, lately=delivery.uncounted)

    async def _accepted(self, name: str, event: CloudEvent, story: Story) -> CloudEvent | Outcome:
        """Give the event as its dependency has it, or what becomes of one that it does not want or cannot read."""
        try:
            accepted = await accept(self.trigger.wishes.get(name, ANYTHING), event, self._scripts)
        except Rejected as error:
            return Park(error.reason, f"dependency {name}: {error}")
        if isinstance(accepted, filters.Rejected):
            self._metrics.filtered[accepted.filter].inc()
            story.what = f"dependency {name}: {accepted}"
            return Done("filtered")
        return accepted

    async def _join(self, joining: Joining, name: str, event: CloudEvent, delivery: Delivery, story: Story) -> Outcome:
        # Events of one pod join in the order in which they came.
        async with joining.turns.take() as turn:
            accepted = await self._accepted(name, event, story)
            if not isinstance(accepted, CloudEvent):
                return accepted
            alone = {name: accepted}
            digest = self._comes_as(alone, delivery)
            if digest != (first := self._digest(alone)):
                # Its horizon counts from here: a repetition by its source must not join beside its replay.
                await self._memory.remember(first)
            body = _body(accepted, delivery.envelope)
            waiting = Waiting(name, digest, delivery.envelope.sequence, delivery.envelope.stored)
            again = story.redelivered or _may_have_come(delivery) or _again(alone, delivery)
            arrival = await joining.arrive(waiting, body, turn, again=again, is_stale=delivery.is_stale)
        if not arrival.joint:
            return Done(arrival.how)
        return await self._joined(joining, arrival.joint, {digest: body}, delivery, story)

    async def _joined(
        self, joining: Joining, joint: Joint, known: Mapping[str, Body], delivery: Delivery, story: Story
    ) -> Outcome:
        """Fire with a whole set. It may have fired before its last event came again, so it is always looked for."""
        found = await joining.events(joint, known)
        if len(found) < len(joint):
            if await joining.is_done(joint):
                return Done("duplicate")
            park = Park("unreadable", "an event of the set that waited is not there any more")
            return await self._with_others([(joint, found)], park, delivery, story)
        early = _may_have_come(delivery)
        again = story.redelivered or early
        events = {name: event for name, (event, _) in found.items()}
        again = again or any(replay.times(envelope.headers) for _, envelope in found.values())
        again = again or any(_again({name: event}, delivery) for name, event in events.items())
        outcome = await self._attempting.advance(events, story, again=again, early=early)
        if isinstance(outcome, Park):
            return await self._with_others([(joint, found)], outcome, delivery, story)
        if isinstance(outcome, Done):
            story.joints.append(joint)
        return outcome

    async def _with_others(self, sets: list[tuple[Joint, Found]], park: Park, delivery: Delivery, story: Story) -> Outcome:
        """Park the other events of the sets that this one stands in; it follows them, then the sets are forgotten."""
        own, among = _place(delivery.envelope), not sets
        for joint, found in sets:
            for _, envelope in found.values():
                if _place(envelope) == own:
                    among = True
                elif isinstance(await self._park(envelope, park, story), Retry):
                    return Retry(_again_after(delivery.envelope.deliveries, PARK_CAP), "an event of the set cannot be parked")
            story.joints.append(joint)
        # One that began a set need not stand in it: then it goes on waiting.
        return park if among else Done("waiting")

    async def _forgotten(self, story: Story) -> bool:
        """Let go of sets that are done with, and wait for the bus; gives False if the service stops before."""
        waits = 0
        while story.joints and self._joining:
            try:
                await self._joining.forget(story.joints[-1])
            except Unavailable as error:
                self._teller.seldom.warning("bus", "sensor.waits", event_id=story.event, why=str(error))
                waits += 1
                if await pause(self._stop, _again_after(waits, AGAIN_CAP)):
                    return False
            else:
                story.joints.pop()
        return True

    async def _kills(self, delivery: Delivery, story: Story) -> bool:
        """Look whether the event came so often that it must be what ends the process; failed attempts explain theirs."""
        deliveries = delivery.envelope.deliveries
        if not settle.kills(deliveries, 0):
            return False
        known = 0
        sets = [found for _, found in await self._sets(delivery)]
        firings = [{name: event for name, (event, _) in found.items()} for found in sets] or self._alone(delivery)
        for digest in map(self._digest, firings):
            tried = await self._attempting.known(digest)
            known += len(tried.at) + len(tried.dlq)
            story.attempts, story.digest, story.failing = tried.at, digest, digest
        return settle.kills(deliveries, known)

    async def _sets(self, delivery: Delivery) -> list[tuple[Joint, Found]]:
        """Give the sets of a join that an event stands in and that fire just now."""
        if self._joining is None:
            return []
        return await self._joining.firing([self._comes_as(alone, delivery) for alone in self._alone(delivery)])

    def _alone(self, delivery: Delivery) -> list[dict[str, CloudEvent]]:
        try:
            event = cloudevent.load(delivery.envelope.body)
        except Rejected:
            return []
        return [{name: event} for name in match.matching(event, self.trigger.wants)]

    def _comes_as(self, alone: Mapping[str, CloudEvent], delivery: Delivery) -> str:
        """Name an event in the join: the ledger holds one that was parked, and yet its replay has to come in."""
        return identity.replayed(self._digest(alone), replay.times(delivery.envelope.headers))

    def _digest(self, events: Mapping[str, CloudEvent], trigger: str = "") -> str:
        return identity.firing(self._namespace, self._sensor, trigger or self.trigger.name, events)

    # --------------------------------------------------------------------------------------------------- settling

    async def _let_start_anew(self, story: Story) -> None:
        try:
            await self._attempting.forget(story)
        except Unavailable as error:
            self._teller.seldom.warning("bus", "sensor.unforgotten", event_id=story.event, why=str(error))

    async def _park(self, envelope: Envelope, park: Park, story: Story) -> Outcome:
        story.why = f"{park.reason}: {park.detail}"
        try:
            await self._parking.park(letter(envelope, park, story, (self._namespace, self._sensor, self.trigger.name)))
        except Unavailable as error:
            self._teller.seldom.warning("park", "sensor.unparked", why=str(error))
            return Retry(_again_after(envelope.deliveries, PARK_CAP), f"cannot be parked: {error}")
        self._metrics.dead.get(park.reason, self._metrics.dead["other"]).inc()
        return park


def _body(event: CloudEvent, envelope: Envelope) -> Body:
    return Body(cloudevent.dump(event), envelope.body, envelope.subject, envelope.sequence, envelope.headers)


def _place(envelope: Envelope) -> tuple[int, float]:
    return envelope.sequence, envelope.stored


def _may_have_come(delivery: Delivery) -> bool:
    """Say whether somebody may have had an event although the bus calls this its first delivery.

    Other triggers ask of such an event only whether it was fired lately, which costs nothing: theirs is the same firing then.
    An event that joins once more takes another partner, and that is another firing.
    """
    return delivery.early or delivery.uncounted


def _again(events: Mapping[str, CloudEvent], delivery: Delivery) -> bool:
    """Say whether this may not be the first time: then it is looked for before it is done."""
    headers = delivery.envelope.headers
    if delivery.envelope.deliveries > 1 or ATTEMPT in headers or replay.times(headers) or delivery.is_stale():
        return True
    return any(event.extensions.get(RECEIVED, "1") != "1" or KEY in event.extensions for event in events.values())


def _again_after(times: int, cap: float) -> float:
    return backoff.delay(times, first=AGAIN_FIRST, cap=cap, jitter=random.random())  # noqa: S311 - no secret


def _worst(outcomes: list[Outcome]) -> Outcome:
    """Fold what became of an event's firings: what has to come again comes again, whatever the others did."""
    order = ("filtered", "waiting")
    rank = {how: number for number, how in enumerate(order)}

    def key(outcome: Outcome) -> tuple[bool, bool, int]:
        ranked = rank.get(outcome.how, len(order)) if isinstance(outcome, Done) else len(order)
        return isinstance(outcome, Retry), isinstance(outcome, Park), ranked

    return max(outcomes, key=key)
