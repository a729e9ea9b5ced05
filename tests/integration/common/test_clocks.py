"""Two pods whose clocks are five minutes apart: what one writes and the other reads is the bus' time, or no time at all."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import replace

import pytest

from argosy.bus import prune
from argosy.bus.survey import survey
from argosy.servers.nats import NatsServer
from common.bus import Bus, drain
from common.bus.clock import bus_time
from common.bus.purge import held
from common.bus.register import Register, Wanted
from common.bus.streams import JOINS_MAX_BYTES, prepare_bucket, prepare_replays
from common.deadletters import DeadLetters
from common.errors import Missing, Refused
from sensor import joinstate, upkeep
from sensor.dependencies import cron
from sensor.dependencies.conditions import parse
from sensor.dependencies.join import Body, Rule, Waiting
from sensor.dependencies.resets import Resets
from sensor.joining import Joining
from sensor.joinstate import BusJoin, JoinKey
from sensor.ledger import BusLedger
from sensor.memory import Memory
from sensor.metrics import JoinMetrics
from tests.integration.common.live import ended, everything, running, until

APART = 300.0
_WRONG_BY: ContextVar[float] = ContextVar("wrong_by", default=0.0)


@pytest.fixture(autouse=True)
def _clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each task have the clock of its own pod."""
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + _WRONG_BY.get())


@contextmanager
def clock_of(seconds: float) -> Iterator[None]:
    """Do something by a clock that is wrong; tasks that are made here keep it."""
    before = _WRONG_BY.set(seconds)
    try:
        yield
    finally:
        _WRONG_BY.reset(before)


@asynccontextmanager
async def connected(server: NatsServer, unique: str) -> AsyncIterator[Bus]:
    """Give a bus with everything on it."""

    async def prepare(bus: Bus) -> None:
        await everything(bus)
        await prepare_replays(bus.jetstream, bus.names, bus.config)
        await prepare_bucket(bus.jetstream, bus.names.joins, bus.config, max_bytes=JOINS_MAX_BYTES)

    async with running(server, unique, prepare) as bus:
        await bus.wait_connected()
        yield bus


async def test_the_bus_tells_the_time(nats_server: NatsServer, unique: str) -> None:
    """It is its own, whatever ours is; and a stream that is not there is said so."""
    async with connected(nats_server, unique) as bus:
        before = time.time()
        with clock_of(APART):
            told = await bus_time(bus.client, unique)
        assert before - 1 < told < time.time() + 1
        with pytest.raises(Missing, match="not found"):
            await bus_time(bus.client, "nobody")


@pytest.mark.promise("A8")
@pytest.mark.parametrize(("old", "new"), [(-APART, 0.0), (0.0, APART), (APART, -APART)], ids=["behind", "ahead", "both"])
async def test_a_pod_whose_clock_is_wrong_keeps_its_trigger(
    nats_server: NatsServer, unique: str, monkeypatch: pytest.MonkeyPatch, old: float, new: float
) -> None:
    """Its trigger stays for as long as it speaks, and goes a grace after it has died, by whichever clock.

    When the time that one pod has written was compared with the time of the other, the trigger was taken from a living pod
    (behind, ahead) or stayed for ten minutes more (both).
    """
    monkeypatch.setattr(upkeep, "INTERVAL", 0.2)
    monkeypatch.setattr(drain, "FETCH_TIMEOUT", 0.3)
    both = [Wanted(name, f"{unique}.a.b", f"group-{name}") for name in ("kept", "gone")]
    async with connected(nats_server, unique) as bus, asyncio.TaskGroup() as tasks:
        looks: list[int] = []

        async def registered() -> set[str]:
            return {entry.trigger for entry in await Register(bus).entries()}

        class Counted(upkeep.Upkeep):
            async def _retire(self) -> None:
                await super()._retire()
                looks.append(1)

        pods = []
        for wrong, wanted, kind in ((old, both, upkeep.Upkeep), (new, both[:1], Counted)):
            with clock_of(wrong):
                pod = kind(bus, "ns", "orders", wanted, grace=3.0)
                await pod.prepare(foreign=False)
                pods.append(tasks.create_task(pod.run()))
        await bus.publish(f"{unique}.a.b", b"x")
        began = asyncio.get_running_loop().time()
        await until(lambda: len(looks) >= 10 and asyncio.get_running_loop().time() - began > 6, 120)
        assert await registered() == {"kept", "gone"}
        assert (await bus.jetstream.stream_info(bus.names.deadletters)).state.messages == 0
        await ended(pods[0])
        async with asyncio.timeout(60):
            while await registered() != {"kept"}:  # noqa: ASYNC110 - what is waited for is on the bus
                await asyncio.sleep(0.1)
        assert (await bus.jetstream.stream_info(bus.names.deadletters)).state.messages == 1
        await ended(pods[1])


