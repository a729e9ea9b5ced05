"""The bus is away or full: nothing is polled, what is held is kept alive, one message at a time asks again."""

import asyncio

import pytest

from common.errors import Unavailable
from tests.fakes_eventsource import FakeQueue, Stage, play, until

AWAY = Unavailable("the bus is away")


@pytest.mark.promise("A6")
def test_an_outage_of_the_bus_costs_no_receive_count() -> None:
    """An hour without the bus: what is held is kept alive, nothing else is received, the queue's own DLQ stays empty."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(max_receives=3))
        stage.queue.send(*map(str, range(500)))
        stage.bus.go_away(AWAY)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(1)
            assert stage.queue.most_receives == 0  # a bus that is away from the start is not polled for
            stage.bus.come_back()
            await until(lambda: len(stage.bus.events) > 50)
            stage.bus.go_away(AWAY)
            await asyncio.sleep(30)
            polls = stage.queue.count("receive")
            await asyncio.sleep(3600)
            assert stage.queue.most_receives <= 1
            assert stage.queue.count("receive") == polls
            stage.bus.come_back()
            await until(lambda: not stage.queue.messages, within=15)
            stage.stop.set()
        assert len(stage.bus.events) == 500
        assert not stage.queue.dead
        assert stage.books[0] == stage.books[1] == 500

    play(scenario())


@pytest.mark.promise("A7")
def test_a_full_subject_is_probed_by_one_message_at_a_time() -> None:
    """A bus that is there and takes nothing is asked ever more seldom, by one message at a time."""

    async def scenario() -> None:
        stage = Stage()
        stage.queue.send(*map(str, range(100)))
        stage.bus.fault = Unavailable("maximum messages per subject exceeded (10077)")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(100)
            before = len(stage.bus.attempts)
            stage.bus.most_at_a_time = 0
            await asyncio.sleep(600)
            assert 600 / 10 <= len(stage.bus.attempts) - before <= 600 / 5 + 1
            assert stage.bus.most_at_a_time == 1
            assert stage.queue.most_receives == 1
            stage.bus.fault = None
            await until(lambda: not stage.queue.messages, within=20)
            stage.stop.set()
        assert len(stage.bus.events) == 100

    play(scenario())


def test_a_repeated_publish_says_so() -> None:
    """The second attempt carries its number; the event keeps its id."""

    async def scenario() -> None:
        stage = Stage()
        stage.bus.fault = AWAY
        stage.queue.send("a")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(0.2)
            stage.bus.fault = None
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert stage.bus.attempts[0] == 1
        assert stage.bus.attempts[-1] >= 2
        assert len(stage.bus.events) == 1

    play(scenario())


def test_each_outage_is_probed_soon_at_first() -> None:
    """The pauses between probes do not remember the last outage."""

    async def scenario() -> None:
        stage = Stage()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            for _ in range(3):
                stage.bus.fault = Unavailable("full")
                stage.queue.send("a")
                await asyncio.sleep(120)
                stage.bus.fault = None
                await until(lambda: not stage.queue.messages, within=11)
                stage.bus.fault = Unavailable("full")
                stage.queue.send("b")
                await asyncio.sleep(1)
                stage.bus.fault = None
                await until(lambda: not stage.queue.messages, within=3)
            stage.stop.set()

    play(scenario())
