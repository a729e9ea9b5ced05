"""Joins of a document that is on its way out: left to its pods for as long as there are any."""

import asyncio
from dataclasses import replace

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus
from common.bus.register import Register, Wanted
from common.bus.streams import JOINS_MAX_BYTES, prepare_bucket
from sensor import leftovers, upkeep
from sensor.dependencies.join import Waiting
from sensor.joinstate import BusJoin, JoinKey
from sensor.leftovers import Leftovers
from tests.contracts.sensor import ONE
from tests.integration.common.live import ended, everything, running, until


@pytest.mark.promise("A8", "I7")
async def test_what_waits_for_pods_of_an_older_document_is_left_to_them(
    nats_server: NatsServer, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rollout that stands still: its trigger is registered, so nothing is let go; once it is retired, all of it is.

    By the time of a rollout alone the events would be parked under the hands of the pods that join them.
    """
    monkeypatch.setattr(leftovers, "LOOK", 0.05)
    let_go: list[str] = []

    class Left:
        async def leave(self) -> None:
            let_go.append("t")

    async def prepare(bus: Bus) -> None:
        await everything(bus)
        await prepare_bucket(bus.jetstream, bus.names.joins, bus.config, max_bytes=JOINS_MAX_BYTES)

    async with running(nats_server, unique, prepare) as bus:
        await bus.wait_connected()
        register = Register(bus)
        await register.place("ns", "s", [Wanted("t", f"{unique}.a.b", "group")], foreign=False)
        state = BusJoin(bus, JoinKey("ns", "s", "t"))
        await state.change(lambda index: (replace(index, waiting=(Waiting("a", ONE, 1, 1.0),)), None))
        looks: list[int] = []
        ours = upkeep.Upkeep(bus, "ns", "s", [], grace=60)

        async def older() -> set[str]:
            looks.append(1)
            return await ours.older()

        left = Leftovers(
            bus, "ns", "s", joining=(), make=lambda _: Left(), older=older, patience=0.0  # type: ignore[arg-type, return-value]
        )  # fmt: skip
        task = asyncio.get_running_loop().create_task(left.run())
        await until(lambda: len(looks) >= 5)
        assert let_go == []
        [entry] = await register.entries()
        await register.forget(entry)
        await until(lambda: bool(let_go))
        await ended(task)
