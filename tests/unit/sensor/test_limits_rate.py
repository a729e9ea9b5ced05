"""Permits of `rateLimit` as replicas take them: over one value on the bus, and by the bus' clock."""

import asyncio
import bisect

import pytest

from common.errors import Unavailable
from sensor.gate import Stopping
from sensor.limits.rate import Rate
from sensor.limits.window import Window
from tests.fakes_eventsource import VirtualLoop, until
from tests.fakes_limits import FakeCell, virtual


def go_on() -> None:
    """Let it wait."""


async def send(rate: Rate, count: int, sent: list[float]) -> None:
    """Send so many requests, one after the other."""
    for _ in range(count):
        await rate.permit(go_on)
        sent.append(asyncio.get_running_loop().time())


@pytest.mark.promise("D2")
@pytest.mark.parametrize(("unit", "count"), [(1.0, 3), (60.0, 3), (3600.0, 20), (60.0, 130)])
@pytest.mark.parametrize("slow", [0.0, 0.03, 0.4])
@virtual
async def test_replicas_share_one_window(unit: float, count: int, slow: float) -> None:
    """Three replicas, idle until 100 messages wait, on a bus that is quick or slow: never more than N in any window.

    A fourth one dies with the permits that it has taken. The others do not stand still: less than every second window is lost.
    """
    cell, sent = FakeCell(slow=slow), []
    async with asyncio.TaskGroup() as tasks:
        replicas = [Rate(cell, Window(unit, count), asyncio.Event()) for _ in range(4)]
        dying = [tasks.create_task(send(replicas[3], 100, sent)) for _ in range(5)]
        for number in range(20):
            tasks.create_task(send(replicas[number % 3], 5, sent))
        await asyncio.sleep(2.5 * unit)
        for task in dying:
            task.cancel()
    ordered = sorted(sent)
    assert len(ordered) >= 100
    assert max(bisect.bisect_left(ordered, at + unit) - number for number, at in enumerate(ordered)) <= count
    assert ordered[-1] - ordered[0] <= (2 * unit + 6 * slow) * (len(ordered) / count + 1)


@virtual
async def test_an_idle_limit_lets_all_of_its_requests_through_at_once() -> None:
    """N at once after a pause are allowed, and taken in one step; then nothing for a window, which everybody can see."""
    cell, sent = FakeCell(), []
    rate = Rate(cell, Window(60.0, 20), asyncio.Event())
    assert rate.soon() == 20
    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(send(rate, 1, sent))
    assert max(sent) - min(sent) < 1
    assert rate.soon() == 0
    assert cell.writes <= 4


@virtual
async def test_a_stop_and_a_pause_end_the_wait() -> None:
    """Who waits for a permit does not hold up the end of the pod, nor goes on when the trigger is paused."""
    stop, sent = asyncio.Event(), []
    rate = Rate(FakeCell(), Window(3600.0, 1), stop)
    await send(rate, 1, sent)

    def paused() -> None:
        raise Stopping("paused")

    with pytest.raises(Stopping, match="paused"):
        await rate.permit(paused)
    stop.set()
    with pytest.raises(Stopping):
        await rate.permit(go_on)
    assert len(sent) == 1


@virtual
async def test_a_bus_that_is_away_is_waited_for() -> None:
    """Nobody may send what cannot be counted; no error of the bus reaches the target's gates."""
    cell, sent = FakeCell(failures=[Unavailable("away")]), []
    await send(Rate(cell, Window(60.0, 3), asyncio.Event()), 1, sent)
    assert len(sent) == 1


@virtual
async def test_a_permit_that_comes_too_late_is_thrown_away() -> None:
    """The loop stood still until the permit's time was over: it is not used, another one is taken."""
    cell, loop = FakeCell(slow=0.01), asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    rate = Rate(cell, Window(60.0, 3), asyncio.Event())
    await rate.permit(go_on)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rate.permit(go_on))
        await until(lambda: len(cell.stored.value) == 2)
        loop._virtual += 5
    assert len(cell.stored.value) == 3
