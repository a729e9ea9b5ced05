"""Deletes and releases travel in batches of ten, or alone after a short wait; each entry gets its own answer.

A delete is tried again while the message is ours. Where it is not allowed, polling waits until it is: whatever we
published would come back for ever.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from common import backoff
from common.errors import Refused, ServiceError, Unavailable
from common.health import Condition
from common.log import Seldom
from common.service import first, pause
from eventsource.capacity import BATCH
from eventsource.leases import Held, Leases
from eventsource.metrics import QueueMetrics
from eventsource.ports import Answer, Queue

LINGER = 0.05
"""Seconds that an entry waits for nine others."""

DELETE_TRIES = 5
"""How often an entry is deleted again that SQS did not delete this time."""
AGAIN_FIRST, AGAIN_CAP = 0.2, 10.0
"""Seconds between two tries, when SQS is away or did not do it."""
DENIED_FIRST, DENIED_CAP = 1.0, 60.0
"""Seconds between two tries, when SQS does not allow it."""

EntryT = TypeVar("EntryT")


class Batches(Generic[EntryT]):
    """Collects entries and sends them; `tasks` owns the calls."""

    def __init__(
        self, send: Callable[[Sequence[EntryT]], Awaitable[list[Answer]]], tasks: asyncio.TaskGroup, name: str
    ) -> None:
        self._send = send
        self._tasks = tasks
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[EntryT, asyncio.Future[Answer]]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def add(self, entry: EntryT) -> Answer:
        """Send the entry with others and give its answer. Raises what the call raises."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting.append((entry, future))
        if len(self._waiting) == BATCH:
            self._flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(LINGER, self._flush)
        return await future

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        if batch:
            self._tasks.create_task(self._call(batch), name=self._name)

    async def _call(self, batch: list[tuple[EntryT, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._send([entry for entry, _ in batch])
        except ServiceError as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)


class Deletes:
    """Takes messages out of one queue."""

    def __init__(
        self,
        queue: Queue,
        leases: Leases,
        tasks: asyncio.TaskGroup,
        stop: asyncio.Event,
        *,
        condition: Condition,
        metrics: QueueMetrics,
    ) -> None:
        self._batches: Batches[str] = Batches(queue.delete, tasks, "delete")
        self._queue = queue
        self._leases = leases
        self._stop = stop
        self._metrics = metrics
        self._condition = condition
        self._seldom = Seldom(structlog.get_logger("deletes"))
        self._waiting = 0
        self._none_waiting = asyncio.Event()
        self._none_waiting.set()
        self._denials = 0
        self._denied = False

    async def delete(self, held: Held) -> None:
        """Delete the message, again and again while it is ours; what is not deleted comes back, and is known then."""
        held.deleting = True
        failures = undone = 0
        while self._leases.ours(held) and undone < DELETE_TRIES:
            try:
                answer = await self._batches.add(held.message.receipt)
            except Refused as error:
                failures += 1
                self._count("error")
                if not await self._until_allowed(error, failures):
                    return
            except Unavailable:
                failures += 1
                self._count("error")
                # While SQS is away the lease is the limit; when we stop as well, a few tries are.
                undone += self._stop.is_set()
                await asyncio.sleep(_delay(failures, AGAIN_FIRST, AGAIN_CAP))
            else:
                self._count(answer.value)
                self._allowed()
                if answer is not Answer.AGAIN:
                    return
                undone += 1
                await asyncio.sleep(_delay(undone, AGAIN_FIRST, AGAIN_CAP))

    async def poll_allowed(self) -> bool:
        """Wait until what is received can be deleted, as far as we know. Gives False if the service stops before that."""
        while self._denied and not self._stop.is_set():
            if self._waiting:
                await first(self._none_waiting.wait(), self._stop.wait())
            else:
                # All of them were lost meanwhile: the next receive finds out whether it is allowed now.
                self._denials += 1
                await pause(self._stop, _delay(self._denials, DENIED_FIRST, DENIED_CAP))
                break
        return not self._stop.is_set()

    async def _until_allowed(self, error: Refused, failures: int) -> bool:
        self._denied = True
        self._condition.fail(str(error))
        self._seldom.warning(str(error), "queue.delete_denied", queue=self._queue.arn, why=str(error))
        self._waiting += 1
        self._none_waiting.clear()
        try:
            return not await pause(self._stop, _delay(failures, DENIED_FIRST, DENIED_CAP))
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._none_waiting.set()

    def _allowed(self) -> None:
        if self._denied:
            self._denied = False
            self._denials = 0
            self._condition.ok()

    def _count(self, outcome: str) -> None:
        self._metrics.source.deletes[outcome].inc()


class Releases:
    """Gives messages back to one queue."""

    def __init__(self, queue: Queue, leases: Leases, tasks: asyncio.TaskGroup) -> None:
        self._batches: Batches[tuple[str, int]] = Batches(queue.change_visibility, tasks, "release")
        self._queue = queue
        self._leases = leases
        self._seldom = Seldom(structlog.get_logger("releases"))

    async def release(self, held: Held, after: int) -> None:
        """Let the message be seen again after so many seconds; where that fails it is seen when its lease ends."""
        await self._leases.quiet(held)
        try:
            await self._batches.add((held.message.receipt, after))
        except ServiceError as error:
            self._seldom.warning(self._queue.arn, "queue.not_released", queue=self._queue.arn, why=str(error))


def _delay(failures: int, first_pause: float, cap: float) -> float:
    return backoff.delay(failures, first=first_pause, cap=cap, jitter=random.random())  # noqa: S311 - no secret
