"""What triggers hold in common is opened once, dropped when it is dead, and closed at the end."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from common.errors import Unavailable
from sensor.triggers.shared import Shared


class Thing:
    """Something to be opened and closed."""

    def __init__(self, said: list[str], name: str) -> None:
        self.name = name
        self._said = said

    async def open(self, stack: AsyncExitStack) -> "Thing":
        """Open it, as `Shared.get` asks for it."""
        self._said.append(f"open {self.name}")
        await asyncio.sleep(0)
        stack.callback(self._said.append, f"close {self.name}")
        return self


async def test_a_thing_is_opened_once_however_many_ask() -> None:
    """Two firings at the same moment share one connection."""
    said: list[str] = []
    async with Shared() as shared:
        one, other = await asyncio.gather(*(shared.get("k", Thing(said, "a").open) for _ in range(2)))
        assert one is other
    assert said == ["open a", "close a"]


async def test_the_last_used_is_closed_first() -> None:
    """What stands on something else goes before it."""
    said: list[str] = []
    async with Shared() as shared:
        for name in ("a", "b"):
            await shared.get(name, Thing(said, name).open)
    assert said == ["open a", "open b", "close b", "close a"]


async def test_what_is_dropped_is_closed_and_opened_anew() -> None:
    """A dead connection makes room for a living one; who comes late with the dead one drops nothing."""
    said: list[str] = []
    async with Shared() as shared:
        dead = await shared.get("k", Thing(said, "a").open)
        await shared.drop("k", dead)
        alive = await shared.get("k", Thing(said, "b").open)
        await shared.drop("k", dead)
        assert await shared.get("k", Thing(said, "c").open) is alive
    assert said == ["open a", "close a", "open b", "close b"]


async def test_what_nobody_asks_for_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events may lead to ever new servers: connections do not pile up, and those in use stay."""
    monkeypatch.setattr("sensor.triggers.shared.MOST", 2)
    said: list[str] = []
    async with Shared() as shared:
        for name in ("a", "b", "a", "c"):
            await shared.get(name, Thing(said, name).open)
        assert said == ["open a", "open b", "open c", "close b"]


async def test_what_fails_to_open_leaves_nothing_behind() -> None:
    """Half a connection is closed at once, and the next firing tries again."""
    said: list[str] = []

    async def fails(stack: AsyncExitStack) -> Thing:
        await Thing(said, "a").open(stack)
        raise Unavailable("away")

    async with Shared() as shared:
        with pytest.raises(Unavailable):
            await shared.get("k", fails)
        assert said == ["open a", "close a"]
        await shared.get("k", Thing(said, "b").open)


async def test_a_slow_thing_holds_up_no_other() -> None:
    """A server that does not answer must not keep the triggers of others from theirs."""
    said: list[str] = []
    gate = asyncio.Event()

    async def slow(stack: AsyncExitStack) -> Thing:
        await gate.wait()
        return await Thing(said, "slow").open(stack)

    async with Shared() as shared, asyncio.TaskGroup() as tasks:
        tasks.create_task(shared.get("slow", slow))
        await asyncio.sleep(0)
        await asyncio.wait_for(shared.get("fast", Thing(said, "fast").open), 1)
        gate.set()
