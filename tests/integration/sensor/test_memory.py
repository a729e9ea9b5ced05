"""The ledger and the attempts on a real bus."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig
from common.bus.streams import prepare_bucket, prepare_ledger
from common.errors import Unavailable
from common.health import Health
from common.subjects import Names
from sensor import joinstate
from sensor.dependencies.join import Body, Waiting
from sensor.joinstate import BusJoin, JoinKey
from sensor.ledger import TIMEOUT, BusLedger
from sensor.ports import Attempts, Ledger
from sensor.state import BusAttempts
from tests.contracts.sensor import (
    ONE,
    OTHER,
    AttemptsContract,
    AttemptsSubject,
    JoinContract,
    JoinSubject,
    LedgerContract,
    LedgerSubject,
)
from tests.integration.sensor.rig import forget


class OnBus:
    """A bus that lives as long as a scenario, and what stands on it."""

    def __init__(self, server: NatsServer, stream: str) -> None:
        config = BusConfig(servers=(server.url,))
        condition = Health("test").condition("bus")
        self.bus = Bus(config, Names(stream, stream), title="test", prepare=self._prepare, condition=condition)
        self.ledger: Ledger = BusLedger(self.bus)
        self.attempts: Attempts = BusAttempts(self.bus)

    async def _prepare(self, bus: Bus) -> None:
        await prepare_ledger(bus.jetstream, bus.names, bus.config)
        await prepare_bucket(bus.jetstream, bus.names.attempts, bus.config)
        await prepare_bucket(bus.jetstream, bus.names.joins, bus.config)

    def run(self, scenario: Coroutine[Any, Any, None]) -> None:
        """Run a scenario with the bus connected."""

        async def with_bus() -> None:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(self.bus.run())
                await self.bus.wait_connected()
                await scenario
                await forget(self.bus.client, self.bus.names.stream)
                running.cancel()

        asyncio.run(with_bus())


@pytest.fixture
def on_bus(nats_server: NatsServer, stream: str) -> OnBus:
    """Give names of this test's own on the shared bus."""
    return OnBus(nats_server, stream)


class TestLedger(LedgerContract):
    """The ledger's stream."""

    @pytest.fixture
    def subject(self, on_bus: OnBus) -> LedgerSubject:
        """Give an empty one."""
        return LedgerSubject(on_bus.ledger, on_bus.run)


class TestAttempts(AttemptsContract):
    """The attempts' bucket."""

    @pytest.fixture
    def subject(self, on_bus: OnBus) -> AttemptsSubject:
        """Give none."""
        return AttemptsSubject(on_bus.attempts, on_bus.run)


class TestJoins(JoinContract):
    """The joins' bucket; a trigger's name may hold anything."""

    @pytest.fixture
    def subject(self, on_bus: OnBus) -> JoinSubject:
        """Give an empty state to two replicas."""
        key = JoinKey("ns", "a.sensor", "some/trigger = here")
        return JoinSubject(BusJoin(on_bus.bus, key), BusJoin(on_bus.bus, key), on_bus.run)


def test_bodies_that_a_crash_left_behind_are_swept(on_bus: OnBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that no index names goes once it is old; one that is named stays, and so does one of another trigger."""
    monkeypatch.setattr(joinstate, "_ORPHAN_AFTER", -1.0)
    state, other = (BusJoin(on_bus.bus, JoinKey("ns", "s", trigger)) for trigger in ("t", "u"))
    body = Body(b"{}", b"{}")

    async def scenario() -> None:
        for each, digest in ((state, ONE), (state, OTHER), (other, ONE)):
            await each.keep(digest, body)
        await state.change(lambda index: (replace(index, waiting=(Waiting("a", ONE, 1, 1.0),)), None))
        assert await state.sweep() == 1
        assert await state.body(ONE)
        assert await state.body(OTHER) is None
        assert await other.body(ONE)
        assert await joinstate.joined_triggers(on_bus.bus, "ns", "s") == {"t"}

    on_bus.run(scenario())


@pytest.mark.promise("B3")
def test_a_long_subject_is_read_to_its_end(on_bus: OnBus) -> None:
    """More records than one page holds, and the one that is looked for is the last; what is not there is not found."""
    digests = [f"abc{number:061x}" for number in range(600)]

    async def scenario() -> None:
        for start in range(0, 600, 100):
            await asyncio.gather(*(on_bus.ledger.append(f"{d[40:43]}{d}"[:64]) for d in digests[start : start + 100]))
            await asyncio.gather(*(on_bus.ledger.append(_spread(n)) for n in range(start, start + 100)))
        started = time.monotonic()
        assert await on_bus.ledger.holds(_spread(599))
        assert not await on_bus.ledger.holds(_spread(600))
        assert time.monotonic() - started < TIMEOUT, "it waited for what does not come"

    on_bus.run(scenario())


def _spread(number: int) -> str:
    """Make a hash that differs within its first 20 bytes, all of them on one subject."""
    return f"abc{number:010x}".ljust(64, "0")


def test_a_ledger_that_was_taken_away_is_made_anew(on_bus: OnBus) -> None:
    """Who cannot tell says so once; then there is a ledger again, and it remembers from now on."""

    async def scenario() -> None:
        await on_bus.ledger.append(ONE)
        await on_bus.bus.jetstream.delete_stream(on_bus.bus.names.ledger)
        with pytest.raises(Unavailable):
            await on_bus.ledger.holds(ONE)
        assert not await on_bus.ledger.holds(ONE)
        await on_bus.ledger.append(ONE)
        assert await on_bus.ledger.holds(ONE)

    on_bus.run(scenario())
