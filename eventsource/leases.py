"""The leases of one queue: whatever we hold, buffered or not, stays invisible to others until it is settled.

Each is renewed at half of its life, ten in a call. A lease that ran out by our own clock, or that SQS calls lost, is
counted, and its message is let go: somebody else may have it.
Facts: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

import asyncio

import structlog

from common.errors import ServiceError
from common.log import Seldom
from eventsource.capacity import BATCH
from eventsource.metrics import QueueMetrics
from eventsource.ports import Answer, Message, Queue

LOOKS = 12
"""How often in one life of a lease we look which are due."""
SHORTEST, LONGEST = 0.05, 5.0
"""Seconds between two looks."""


class Held:
    """A message in our hands."""

    __slots__ = ("deleting", "lost", "message", "renewal", "settling", "until")

    def __init__(self, message: Message) -> None:
        self.message = message
        self.until = message.lease_until
        self.lost = False
        self.settling = False
        self.deleting = False
        self.renewal: asyncio.Future[None] | None = None


class Leases:
    """All messages of one queue that are in our hands."""

    def __init__(self, queue: Queue, *, visibility: int, metrics: QueueMetrics) -> None:
        self._queue = queue
        self._visibility = visibility
        self._metrics = metrics
        self._held: set[Held] = set()
        self._some = asyncio.Event()
        self._seldom = Seldom(structlog.get_logger("leases"))
        self._loop = asyncio.get_running_loop()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, message: Message) -> Held:
        """Take a message into our hands."""
        held = Held(message)
        self._held.add(held)
        self._some.set()
        return held

    def let_go(self, held: Held) -> None:
        """Renew it no longer."""
        self._held.discard(held)

    def ours(self, held: Held) -> bool:
        """Say whether nobody else can have the message, by our own clock."""
        if not held.lost and self._loop.time() >= held.until:
            self._lose(held)
        return not held.lost

    async def quiet(self, held: Held) -> None:
        """Stop renewing it, and wait for a renewal under way: it must not undo the visibility that is set next."""
        held.settling = True
        if held.renewal is not None:
            await asyncio.shield(held.renewal)

    async def run(self) -> None:
        """Renew what is due until cancelled."""
        while True:
            if not self._held:
                self._some.clear()
                await self._some.wait()
            await asyncio.sleep(min(LONGEST, max(SHORTEST, self._visibility / LOOKS)))
            half = self._loop.time() + self._visibility / 2
            due = [held for held in self._held if held.until < half and not held.settling and self.ours(held)]
            if due:
                async with asyncio.TaskGroup() as calls:
                    for start in range(0, len(due), BATCH):
                        calls.create_task(self._renew(due[start : start + BATCH]), name="renew")

    async def _renew(self, due: list[Held]) -> None:
        began = self._loop.time()
        done: asyncio.Future[None] = self._loop.create_future()
        for held in due:
            held.renewal = done
        try:
            answers = await self._queue.change_visibility([(held.message.receipt, self._visibility) for held in due])
        except ServiceError as error:
            # They are still ours for half of a life, and due again at the next look.
            self._metrics.source.extensions["error"].inc(len(due))
            self._seldom.warning(self._queue.arn, "lease.not_renewed", queue=self._queue.arn, count=len(due), why=str(error))
            return
        finally:
            done.set_result(None)
            for held in due:
                held.renewal = None
        for held, answer in zip(due, answers, strict=True):
            self._metrics.source.extensions[answer.value].inc()
            if answer is Answer.OK:
                held.until = began + self._visibility
            elif answer is Answer.LOST and held in self._held:
                self._lose(held)

    def _lose(self, held: Held) -> None:
        held.lost = True
        if not held.deleting:  # then it is gone because we deleted it, as far as we know
            self._metrics.lost.inc()
