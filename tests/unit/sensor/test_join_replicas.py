"""Replicas that share a join, in every order: each call of a port may be the last, and a delivery may come twice at once."""

# ruff: noqa: ANN401 - any of our ports stands behind a turnstile

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cloudevent import CloudEvent, dump
from common.errors import Failed, Unavailable
from sensor import identity
from sensor.dependencies import conditions
from sensor.dependencies.join import Rule
from sensor.ports import Envelope, Fired, Firing
from sensor.settle import Strategy
from sensor.spec import Backoff
from tests.fakes_eventsource import play
from tests.fakes_sensor import (
    FakeAttempts,
    FakeDelivery,
    FakeJoinState,
    FakeLedger,
    FakeParking,
    FakeTrigger,
    World,
    event,
)

WANTS = {("orders", "a"): ("a",), ("orders", "b"): ("b",)}
TWICE = Strategy(Backoff(attempts=2, first=0.0, factor=1.0, jitter=0.0))
TROUBLE = 0.15
"""How often a call fails, where a test lets calls fail."""


class NotingTrigger(FakeTrigger):
    """A trigger that remembers which events fired together."""

    def __init__(self) -> None:
        super().__init__()
        self.sets: dict[str, tuple[str, ...]] = {}

    async def fire(self, firing: Firing) -> Fired:
        """Fire."""
        fired = await super().fire(firing)
        self.sets[firing.digest] = tuple(each.id for each in firing.events.values())
        return fired


class Turnstile:
    """Holds each call of a port before it begins and after its work is done, until the test lets it go on."""

    def __init__(self, held: list[asyncio.Future[None]], draw: random.Random, *, trouble: bool) -> None:
        self._held = held
        self._draw = draw
        self._trouble = trouble

    def on(self, port: Any) -> Any:
        """Give the port behind this turnstile."""
        return Turned(port, self)

    async def turn(self) -> None:
        """Wait for the test."""
        future = asyncio.get_running_loop().create_future()
        self._held.append(future)
        try:
            await future
        finally:
            if future in self._held:
                self._held.remove(future)

    def breaks(self) -> bool:
        """Say whether this call meets trouble."""
        return self._trouble and self._draw.random() < TROUBLE


class Turned:
    """A port behind a turnstile."""

    def __init__(self, port: Any, turnstile: Turnstile) -> None:
        self._port = port
        self._turnstile = turnstile

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not asyncio.iscoroutinefunction(found) or name == "wait_connected":
            return found

        async def call(*args: Any) -> Any:
            await self._turnstile.turn()
            if name not in {"find", "append"} and self._turnstile.breaks():
                raise Failed("no") if name == "fire" else Unavailable("away")
            result = await found(*args)
            await self._turnstile.turn()
            # A ledger that takes nothing is given up soon, and that is no loss of an event.
            if name not in {"find", "fire", "append"} and self._turnstile.breaks():
                raise Unavailable("away")
            return result

        return call


@dataclass
class Message:
    """An event on the bus."""

    event: CloudEvent
    sequence: int
    deliveries: int = 0
    acked: bool = False
    in_hand: int = 0


class BusDelivery(FakeDelivery):
    """A delivery whose settling reaches the bus."""

    message: Message

    async def ack(self) -> None:
        """Settle it."""
        await super().ack()
        self.message.acked = True


