"""Gates: one probe at a time, pauses that grow, and nobody behind them starves."""

import asyncio
import itertools

import pytest

from common.errors import Failed, Refused, Unavailable
from sensor.gate import BREAKER_CAP, Gate, Gates, answered
from tests.fakes_eventsource import play, until


class Target:
    """A target that is away until a moment, and remembers who asked when."""

    def __init__(self, until_moment: float, error: Exception) -> None:
        self.until = until_moment
        self.error = error
        self.asked: list[float] = []
        self.busy = 0

    async def call(self) -> str:
        """Answer, or fail."""
        now = asyncio.get_running_loop().time()
        self.asked.append(now)
        self.busy += 1
        try:
            await asyncio.sleep(0.01)
            if now < self.until:
                raise self.error
            return "yes"
        finally:
            self.busy -= 1


def gates(changes: list[str | None]) -> Gates:
    """Make the gates of one trigger."""
    stop = asyncio.Event()
    return Gates(Gate.stop(stop, changes.append), Gate.breaker(stop, changes.append))


@pytest.mark.parametrize("error", [Unavailable("away"), Refused("no")])
def test_all_who_wait_get_through_when_it_is_back(error: Exception) -> None:
    """While it is away one asks at a time, ever more seldom; when it is back all pass at once."""

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        changes: list[str | None] = []
        target, both = Target(loop.time() + 100, error), gates(changes)
        answers = await asyncio.gather(*(both.run(target.call) for _ in range(30)))
        assert answers == ["yes"] * 30
        probes = target.asked[30:-29]
        assert len(probes) < 40
        pauses = [b - a for a, b in itertools.pairwise(probes)]
        assert all(pause > 0.05 for pause in pauses)
        assert max(pauses) < 16
        assert changes[-1] is None
        assert changes[0] is not None

    play(scenario())


def test_retry_after_is_honoured() -> None:
    """A server that asks for 30 s is not asked again before."""

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        target, both = Target(loop.time() + 20, Unavailable("slow down", after=30.0)), gates([])
        await both.run(target.call)
        assert target.asked[1] - target.asked[0] >= 30 > BREAKER_CAP

    play(scenario())


def test_what_is_about_the_event_closes_nothing() -> None:
    """A failure of one event passes through; the others are not held up."""

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        both = gates([])
        with pytest.raises(Failed):
            await both.run(Target(loop.time() + 9, Failed("this one")).call)
        assert both.are_open

    play(scenario())


def test_a_refusal_of_one_trigger_leaves_the_other_alone() -> None:
    """Triggers share the breaker of their target, not their stops."""

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        shared = Gate.breaker(stop, lambda _: None)
        one = Gates(Gate.stop(stop, lambda _: None), shared)
        other = Gates(Gate.stop(stop, lambda _: None), shared)
        refusing = Target(loop.time() + 1e9, Refused("no"))
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(one.run(refusing.call))
            await until(lambda: not one.are_open)
            assert other.are_open
            assert await other.run(Target(0, Failed("never")).call) == "yes"
            task.cancel()

    play(scenario())


def test_a_probe_that_is_cancelled_leaves_its_place_to_the_next() -> None:
    """Nobody waits for an answer that will not come."""

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        both = gates([])
        back = loop.time() + 5

        async def hang() -> str:
            if loop.time() < back - 4:
                raise Unavailable("away")
            await asyncio.sleep(1e6)
            return "never"

        async with asyncio.TaskGroup() as tasks:
            stuck = tasks.create_task(both.run(hang))
            await asyncio.sleep(3)
            other = tasks.create_task(both.run(Target(back, Unavailable("away")).call))
            await asyncio.sleep(1)
            stuck.cancel()
        assert other.result() == "yes"

    play(scenario())


@pytest.mark.parametrize("error", [Unavailable("away"), Refused("no")])
def test_a_probe_that_goes_on_for_long_holds_up_nobody(error: Exception) -> None:
    """What has its answer and then waits for something else says so, and the others pass meanwhile."""

    async def scenario() -> None:
        changes: list[str | None] = []
        both, asked, end = gates(changes), 0, asyncio.Event()

        async def call() -> None:
            nonlocal asked
            asked += 1
            if asked == 1:
                raise error
            if asked == 2:
                answered()
                await end.wait()

        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(both.run(call))
            await until(lambda: asked == 2)
            await asyncio.gather(*(both.run(call) for _ in range(3)))
            assert not first.done()
            assert both.are_open
            end.set()
        answered()
        assert changes[-1] is None

    play(scenario())
