"""A consumer at work over a bus in memory: what it asks for, what it keeps, when it begins anew, how it leaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from common.bus.register import Place
from common.health import Health
from sensor.consume import Channel, Consumer
from sensor.metrics import TriggerMetrics
from sensor.ports import Delivery
from tests.fakes_eventsource import play, until

CHANNEL = Channel("stream", "default.a.b", "group-1", "ns", "s", "t")
Callback = Callable[[Any], Awaitable[None]]


class Subscription:
    """An interest, until it is drained."""

    def __init__(self, client: "Client", callback: Callback) -> None:
        self.callback = callback
        self._client = client

    async def drain(self) -> None:
        """Take the interest back; what is under way still comes."""
        self._client.subscriptions.remove(self)
        for late in self._client.late:
            await self.callback(late)
        self._client.late = []


@dataclass
class Client:
    """A connection that remembers what was published on it."""

    asked: list[int] = field(default_factory=list)
    said: list[tuple[str, bytes]] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    late: list[Any] = field(default_factory=list)
    inboxes: int = 0
    sequence: int = 0

    def new_inbox(self) -> str:
        """Give an inbox of its own."""
        self.inboxes += 1
        return f"_INBOX.{self.inboxes}"

    async def subscribe(self, _: str, cb: Callback, **__: Any) -> Subscription:  # noqa: ANN401 - the library's
        """Subscribe."""
        self.subscriptions.append(Subscription(self, cb))
        return self.subscriptions[-1]

    async def request(self, *_: str, **__: float) -> Any:  # noqa: ANN401 - an answer of the library
        """Tell the time of the server."""
        return SimpleNamespace(data=b'{"ts":"1970-01-01T00:00:00.000000001Z"}')

    async def publish(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Publish: a request for messages, or a word about one."""
        if reply:
            self.asked.append(json.loads(payload)["batch"])
        else:
            self.said.append((subject, payload))

    def message(self, *, deliveries: int = 1) -> Any:  # noqa: ANN401 - a message of the library
        """Make the next message."""
        self.sequence += 1
        reply = f"$JS.ACK.stream.group-1.{deliveries}.{self.sequence}.{self.sequence}.1000000000.0"
        return SimpleNamespace(subject=CHANNEL.subject, data=b"x", headers=None, reply=reply)

    async def send(self, count: int = 1) -> None:
        """Deliver messages."""
        for _ in range(count):
            await self.subscriptions[-1].callback(self.message())

    async def status(self, code: str, text: str = "", undone: int = 0) -> None:
        """Send a status."""
        headers = {"Status": code, "Description": text, "Nats-Pending-Messages": str(undone)}
        await self.subscriptions[-1].callback(SimpleNamespace(reply="", headers=headers, data=b""))

    def words(self, payload: bytes) -> int:
        """Count how often something was said."""
        return sum(one.startswith(payload) for _, one in self.said)


@dataclass
class Bus:
    """The connection to a server that has the one consumer."""

    client: Client = field(default_factory=Client)
    generation: int = 1
    connected: bool = True
    waiting: int = 0
    looks: int = 0
    created: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    talks: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_connected(self) -> None:
        """Be there."""

    @property
    def jetstream(self) -> "Bus":
        """Be the server too."""
        return self

    async def consumer_info(self, *_: str) -> Any:  # noqa: ANN401 - an answer of the library
        """Tell of the consumer: it is as it should be."""
        self.looks += 1
        await self.talks.wait()
        config = SimpleNamespace(
            metadata=CHANNEL.metadata, filter_subject=CHANNEL.subject, deliver_subject=None, ack_wait=60.0,
            max_ack_pending=-1, max_deliver=-1, backoff=None,
        )  # fmt: skip
        told = {"created": self.created, "num_pending": self.waiting, "num_ack_pending": 0}
        return SimpleNamespace(name=CHANNEL.name, config=config, **told)


