"""The way of one message, in order: convert → filter → publish → settle. The only place where an unexpected error is caught.

Nothing is deleted before the bus confirmed it. In a FIFO queue the messages of a group are one lane: in order, and what
fails holds back the rest of its own lane only.
"""

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from common.cloudevent import timestamp
from common.deadletters import DeadLetter
from common.errors import Rejected, ServiceError, Unavailable
from common.log import Seldom
from common.outcome import Done, Outcome, Park, Retry
from eventsource.batches import Deletes, Releases
from eventsource.breaker import Breaker, Stopped
from eventsource.capacity import Capacity
from eventsource.convert import Converter, attributes_json, raw
from eventsource.identity import KEY, event_id
from eventsource.leases import Held, Leases
from eventsource.metrics import QueueMetrics
from eventsource.ports import Message, Parking, Publisher, Queue
from eventsource.settle import Action, Delete, Leave, ParkThenDelete, Release, pause, settle

STOPPED = "stopped"
LEASE_LOST = "lease_lost"


class LeaseLost(ServiceError):
    """Somebody else may have the message by now: it must not be published from here."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose messages these are."""

    namespace: str
    source: str
    event: str
    leave_poison: bool
    wants_key: bool = False


class Pipeline:
    """The way of the messages of one queue."""

    def __init__(
        self,
        owner: Owner,
        *,
        queue: Queue,
        converter: Converter,
        wanted: Callable[[bytes], bool] | None,
        publisher: Publisher,
        parking: Parking,
        breaker: Breaker,
        leases: Leases,
        deletes: Deletes,
        releases: Releases,
        capacity: Capacity,
        metrics: QueueMetrics,
    ) -> None:
        self._owner = owner
        self._queue = queue
        self._converter = converter
        self._wanted = wanted
        self._publisher = publisher
        self._parking = parking
        self._breaker = breaker
        self._leases = leases
        self._deletes = deletes
        self._releases = releases
        self._capacity = capacity
        self._metrics = metrics
        self._log = structlog.get_logger("pipeline").bind(event=owner.event)
        self._seldom = Seldom(self._log)

    async def run(self, lane: Sequence[Held]) -> None:
        """Bring the messages of a lane to the bus, in order."""
        for place, held in enumerate(lane):
            outcome = await self._attempt(held)
            action = settle(outcome, lease_held=self._leases.ours(held), leave_poison=self._owner.leave_poison)
            arrived = await self._act(held, outcome, action)
            if not arrived:
                await self.give_back(lane[place + 1 :])
                return

    async def give_back(self, lane: Sequence[Held]) -> None:
        """Let messages go that were not worked on; they are seen again at once.

        Last to first, so that a group never goes on behind the one that failed.
        """
        for held in reversed(lane):
            outcome = Retry(0, STOPPED)
            await self._act(held, outcome, settle(outcome, lease_held=self._leases.ours(held), leave_poison=False))

    async def _attempt(self, held: Held) -> Outcome:
        try:
            return await self._relay(held)
        except Rejected as error:
            return self._rejected(held.message, error)
        except Stopped:
            return Retry(0, STOPPED)
        except LeaseLost:
            return Retry(0, LEASE_LOST)
        except Exception as error:  # noqa: BLE001 - the one place: nothing that a message does may end the service
            self._metrics.unexpected.inc()
            self._log.exception("message.unexpected_error", message_id=held.message.id)
            return Retry(_pause(held.message), f"unexpected: {type(error).__name__}")

    async def _relay(self, held: Held) -> Outcome:
        event = self._converter.convert(held.message, queue_arn=self._queue.arn, now=_now())
        if self._owner.wants_key and KEY not in event.extensions:
            self._metrics.keyless.inc()
        if self._wanted is not None and not self._wanted(event.data or b""):
            self._metrics.filtered.inc()
            return Done("filtered")
        attempt = 0

        async def publish() -> str:
            nonlocal attempt, event
            if not self._leases.ours(held):
                raise LeaseLost
            attempt += 1
            if attempt > 1:
                event = replace(event, time=_now())
            return await self._published(self._publisher.publish(event, attempt=attempt))

        return Done(await self._breaker.through(publish))

    async def _published(self, publishing: Awaitable[str]) -> str:
        began = time.perf_counter()
        how = "error"
        try:
            how = await publishing
        except ServiceError:
            self._metrics.sent_failed.inc()
            raise
        finally:
            self._metrics.source.publishes[how].observe(time.perf_counter() - began)
        self._metrics.sent.inc()
        if how == "duplicate":
            self._metrics.source.duplicates.inc()
        return how

    def _rejected(self, message: Message, error: Rejected) -> Outcome:
        self._metrics.source.rejected[error.reason].inc()
        if error.reason == "too_large":
            # It may fit another day, or the queue's redrive takes it; a dead letter would not fit either.
            self._seldom.warning("too_large", "message.too_large", message_id=message.id, why=str(error))
            return Retry(_pause(message), error.reason)
        return Park(error.reason, str(error))

    async def _act(self, held: Held, outcome: Outcome, action: Action) -> bool:
        """Do what was decided, count it, and say whether the message has arrived."""
        if isinstance(action, ParkThenDelete) and not await self._parked(held.message, action):
            action = Release(round(_pause(held.message)))
        arrived = isinstance(action, (Delete, ParkThenDelete))
        if arrived:
            await self._deletes.delete(held)
        elif isinstance(action, Release):
            await self._releases.release(held, action.after)
        self._close(held, _label(held, outcome, action), outcome)
        return arrived

    async def _parked(self, message: Message, action: ParkThenDelete) -> bool:
        try:
            await self._parking.park(self._letter(message, action))
        except Unavailable as error:
            self._seldom.warning("parking", "message.not_parked", message_id=message.id, reason=action.reason, why=str(error))
            return False
        self._seldom.warning("parked", "message.parked", message_id=message.id, reason=action.reason, why=action.detail)
        return True

    def _letter(self, message: Message, action: ParkThenDelete) -> DeadLetter:
        headers = {"Sqs-Message-Id": message.id, "Sqs-Queue-Arn": self._queue.arn, "Sqs-Message-Group-Id": message.group}
        if message.attributes:
            headers["Sqs-Message-Attributes"] = attributes_json(message.attributes).decode()
        return DeadLetter(
            kind="eventsource",
            namespace=self._owner.namespace,
            owner=self._owner.source,
            part=self._owner.event,
            reason=action.reason,
            detail=action.detail,
            identity=event_id(message.id),
            body=raw(message.body),
            first=_moment(message.first_receive),
            last=_now(),
            attempts=message.receive_count,
            headers={name: value for name, value in headers.items() if value},
        )

    def _close(self, held: Held, label: str, outcome: Outcome) -> None:
        """Take the message out of our books, in one step."""
        message = held.message
        self._leases.let_go(held)
        self._capacity.give(message.size)
        self._metrics.in_flight.dec()
        self._metrics.outcomes[label].inc()
        if not isinstance(outcome, Done) and label != "handed_back":
            self._metrics.failed.inc()
        took = (time.time() - message.received_at) * 1000
        self._metrics.duration_ms.observe(took)
        self._log.debug(
            "message.settled", message_id=message.id, outcome=label, ms=round(took, 1), receives=message.receive_count
        )


def _label(held: Held, outcome: Outcome, action: Action) -> str:
    if isinstance(outcome, Done):
        return outcome.how
    if isinstance(action, ParkThenDelete):
        return "parked"
    if isinstance(action, Leave):
        return LEASE_LOST if held.lost else "left"
    return "handed_back" if isinstance(outcome, Retry) and outcome.why == STOPPED else "released"


def _pause(message: Message) -> float:
    return pause(message.receive_count, random.random())  # noqa: S311 - no secret


def _now() -> str:
    return timestamp(datetime.now(UTC))


def _moment(milliseconds: str) -> str:
    return timestamp(datetime.fromtimestamp(int(milliseconds) / 1000, UTC)) if milliseconds.isdigit() else _now()
