"""How many receives run, and what becomes of a queue that cannot be read."""

import asyncio

import pytest

from common.errors import Refused, Unavailable
from tests.fakes_eventsource import Stage, play, until


@pytest.mark.promise("F1")
def test_pollers_come_with_the_load_and_go_with_it() -> None:
    """One long poll when idle, up to the setting when receives come back full, one again soon after."""

    async def scenario() -> None:
        stage = Stage(settings={"max_pollers": 8, "max_in_flight": 1000})
        stage.queue.delay = 0.01
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(60)
            assert stage.queue.polls == 1
            assert stage.queue.count("receive") <= 22  # one each 3 s
            stage.queue.send(*map(str, range(3000)))
            await until(lambda: stage.queue.polls == 8, within=10)
            await until(lambda: not stage.queue.messages)
            await asyncio.sleep(60)
            assert stage.queue.polls == 1
            stage.stop.set()

    play(scenario())


def test_nothing_is_received_that_has_no_place() -> None:
    """A bus that is slow fills our hands and not more."""

    async def scenario() -> None:
        stage = Stage(settings={"max_in_flight": 30})
        stage.bus.delay = 50.0
        stage.queue.send(*map(str, range(200)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            for _ in range(400):
                await asyncio.sleep(0.5)
                assert len(stage.queue.messages) - stage.queue.visible <= 30
            stage.stop.set()

    play(scenario())


@pytest.mark.promise("C4")
@pytest.mark.parametrize("operation", ["open", "receive"])
def test_a_queue_that_is_missing_is_told_and_tried_for_ever(operation: str) -> None:
    """The condition says why; the pauses grow to a minute; when it is there messages flow."""

    async def scenario() -> None:
        stage = Stage()
        stage.queue.faults[operation] = Refused("get_url: QueueDoesNotExist")
        stage.queue.send("a")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(3600)
            assert stage.reading.why == "get_url: QueueDoesNotExist"
            assert 55 <= stage.queue.count(operation) <= 140
            assert stage.queue.count("open") >= stage.queue.count(operation)
            del stage.queue.faults[operation]
            await until(lambda: not stage.queue.messages, within=61)
            assert stage.reading.why is None
            assert stage.metrics.source.running._value.get() == 1
            stage.stop.set()
        assert stage.metrics.source.running._value.get() == 0

    play(scenario())


def test_a_failing_receive_cancels_no_other() -> None:
    """A receive that is cancelled may have been given messages that nobody holds then."""

    async def scenario() -> None:
        stage = Stage(event={"waitTimeSeconds": 20}, settings={"max_pollers": 4})
        stage.queue.delay = 0.1
        stage.queue.send(*map(str, range(200)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.polls == 4)
            stage.queue.faults["receive"] = Unavailable("throttled")
            await asyncio.sleep(10)
            assert stage.metrics.pollers._value.get() == 1
            del stage.queue.faults["receive"]
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert len(stage.bus.events) == 200
        assert stage.books == (200, 200)

    play(scenario())


@pytest.mark.promise("C3")
def test_the_first_receive_does_not_wait() -> None:
    """An idle queue makes the pod ready at once, not after a long poll."""

    async def scenario() -> None:
        stage = Stage(event={"waitTimeSeconds": 20})
        await stage.run_until(lambda: stage.reading.why is None, within=0.5)

    play(scenario())