@pytest.mark.promise("A8")
async def test_an_outage_of_the_bus_takes_no_trigger_away(
    nats_server: NatsServer, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could speak while the bus was away: the grace begins anew with each connection.

    Without that a trigger of the old document is taken from its pods as soon as an outage longer than the grace is over.
    """
    monkeypatch.setattr(drain, "FETCH_TIMEOUT", 0.3)
    async with connected(nats_server, unique) as bus:
        pod = upkeep.Upkeep(bus, "ns", "orders", [], grace=1.0)
        await Register(bus).place("ns", "orders", [Wanted("gone", f"{unique}.a.b", "group")], foreign=False)
        await pod._retire()
        await asyncio.sleep(1.2)
        bus.generation += 1
        await pod._retire()
        assert [entry.trigger for entry in await Register(bus).entries()] == ["gone"]
        await asyncio.sleep(1.2)
        await pod._retire()
        assert await Register(bus).entries() == []


@pytest.mark.promise("A8")
async def test_the_tool_knows_a_pod_whose_clock_is_behind(nats_server: NatsServer, unique: str) -> None:
    """A paused pod asks for nothing; it has just spoken for its trigger, so `prune` refuses, and ages are right.

    By the pods' own clocks it had been silent for five minutes, and its events were parked.
    """
    async with connected(nats_server, unique) as bus:
        register, subject = Register(bus), f"{unique}.a.b"
        with clock_of(-APART):
            await register.place("ns", "orders", [Wanted("t", subject, "group")], foreign=False)
            await register.keep("ns", "orders", {("t", subject)}, {})
            await bus.publish(subject, b"x")
        with pytest.raises(Refused, match=r"in the document of a pod [0-9]{1,2} s ago"):
            await prune.look(bus, "ns", "orders", "")
        with clock_of(APART):
            [reader] = (await survey(bus)).readers
            [holder] = await held(bus, register)
        assert reader.seen < APART / 2
        assert holder.seconds < APART / 2


@pytest.mark.promise("I7")
async def test_a_body_that_is_about_to_join_is_no_orphan(
    nats_server: NatsServer, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stored a moment ago, by a pod whose clock is behind; the sweep of a pod whose clock is ahead leaves it alone.

    By the storing pod's clock it is old, and is swept away before the index names it.
    """
    monkeypatch.setattr(joinstate, "_ORPHAN_AFTER", APART)
    async with connected(nats_server, unique) as bus:
        one, other = (BusJoin(bus, JoinKey("ns", "s", "t")) for _ in range(2))
        with clock_of(-APART):
            await one.keep("0" * 64, Body(b"{}", b"{}"))
        with clock_of(APART):
            assert await other.sweep() == 0
        assert await one.body("0" * 64)


@pytest.mark.promise("I7")
async def test_a_reset_comes_when_it_is_time_by_the_bus(nats_server: NatsServer, unique: str) -> None:
    """A pod whose clock is ahead must not reset what has minutes left to find the other half.

    By its own clock it would let go of the event that waits.
    """
    async with connected(nats_server, unique) as bus:
        now = await bus_time(bus.client, unique)
        minute = time.strftime("%M %H * * *", time.gmtime(now + 200))
        schedules = (cron.parse(minute),)
        rule = Rule(parse("a && b", ["a", "b"]), era=Resets(schedules).last)
        stop = asyncio.Event()
        joining = Joining(
            rule,
            BusJoin(bus, JoinKey("ns", "s", "t")),
            owner=("ns", "s", "t"),
            schedules=schedules,
            memory=Memory(BusLedger(bus), bus, stop=stop),
            parking=DeadLetters(bus),
            metrics=JoinMetrics("ns", unique, "t"),
        )
        waiting = Waiting("a", "0" * 64, 1, now)
        state = BusJoin(bus, JoinKey("ns", "s", "t"))
        await state.keep(waiting.digest, Body(b"{}", b"{}"))
        await state.change(lambda index: (replace(index, waiting=(waiting,)), None))

        async def finish(_: object) -> None:
            raise AssertionError("nothing fires here")

        with clock_of(APART):
            await joining.look(finish)
        assert (await state.load()).waiting == (waiting,)
