"""The receives of one queue: one when it is idle, more when receives come back full, fewer when they come back empty.

A receive starts only when the bus takes events, deletes are allowed and there is place for what may come. It is never
cancelled: SQS would hand out messages that nobody holds. At SIGTERM the running ones end by themselves.
A queue that is missing or forbidden is tried for ever, with growing pauses; the first receive after that does not wait,
so that the pod knows at once whether it is allowed.
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from common import backoff
from common.errors import Refused, ServiceError
from common.health import Condition
from common.log import Seldom
from common.service import pause
from eventsource.capacity import Capacity
from eventsource.metrics import QueueMetrics
from eventsource.ports import Message, Queue

FIRST, CAP = 1.0, 60.0
"""Seconds between two tries at a queue that cannot be read."""
SAY_AGAIN = 600.0
"""Seconds after which the same fault of a queue is said again."""

Take = Callable[[list[Message]], None]


class Gate(Protocol):
    """Something that may hold back the polling."""

    async def poll_allowed(self) -> bool:
        """Wait until a receive makes sense. Gives False if the service stops before that."""


class Polling:
    """All receives of one queue."""

    def __init__(
        self,
        queue: Queue,
        *,
        name: str,
        wait: int,
        visibility: int,
        most: int,
        capacity: Capacity,
        gates: tuple[Gate, ...],
        take: Take,
        condition: Condition,
        metrics: QueueMetrics,
        stop: asyncio.Event,
    ) -> None:
        self._queue = queue
        self._wait = wait
        self._visibility = visibility
        self._most = most
        self._capacity = capacity
        self._gates = gates
        self._take = take
        self._condition = condition
        self._metrics = metrics
        self._stop = stop
        self._target = 1
        self._running: set[int] = set()
        self._tasks = asyncio.TaskGroup()
        self._opened = False
        self._fine = False
        self.last_receive = 0.0
        """When the last receive returned, in seconds since 1970."""
        self.last_failure: tuple[float, str] | None = None
        """When the last try failed, and why."""
        self._log = structlog.get_logger("polling").bind(event=name)
        self._seldom = Seldom(self._log, every=SAY_AGAIN)

    async def run(self) -> None:
        """Poll until the service stops; returns when the last running receive has ended."""
        async with self._tasks:
            self._aim(1)
        if self._fine:
            self._metrics.source.running.dec()

    async def _poller(self, number: int) -> None:
        failures = 0
        try:
            while number < self._target and await self._may_poll():
                try:
                    await self._receive()
                    failures = 0
                except ServiceError as error:
                    self._failed(error)
                    failures += 1
                    if number:
                        return
                    delay = backoff.delay(failures, first=FIRST, cap=CAP, jitter=random.random())  # noqa: S311 - no secret
                    await pause(self._stop, delay)
        finally:
            self._running.discard(number)

    async def _may_poll(self) -> bool:
        for gate in self._gates:
            if not await gate.poll_allowed():
                return False
        return not self._stop.is_set()

    async def _receive(self) -> None:
        if not self._opened:
            await self._queue.open()
            self._opened = True
        places = await self._capacity.take()
        sizes: list[int] = []
        try:
            if self._stop.is_set():
                return
            wait = self._wait if self._fine else 0
            messages = await self._queue.receive(places, wait=wait, visibility=self._visibility)
            sizes = [message.size for message in messages]
        finally:
            self._capacity.trade(places, sizes)
        self._count(messages)
        self._take(messages)
        if not self._fine:
            self._recovered()
        elif len(messages) >= self._capacity.batch:
            self._aim(self._target * 2)
        elif not messages:
            self._aim(self._target // 2)

    def _aim(self, target: int) -> None:
        self._target = max(1, min(self._most, target))
        self._metrics.pollers.set(self._target)
        if self._stop.is_set():
            return
        for number in range(self._target):
            if number not in self._running:
                self._running.add(number)
                self._tasks.create_task(self._poller(number), name=f"poller {number}")

    def _count(self, messages: list[Message]) -> None:
        self.last_receive = now = time.time()
        self._metrics.last_receive.set(now)
        self._metrics.batch_size.observe(len(messages))
        self._metrics.received.inc(len(messages))
        self._metrics.in_flight.inc(len(messages))
        for message in messages:
            if message.receive_count > 1:
                self._metrics.redeliveries.inc()
            if message.sent:
                self._metrics.age.observe(max(0.0, now - int(message.sent) / 1000))

    def _recovered(self) -> None:
        self._fine = True
        self._condition.ok()
        self._metrics.source.running.inc()
        self._log.info("queue.polling", queue=self._queue.arn)

    def _failed(self, error: ServiceError) -> None:
        self._aim(1)
        if isinstance(error, Refused):
            self._opened = False
        if self._fine:
            self._fine = False
            self._metrics.source.running.dec()
        self.last_failure = (time.time(), str(error))
        self._condition.fail(str(error))
        self._seldom.warning(str(error), "queue.not_polling", why=str(error))
