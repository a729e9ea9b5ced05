"""Copies of a stream that are a moment behind: what decides is asked of the leader, or compared with it."""

import asyncio
from dataclasses import replace

import pytest
from nats.aio.msg import Msg

from argosy.servers.nats import NatsServer
from common.bus import Bus
from common.bus.register import Register, Wanted
from common.bus.streams import JOINS_MAX_BYTES, prepare_bucket
from common.errors import Unavailable
from sensor import ledger
from sensor.dependencies.join import Body, Waiting
from sensor.joinstate import BusJoin, JoinKey
from sensor.ledger import BusLedger
from sensor.ports import Tried
from sensor.state import BusAttempts
from tests.contracts.sensor import ONE, OTHER
from tests.integration.common.live import everything, running


async def prepare(bus: Bus) -> None:
    """Prepare what a sensor remembers in."""
    await everything(bus)
    await prepare_bucket(bus.jetstream, bus.names.attempts, bus.config)
    await prepare_bucket(bus.jetstream, bus.names.joins, bus.config, max_bytes=JOINS_MAX_BYTES)


@pytest.mark.promise("B3")
async def test_a_copy_of_the_ledger_that_is_behind_is_asked_again(
    nats_server: NatsServer, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stored before the question is found, though the copy that answers has not got it yet, or only a part.

    Without the leader's word how far there is to read the firing is taken for a new one: it is done twice.
    """
    async with running(nats_server, unique, prepare) as bus:
        await bus.wait_connected()
        known, real = BusLedger(bus), BusLedger._page
        # On the same subject, around the one that is looked for.
        for digest in (ONE[:3] + OTHER[3:], ONE, ONE[:3] + "0" * 61):
            await known.append(digest)
        behind = iter((0, 1, 0))

        async def page(self: BusLedger, subject: str, start: int) -> list[Msg]:
            found = await real(self, subject, start)
            return found[: next(behind, len(found))]

        monkeypatch.setattr(BusLedger, "_page", page)
        assert await known.holds(ONE)
        assert not await known.holds(ONE[:3] + "f" * 61)


@pytest.mark.promise("B3")
async def test_a_copy_that_stays_behind_is_no_answer(
    nats_server: NatsServer, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who cannot tell says so, and the event waits: it is not taken for a new one."""
    monkeypatch.setattr(ledger, "TIMEOUT", 0.3)
    async with running(nats_server, unique, prepare) as bus:
        await bus.wait_connected()
        known = BusLedger(bus)
        for digest in (ONE, ONE[:3] + "0" * 61):
            await known.append(digest)

        async def nothing(*_: object) -> list[Msg]:
            return []

        monkeypatch.setattr(BusLedger, "_page", nothing)
        with pytest.raises(Unavailable, match="behind"):
            await known.holds(ONE)


@pytest.mark.promise("B3", "A4")
async def test_what_decides_is_asked_of_the_leader(nats_server: NatsServer, unique: str) -> None:
    """Attempts, joins and the register are read where they were written: any copy may answer a direct get.

    With the client's own `get` of a bucket the requests are seen here.
    """
    asked: list[str] = []

    async def hear(message: Msg) -> None:
        asked.append(message.subject)

    async with running(nats_server, unique, prepare) as bus:
        await bus.wait_connected()
        subscription = await bus.client.subscribe("$JS.API.DIRECT.GET.>", cb=hear)
        await bus.client.flush()
        attempts = BusAttempts(bus)
        tried = Tried((1.0, 2.0), "attempts: no more", (3.0,))
        await attempts.save(ONE, tried)
        assert await attempts.load(ONE) == tried
        await attempts.forget(ONE)
        assert await attempts.load(ONE) == await attempts.load(OTHER) == Tried()
        state = BusJoin(bus, JoinKey("ns", "s", "t"))
        await state.keep(ONE, Body(b"{}", b"{}"))
        await state.change(lambda index: (replace(index, waiting=(Waiting("a", ONE, 1, 1.0),)), None))
        assert await state.body(ONE)
        assert (await state.load()).waits(ONE)
        register = Register(bus)
        await register.place("ns", "s", [Wanted("t", f"{unique}.a.b", "group")], foreign=False)
        await register.keep("ns", "s", {("t", f"{unique}.a.b")}, {})
        assert len(await register.entries()) == 1
        await bus.client.flush()
        await asyncio.sleep(0.2)
        await subscription.unsubscribe()
        assert not [subject for subject in asked if unique in subject]