class Hand:
    """What does the work: holds everything until it is told to finish."""

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        self.done = asyncio.Event()

    async def __call__(self, delivery: Delivery) -> None:
        """Take one."""
        self.got.append(delivery)
        await self.done.wait()
        await delivery.ack()


@dataclass
class Scene:
    """A consumer at work."""

    bus: Bus
    consumer: Consumer
    hand: Hand
    stop: asyncio.Event
    health: Health
    open: bool = True
    most: int = 1000


@asynccontextmanager
async def working(monkeypatch: pytest.MonkeyPatch, *, slots: int = 8) -> AsyncIterator[Scene]:
    """Run a consumer; it is stopped at the end."""
    monkeypatch.setattr("sensor.consume.durable.replace", lambda config, **_: config)
    bus, hand, stop, health = Bus(), Hand(), asyncio.Event(), Health("test")
    scene: Scene

    async def find() -> Place:
        return Place(CHANNEL.name, 0)

    consumer = Consumer(
        bus,  # type: ignore[arg-type]
        CHANNEL,
        slots=slots,
        handle=hand,
        allowed=lambda: scene.open,
        most=lambda: scene.most,
        find=find,
        condition=health.condition("consumer"),
        metrics=TriggerMetrics("ns", "s", "consumer-test", ()),
    )
    bus.talks.set()
    scene = Scene(bus, consumer, hand, stop, health)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(consumer.run(stop))
        await until(lambda: bus.client.asked)
        yield scene
        hand.done.set()
        stop.set()


def test_it_never_holds_more_than_it_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for and what is in hand are its slots together; it asks again when a quarter is free."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            client = scene.bus.client
            assert client.asked == [8]
            await client.send(8)
            await asyncio.sleep(5)
            assert (len(scene.hand.got), client.asked) == (8, [8])
            scene.hand.done.set()
            await until(lambda: client.words(b"+ACK") == 8)
            await until(lambda: sum(client.asked) == 16)

    play(scenario())


@pytest.mark.promise("D4")
def test_what_was_asked_for_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing may be in hand, the requests that stand lose their inbox, and what is under way goes back at once.

    When it goes on it asks anew, for as many as it may have; without `_withdraw` eight events could still come.
    """

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            client = scene.bus.client
            client.late = [client.message()]
            inboxes, scene.most = client.inboxes, 0
            scene.consumer.wake()
            await until(lambda: client.words(b"-NAK") == 1)
            await until(lambda: client.inboxes == inboxes + 1)
            await asyncio.sleep(5)
            assert (client.asked, scene.hand.got) == ([8], [])
            scene.most = 3
            await until(lambda: client.asked == [8, 3])
            await client.send(3)
            await asyncio.sleep(5)
            assert (len(scene.hand.got), client.asked) == (3, [8, 3])

    play(scenario())


def test_what_is_held_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every 20 s the bus hears that we are at it, so that nobody else gets the event."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            await scene.bus.client.send(2)
            await asyncio.sleep(65)
            assert scene.bus.client.words(b"+WPI") == 6
            scene.hand.done.set()
            await asyncio.sleep(60)
            assert scene.bus.client.words(b"+WPI") == 6

    play(scenario())


def test_a_request_that_ran_out_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server says what it left undone; that much is asked for again."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            await scene.bus.client.send(3)
            await scene.bus.client.status("408", "Request Timeout", undone=5)
            await until(lambda: scene.bus.client.asked == [8, 5])

    play(scenario())


@pytest.mark.promise("C1")
@pytest.mark.parametrize(("code", "text"), [("409", "Consumer Deleted"), ("409", "Leadership Change"), ("503", "")])
def test_a_consumer_that_is_gone_is_attached_to_anew(monkeypatch: pytest.MonkeyPatch, code: str, text: str) -> None:
    """The subscription is left, the consumer looked up (and made, if need be), and work goes on; ready says so meanwhile."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            client, looks = scene.bus.client, scene.bus.looks
            await client.status(code, text)
            await until(lambda: scene.health.faults)
            await until(lambda: scene.bus.looks > looks and len(client.asked) == 2)
            assert len(client.subscriptions) == 1
            assert not scene.health.faults
            await client.send(1)
            await until(lambda: scene.hand.got)

    play(scenario())


