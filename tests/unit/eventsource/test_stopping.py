"""SIGTERM: nothing more is received, what is in hand is finished or handed back."""

import asyncio

import pytest

from common.errors import Unavailable
from tests.fakes_eventsource import Stage, play, until

AWAY = Unavailable("the bus is away")


@pytest.mark.promise("A9")
def test_stopping_finishes_what_is_in_hand() -> None:
    """With the bus there, what was received is published and deleted, and nothing more is received."""

    async def scenario() -> None:
        stage = Stage(settings={"max_in_flight": 20})
        stage.bus.delay = 3.0
        stage.queue.send(*map(str, range(100)))
        await stage.run_until(lambda: stage.metrics.in_flight._value.get() == 20)
        assert len(stage.bus.events) == 20
        assert len(stage.queue.messages) == 80
        assert stage.queue.visible == 80

    play(scenario())


@pytest.mark.promise("A9")
def test_what_a_last_poll_brings_is_handed_back_at_once() -> None:
    """The running poll is not cancelled; its messages are visible again when the service has ended."""

    async def scenario() -> None:
        stage = Stage(event={"waitTimeSeconds": 20}, settings={"visibility_timeout": 900})
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.polls and len(stage.queue.calls) > 2)
            stage.stop.set()
            await asyncio.sleep(1)
            assert stage.queue.polls == 1
            stage.queue.send("a", "b")
        assert stage.queue.visible == 2
        assert not stage.bus.events
        assert stage.count("handed_back") == 2

    play(scenario())


@pytest.mark.promise("A9")
@pytest.mark.parametrize("connected", [False, True], ids=["away", "full"])
def test_stopping_without_a_bus_hands_back(connected: bool) -> None:  # noqa: FBT001 - a table
    """What cannot be published when the service stops is visible to others at once."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 900})
        stage.bus.delay = 1.0
        stage.queue.send(*map(str, range(30)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.metrics.in_flight._value.get() == 30)
            if connected:
                stage.bus.fault = Unavailable("full")
            else:
                stage.bus.go_away(AWAY)
            await asyncio.sleep(60)
            stage.stop.set()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 5
        assert stage.queue.visible == 30
        assert stage.count("handed_back") == 30

    play(scenario())


def test_stopping_without_sqs_ends_in_time() -> None:
    """What was published and cannot be deleted is left: it comes back and is known then."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 900})
        stage.queue.faults["delete"] = Unavailable("SQS is away")
        stage.queue.send(*map(str, range(20)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: len(stage.bus.events) == 20)
            stage.stop.set()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 30
        assert stage.books == (20, 20)

    play(scenario())
