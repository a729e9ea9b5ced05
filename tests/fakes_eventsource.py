"""Working doubles of the event source's ports, and an event loop whose time passes at once.

They keep state like the real things, and tests look at that state: what is in the queue, what is on the bus.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from common import cloudevent
from common.cloudevent import CloudEvent
from common.deadletters import DeadLetter
from common.errors import ServiceError
from common.health import Condition
from eventsource.intake import Intake
from eventsource.metrics import QueueMetrics, SourceMetrics
from eventsource.pipeline import Owner
from eventsource.ports import Answer, Message, Publisher
from eventsource.settings import EventSourceSettings
from eventsource.spec import SqsEvent

ResultT = TypeVar("ResultT")


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that jumps to the next timer when nothing else is left to do."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual = 1000.0

    def time(self) -> float:
        """Give the virtual time."""
        return self._virtual

    def _run_once(self) -> None:
        if not self._ready:  # type: ignore[attr-defined]
            timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
            if not timers:
                raise AssertionError("everybody waits and nothing will ever happen")
            self._virtual = max(self._virtual, min(timers))
        super()._run_once()  # type: ignore[misc]


def play(scenario: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a scenario to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(scenario)


async def until(condition: Callable[[], object], *, within: float = 600.0) -> None:
    """Let virtual time pass until the condition holds."""
    end = asyncio.get_running_loop().time() + within
    while not condition():
        assert asyncio.get_running_loop().time() < end, "did not happen in time"
        await asyncio.sleep(0.01)


@dataclass
class Stored:
    """A message in the queue."""

    id: str
    body: str
    sent: float
    group: str = ""
    visible_at: float = 0.0
    receives: int = 0
    receipt: str = ""


class FakeQueue:
    """A queue like SQS: visibility, receive counts, receipts, a dead-letter queue, message groups."""

    def __init__(self, *, fifo: bool = False, max_receives: int = 0) -> None:
        self.arn = "arn:aws:sqs:us-east-1:123456789012:orders" + (".fifo" if fifo else "")
        self.fifo = fifo
        self.max_receives = max_receives
        self.messages: dict[str, Stored] = {}
        self.dead: list[Stored] = []
        self.calls: list[tuple[str, int]] = []
        self.faults: dict[str, ServiceError] = {}
        """While an operation has a fault here, it raises it."""
        self.failing: dict[str, list[Answer]] = {}
        """What the next entries of a batch operation are answered, in order; then they succeed."""
        self.delay = 0.0
        self.slow: dict[str, list[tuple[float, float]]] = {}
        """For the next calls of an operation: seconds on the way there, and on the way back."""
        self.polls = 0
        self._news = asyncio.Event()
        self._count = 0

    def send(self, *bodies: str, group: str = "") -> list[str]:
        """Put messages into the queue and give their ids."""
        ids = []
        for body in bodies:
            self._count += 1
            message = Stored(f"00000000-0000-4000-8000-{self._count:012d}", body, _now(), group, visible_at=_now())
            self.messages[message.id] = message
            ids.append(message.id)
        self._news.set()
        return ids

    def count(self, operation: str) -> int:
        """Say how often an operation was called."""
        return sum(name == operation for name, _ in self.calls)

    @property
    def most_receives(self) -> int:
        """The highest receive count that any message has or had."""
        return max((m.receives for m in [*self.messages.values(), *self.dead]), default=0)

    @property
    def visible(self) -> int:
        """How many messages could be received now."""
        return sum(message.visible_at <= _now() for message in self.messages.values())

    async def open(self) -> None:
        """Find the queue."""
        await self._called("open", 1)

    async def receive(self, count: int, *, wait: int, visibility: int) -> list[Message]:
        """Receive, waiting for the first message."""
        self.polls += 1
        try:
            await self._called("receive", count)
            end = _now() + wait
            while True:
                found = self._take(count, visibility)
                if found or _now() >= end:
                    return found
                self._news.clear()
                coming = [m.visible_at for m in self.messages.values() if m.visible_at > _now()]
                try:
                    async with asyncio.timeout_at(min([end, *coming])):
                        await self._news.wait()
                except TimeoutError:
                    pass
        finally:
            self.polls -= 1

    async def delete(self, receipts: Sequence[str]) -> list[Answer]:
        """Delete by receipt."""
        back = await self._called("delete", len(receipts))
        answers = [self._answer("delete", receipt, lambda m: self.messages.pop(m.id)) for receipt in receipts]
        await asyncio.sleep(back)
        return answers

    async def change_visibility(self, entries: Sequence[tuple[str, int]]) -> list[Answer]:
        """Set when messages are seen again."""
        back = await self._called("change_visibility", len(entries))
        answers = []
        for receipt, seconds in entries:

            def change(message: Stored, seconds: int = seconds) -> None:
                message.visible_at = _now() + seconds

            answers.append(self._answer("change_visibility", receipt, change))
        self._news.set()
        await asyncio.sleep(back)
        return answers

    async def depth(self) -> Mapping[str, int]:
        """Count the messages."""
        return {"visible": self.visible, "in_flight": len(self.messages) - self.visible, "delayed": 0}

    def lose(self, message_id: str) -> None:
        """Let the lease of a message run out now, as if we had been too late."""
        self.messages[message_id].visible_at = _now()
        self.messages[message_id].receipt = "given to somebody else"

    async def _called(self, operation: str, size: int) -> float:
        """Take the time for the way there, and give that for the way back."""
        self.calls.append((operation, size))
        planned = self.slow.get(operation)
        there, back = planned.pop(0) if planned else (self.delay, 0.0)
        await asyncio.sleep(there)
        if operation in self.faults:
            raise self.faults[operation]
        return back

    def _take(self, count: int, visibility: int) -> list[Message]:
        found: list[Message] = []
        busy = {m.group for m in self.messages.values() if self.fifo and m.visible_at > _now()}
        for stored in list(self.messages.values()):
            if len(found) == count or stored.visible_at > _now() or (self.fifo and stored.group in busy):
                continue
            if self.max_receives and stored.receives >= self.max_receives:
                self.dead.append(self.messages.pop(stored.id))
                continue
            stored.receives += 1
            stored.receipt = f"{stored.id}#{stored.receives}"
            stored.visible_at = _now() + visibility
            found.append(self._message(stored, visibility))
        return found

    def _message(self, stored: Stored, visibility: int) -> Message:
        return Message(
            id=stored.id,
            body=stored.body,
            receipt=stored.receipt,
            received_at=_now(),
            lease_until=_now() + visibility,
            receive_count=stored.receives,
            group=stored.group,
        )

    def _answer(self, operation: str, receipt: str, act: Callable[[Stored], object]) -> Answer:
        planned = self.failing.get(operation)
        if planned:
            return planned.pop(0)
        stored = next((m for m in self.messages.values() if m.receipt == receipt and m.visible_at > _now()), None)
        if stored is None:
            return Answer.LOST
        act(stored)
        return Answer.OK


class FakeBus:
    """A bus that remembers ids, with knobs: away, full, slow."""

    def __init__(self) -> None:
        self.events: list[CloudEvent] = []
        self.wire: list[bytes] = []
        self.letters: list[DeadLetter] = []
        self.attempts: list[int] = []
        self.fault: ServiceError | Exception | None = None
        """While set, every publish raises it."""
        self.refuses: Callable[[CloudEvent], Exception | None] = lambda _: None
        self.parking_fault: ServiceError | None = None
        self.delay = 0.0
        self.most_at_a_time = 0
        self._at_a_time = 0
        self._connected = asyncio.Event()
        self._connected.set()

    @property
    def ids(self) -> list[str]:
        """The ids of the events, in the order of arrival."""
        return [event.id for event in self.events]

    @property
    def connected(self) -> bool:
        """Whether the bus is there."""
        return self._connected.is_set()

    async def wait_connected(self) -> None:
        """Wait until the bus is there."""
        await self._connected.wait()

    def go_away(self, fault: ServiceError) -> None:
        """Break the connection."""
        self._connected.clear()
        self.fault = fault

    def come_back(self) -> None:
        """Connect again."""
        self.fault = None
        self._connected.set()

    async def publish(self, event: CloudEvent, *, attempt: int) -> str:
        """Store an event, once for each id."""
        self.attempts.append(attempt)
        self._at_a_time += 1
        self.most_at_a_time = max(self.most_at_a_time, self._at_a_time)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self._at_a_time -= 1
        fault = self.fault or self.refuses(event)
        if fault is not None:
            raise fault
        if event.id in self.ids:
            return "duplicate"
        self.events.append(event)
        self.wire.append(cloudevent.dump(event))
        return "published"

    async def park(self, letter: DeadLetter) -> None:
        """Store a dead letter."""
        if self.parking_fault is not None:
            raise self.parking_fault
        self.letters.append(letter)


_sources = iter(range(1_000_000))


def new_metrics() -> QueueMetrics:
    """Give series that no other test counts on."""
    return SourceMetrics("default", f"source-{next(_sources)}").of("orders", "orders")


@dataclass
class Stage:
    """An intake on a fake queue and a fake bus, ready to run: `async with stage.running(): …`."""

    queue: FakeQueue = field(default_factory=FakeQueue)
    bus: FakeBus = field(default_factory=FakeBus)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    metrics: QueueMetrics = field(default_factory=new_metrics)
    reading: Condition = field(default_factory=lambda: Condition("reading", "starting"))
    deleting: Condition = field(default_factory=lambda: Condition("deleting", None))
    event: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    publisher: Publisher | None = None
    """What stands before the bus; the bus itself if nothing does."""

    def intake(self) -> Intake:
        """Make the intake."""
        event = SqsEvent.model_validate({"region": "us-east-1", "queue": "orders", **self.event})
        return Intake(
            Owner("default", "aws-sqs", "orders", leave_poison=event.dlq, wants_key=bool(event.argosy.key_path)),
            event,
            EventSourceSettings.model_construct(**self.settings),
            queue=self.queue,
            publisher=self.publisher or self.bus,
            parking=self.bus,
            link=self.bus,
            reading=self.reading,
            deleting=self.deleting,
            metrics=self.metrics,
            max_bytes=64 * 1024 * 1024,
        )

    async def run_until(self, condition: Callable[[], object], *, within: float = 600.0) -> None:
        """Run until the condition holds, then stop in good order."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.intake().run(self.stop))
            try:
                await until(condition, within=within)
            finally:
                self.stop.set()

    def count(self, outcome: str) -> float:
        """Give how many messages had this outcome."""
        return self.metrics.outcomes[outcome]._value.get()

    @property
    def books(self) -> tuple[float, float]:
        """Received on one side, outcomes and what is in hand on the other."""
        outcomes = sum(child._value.get() for child in self.metrics.outcomes.values())
        return self.metrics.received._value.get(), outcomes + self.metrics.in_flight._value.get()


def _now() -> float:
    return asyncio.get_running_loop().time()