@dataclass
class Play:
    """Two replicas, what they share, and the hand that moves them."""

    draw: random.Random
    rule: Rule
    names: list[str]
    trouble: bool
    held: list[asyncio.Future[None]] = field(default_factory=list)
    running: dict[asyncio.Task[None], tuple[int, Message | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trigger, self.ledger, self.parking = NotingTrigger(), FakeLedger(), FakeParking()
        self.joins, self.attempts = FakeJoinState(), FakeAttempts()
        self.messages = [Message(event(number, subject=name), number) for number, name in enumerate(self.names, start=1)]
        self.replicas = [self._replica(trouble=self.trouble) for _ in range(2)]

    def _replica(self, *, trouble: bool) -> World:
        turnstile = Turnstile(self.held, self.draw, trouble=trouble)
        return World(
            strategy=TWICE,
            wants=WANTS,
            rule=self.rule,
            trigger=turnstile.on(self.trigger),
            ledger=turnstile.on(self.ledger),
            attempts=turnstile.on(self.attempts),
            parking=turnstile.on(self.parking),
            joins=turnstile.on(self.joins),
        )

    def deliver(self, message: Message, replica: int) -> None:
        """Give a message to a replica."""
        message.deliveries += 1
        envelope = Envelope(
            "s", dump(message.event), sequence=message.sequence, deliveries=message.deliveries, stored=float(message.sequence)
        )
        one = BusDelivery(envelope)
        one.message = message
        message.in_hand += 1
        task = asyncio.get_running_loop().create_task(self.replicas[replica].line.handle(one))
        self.running[task] = (replica, message)

    def look(self, replica: int) -> None:
        """Let a replica look for what nobody sees to."""
        world = self.replicas[replica]
        assert world.joining
        task = asyncio.get_running_loop().create_task(world.joining.look(world.line.finish))
        self.running[task] = (replica, None)

    async def rest(self) -> None:
        """Let everybody come to a turnstile."""
        for _ in range(30):
            await asyncio.sleep(0)
        for task in [task for task in self.running if task.done()]:
            _, message = self.running.pop(task)
            if message:
                message.in_hand -= 1
            with contextlib.suppress(Unavailable, asyncio.CancelledError):
                task.result()

    async def crash(self, replica: int) -> None:
        """End a replica and start another in its place."""
        for task, (whose, _) in list(self.running.items()):
            if whose == replica:
                task.cancel()
        await self.rest()
        self.replicas[replica] = self._replica(trouble=self.trouble)

    async def step(self) -> None:
        """Do one thing of those that can happen."""
        chance = self.draw.random()
        waiting = [each for each in self.messages if not each.acked and not each.in_hand]
        hanging = [each for each in self.messages if not each.acked and each.in_hand == 1]
        if chance < 0.04:
            await self.crash(self.draw.randrange(2))
        elif chance < 0.06:
            self.look(self.draw.randrange(2))
        elif chance < 0.12 and hanging:
            self.deliver(self.draw.choice(hanging), self.draw.randrange(2))
        elif (chance < 0.35 or not self.held) and waiting:
            self.deliver(waiting[0] if chance < 0.3 else self.draw.choice(waiting), self.draw.randrange(2))
        elif self.held:
            self.draw.choice(self.held).set_result(None)
        else:
            # Somebody waits for a bus that was away.
            await asyncio.sleep(60)
        await self.rest()

    async def end(self) -> None:
        """Let all that was begun come to its end, without further trouble."""
        self.trouble = False
        for replica in range(2):
            await self.crash(replica)
        looks = 0
        for _ in range(5000):
            waiting = [each for each in self.messages if not each.acked and not each.in_hand]
            if self.held:
                self.held[0].set_result(None)
            elif waiting:
                self.deliver(waiting[0], self.draw.randrange(2))
            elif self.running:
                await asyncio.sleep(60)
            elif looks < 2:
                looks += 1
                self.look(0)
            else:
                return
            await self.rest()
        pytest.fail("it never comes to an end")

    def fates(self) -> dict[str, list[str]]:
        """Tell what became of each event."""
        waiting = {each.digest for each in self.joins.index.waiting}
        fired = Counter(one for events in self.trigger.sets.values() for one in events)
        parked = Counter(letter.sequence for letter in {letter.identity: letter for letter in self.parking.letters}.values())
        found: dict[str, list[str]] = {}
        for message in self.messages:
            alone = identity.firing("ns", "s", "t", {message.event.subject: message.event})
            fates = ["fired"] * fired[message.event.id] + ["parked"] * parked[message.sequence]
            fates += ["waiting"] * (alone in waiting)
            if not fates and alone in self.ledger.entries:
                fates = ["let go"]
            found[f"{message.event.subject}{message.sequence}"] = fates
        return found


async def played(rule: Rule, names: list[str], draw: random.Random, steps: int, *, trouble: bool) -> Play:
    """Play a number of steps, then to the end."""
    play_ = Play(draw, rule, names, trouble)
    for _ in range(steps):
        await play_.step()
    await play_.end()
    return play_


@dataclass(frozen=True)
class Case:
    """What comes, by which rule, and how much goes wrong; `seed` decides who goes on when."""

    names: list[str]
    seed: int
    steps: int
    in_order: bool
    trouble: bool
    limit: int


CASES = st.builds(
    Case,
    names=st.lists(st.sampled_from("ab"), min_size=1, max_size=8),
    seed=st.integers(0, 2**32),
    steps=st.integers(0, 150),
    in_order=st.booleans(),
    trouble=st.booleans(),
    limit=st.sampled_from([1000, 1000, 2]),
)


@pytest.mark.promise("I7", "A2", "B4")
@settings(max_examples=150, deadline=None)
@given(CASES)
def test_each_event_has_one_fate_whatever_happens_when(case: Case) -> None:
    """Crashes, calls that fail before or after their effect, one delivery in two pods: fired once, parked once or let go."""

    async def scenario() -> None:
        rule = Rule(conditions.parse("a && b", ["a", "b"]), case.in_order, case.limit)
        done = await played(rule, case.names, random.Random(case.seed), case.steps, trouble=case.trouble)
        fates = done.fates()
        assert all(len(each) == 1 for each in fates.values()), fates
        assert (done.joins.index.firing, done.joins.index.leaving) == ((), ()), fates
        assert {each.dependency for each in done.joins.index.waiting} != {"a", "b"}
        if case.in_order and case.limit == 1000 and not case.trouble:
            assert len(done.trigger.sets) == min(case.names.count("a"), case.names.count("b"))

    play(scenario())
