"""One queue of the document and everything that it needs for itself: it runs, fails and recovers alone."""

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

import structlog

from common.errors import ServiceError
from common.health import Condition
from common.log import Seldom
from eventsource.batches import Deletes, Releases
from eventsource.breaker import Breaker
from eventsource.capacity import Capacity
from eventsource.convert import Converter, Origin
from eventsource.leases import Held, Leases
from eventsource.metrics import QueueMetrics
from eventsource.pipeline import Owner, Pipeline
from eventsource.polling import SAY_AGAIN, Polling, Take
from eventsource.ports import Link, Message, Parking, Publisher, Queue
from eventsource.settings import EventSourceSettings
from eventsource.spec import SqsEvent


class CountedQueue(Queue, Protocol):
    """A queue that also tells how full it is."""

    async def depth(self) -> Mapping[str, int]:
        """Count the messages: visible, in flight, delayed."""


class Intake:
    """The role that reads one queue."""

    def __init__(
        self,
        owner: Owner,
        event: SqsEvent,
        settings: EventSourceSettings,
        *,
        queue: CountedQueue,
        publisher: Publisher,
        parking: Parking,
        link: Link,
        reading: Condition,
        deleting: Condition,
        metrics: QueueMetrics,
        max_bytes: int,
    ) -> None:
        self._owner = owner
        self._event = event
        self._settings = settings
        self._queue = queue
        self._publisher = publisher
        self._parking = parking
        self._link = link
        self._reading = reading
        self._deleting = deleting
        self._metrics = metrics
        self._capacity = Capacity(settings.max_in_flight, max_bytes)
        self._bus_why: str | None = None
        self._polling: Polling | None = None
        self._log = structlog.get_logger("intake").bind(event=owner.event)
        self._seldom = Seldom(self._log)

    async def run(self, stop: asyncio.Event) -> None:
        """Read the queue until `stop`, then bring in or hand back what is in hand."""
        async with asyncio.TaskGroup() as crew:
            leases = Leases(self._queue, visibility=self._settings.visibility_timeout, metrics=self._metrics)
            deletes = Deletes(self._queue, leases, crew, stop, condition=self._deleting, metrics=self._metrics)
            breaker = Breaker(self._link, stop, on_change=self._bus_changed)
            pipeline = self._pipeline(leases, deletes, Releases(self._queue, leases, crew), breaker)
            attendants = [crew.create_task(leases.run(), name="leases"), crew.create_task(self._watch_depth(), name="depth")]
            async with asyncio.TaskGroup() as hands:

                def take(messages: list[Message]) -> None:
                    for lane in self._lanes([leases.hold(message) for message in messages]):
                        if stop.is_set():
                            hands.create_task(pipeline.give_back(lane), name="give back")
                        else:
                            hands.create_task(pipeline.run(lane), name="message")

                self._polling = self._poll(take, (breaker, deletes), stop)
                await self._polling.run()
            for attendant in attendants:
                attendant.cancel()

    def row(self) -> tuple[str, str]:
        """Tell the status page how it stands with this queue."""
        now, polling = time.time(), self._polling
        why = self._reading.why or self._deleting.why
        parts = [f"no: {why}" if why else "polling", f"{self._capacity.held} in hand"]
        if polling and polling.last_receive:
            parts.append(f"last receive {now - polling.last_receive:.0f} s ago")
        if polling and polling.last_failure:
            when, what = polling.last_failure
            parts.append(f"last failure {now - when:.0f} s ago: {what}")
        if self._bus_why:
            parts.append(f"the bus takes nothing: {self._bus_why}")
        return f"{self._owner.event} ← {self._event.target.name}", "; ".join(parts)

    def _pipeline(self, leases: Leases, deletes: Deletes, releases: Releases, breaker: Breaker) -> Pipeline:
        origin = Origin(
            source=self._owner.source,
            event=self._owner.event,
            json_body=self._event.json_body,
            base64_body=self._settings.body_encoding == "base64",
            metadata=self._event.metadata,
            key_path=self._event.argosy.key_path,
        )
        return Pipeline(
            self._owner,
            queue=self._queue,
            converter=Converter(origin),
            wanted=self._event.filter.passes,
            publisher=self._publisher,
            parking=self._parking,
            breaker=breaker,
            leases=leases,
            deletes=deletes,
            releases=releases,
            capacity=self._capacity,
            metrics=self._metrics,
        )

    def _poll(self, take: Take, gates: tuple[Breaker, Deletes], stop: asyncio.Event) -> Polling:
        return Polling(
            self._queue,
            name=self._owner.event,
            wait=self._event.wait,
            visibility=self._settings.visibility_timeout,
            most=self._settings.max_pollers,
            capacity=self._capacity,
            gates=gates,
            take=take,
            condition=self._reading,
            metrics=self._metrics,
            stop=stop,
        )

    def _lanes(self, messages: list[Held]) -> list[list[Held]]:
        """Group what has to stay in order: the messages of a group of a FIFO queue; all others go alone."""
        if not self._queue.fifo:
            return [[held] for held in messages]
        lanes: dict[str, list[Held]] = {}
        for held in messages:
            lanes.setdefault(held.message.group, []).append(held)
        return list(lanes.values())

    def _bus_changed(self, why: str | None) -> None:
        self._metrics.breaker.set(why is not None)
        if why is None:
            self._log.info("bus.takes_again")
        else:
            self._seldom.warning("bus", "bus.takes_nothing", why=why)
        self._bus_why = why

    async def _watch_depth(self) -> None:
        """Look now and then at how much waits in the queue; without the permission the gauge stays at 0."""
        seldom = Seldom(self._log, every=SAY_AGAIN)
        while True:
            await asyncio.sleep(self._settings.depth_interval or SAY_AGAIN)
            if not self._settings.depth_interval or self._reading.why:
                continue
            try:
                for state, count in (await self._queue.depth()).items():
                    self._metrics.messages[state].set(count)
            except ServiceError as error:
                seldom.warning("depth", "queue.depth_unknown", why=str(error))