@pytest.mark.promise("C2")
def test_silence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No message and no heartbeat for 25 s: the subscription is made anew, and again, for ever."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            await until(lambda: scene.bus.client.inboxes == 4, within=200)
            for _ in range(20):
                await scene.bus.client.status("100", "Idle Heartbeat")
                await asyncio.sleep(10)
            assert scene.bus.client.inboxes == 4

    play(scenario())


@pytest.mark.promise("C2")
def test_events_that_wait_and_do_not_come_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heartbeats without events while events wait: attached anew within 30 s."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            scene.bus.waiting = 100
            for _ in range(6):
                await asyncio.sleep(5)
                if scene.bus.client.subscriptions:
                    await scene.bus.client.status("100", "Idle Heartbeat")
            assert scene.bus.client.inboxes == 2

    play(scenario())


def test_a_connection_that_was_made_anew_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server forgot our requests when the connection broke: they are not waited for."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            scene.bus.generation += 1
            await until(lambda: len(scene.bus.client.asked) == 2, within=5)

    play(scenario())


def test_nothing_is_fetched_behind_a_closed_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the target is away nothing new is asked for; when it is back, at once."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            scene.open = False
            scene.hand.done.set()
            await scene.bus.client.send(8)
            await asyncio.sleep(20)
            assert scene.bus.client.asked == [8]
            scene.open = True
            scene.consumer.wake()
            await until(lambda: scene.bus.client.asked == [8, 8])

    play(scenario())


@pytest.mark.promise("A9")
def test_it_leaves_first_and_finishes_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM: no interest any more, what still comes is given back, what is in hand is finished and acked."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            client = scene.bus.client
            await client.send(3)
            client.late = [client.message(), client.message()]
            scene.stop.set()
            await until(lambda: client.words(b"-NAK") == 2)
            assert client.subscriptions == []
            assert client.words(b"+ACK") == 0
            scene.hand.done.set()
            await until(lambda: client.words(b"+ACK") == 3)
        assert scene.consumer.held == set()

    play(scenario())


@pytest.mark.promise("B4")
def test_a_message_is_surely_ours_for_half_the_patience_of_the_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts from when we asked for it: what lay here while this process stood still may be somebody else's by now."""

    async def scenario() -> None:
        async with working(monkeypatch) as scene:
            await scene.bus.client.send()
            await until(lambda: scene.hand.got)
            [soon] = scene.hand.got
            assert not soon.is_stale()
            await asyncio.sleep(20)
            await scene.bus.client.status("100", "Idle Heartbeat")
            await asyncio.sleep(11)
            assert soon.is_stale()
            await scene.bus.client.send()
            await until(lambda: len(scene.hand.got) == 2)
            assert scene.hand.got[-1].is_stale()

    play(scenario())


@pytest.mark.promise("B3")
@pytest.mark.parametrize("anew", [False, True], ids=["the one we know", "another one"])
def test_what_comes_waits_until_we_know_whose_it_is(monkeypatch: pytest.MonkeyPatch, anew: bool) -> None:  # noqa: FBT001 - a column
    """A consumer that was made anew gives what others have done with; what it gives may have come before, all of it."""

    async def scenario() -> None:
        async with working(monkeypatch, slots=4) as scene:
            scene.bus.talks.clear()
            await scene.bus.client.send(4)
            await until(lambda: len(scene.hand.got) == 4)
            scene.hand.done.set()
            await until(lambda: len(scene.bus.client.asked) == 2)
            await scene.bus.client.send()
            await asyncio.sleep(2)
            assert len(scene.hand.got) == 4
            if anew:
                scene.bus.created += timedelta(seconds=1)
            scene.bus.talks.set()
            await until(lambda: len(scene.hand.got) == 5)
            assert [delivery.early for delivery in scene.hand.got] == [False] * 4 + [anew]

    play(scenario())
