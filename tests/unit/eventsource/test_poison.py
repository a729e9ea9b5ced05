"""A message that can never become an event is parked or left to the queue's redrive; its neighbours do not wait."""

import asyncio

import pytest

from common.errors import Rejected, Unavailable
from tests.fakes_eventsource import FakeQueue, Stage, play, until


@pytest.mark.promise("A5")
def test_poison_is_parked_once_and_its_neighbours_do_not_wait() -> None:
    """One body that is not JSON among many: parked with the reason and the original bytes, then deleted."""

    async def scenario() -> None:
        stage = Stage(event={"jsonBody": True})
        stage.queue.send(*(f'{{"n":{n}}}' for n in range(50)), "no json", *(f'{{"n":{n}}}' for n in range(50)))
        await stage.run_until(lambda: not stage.queue.messages)
        (letter,) = stage.bus.letters
        assert letter.reason == "not_json"
        assert letter.body == b"no json"
        assert (letter.kind, letter.owner, letter.part) == ("eventsource", "aws-sqs", "orders")
        assert len(stage.bus.events) == 100
        assert stage.count("parked") == 1
        assert stage.queue.most_receives == 0

    play(scenario())


@pytest.mark.promise("A5")
def test_poison_is_left_to_the_redrive_of_the_queue() -> None:
    """With `dlq: true` the queue's own dead-letter queue takes it, after as many receives as the queue says."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(max_receives=3), event={"jsonBody": True, "dlq": True})
        stage.queue.send("no json", "1")
        await stage.run_until(lambda: stage.queue.dead)
        assert [message.body for message in stage.queue.dead] == ["no json"]
        assert not stage.bus.letters
        assert stage.count("left") == 3

    play(scenario())


def test_poison_that_cannot_be_parked_stays_in_the_queue() -> None:
    """No place among the dead letters: it is given back, and parked when there is."""

    async def scenario() -> None:
        stage = Stage(event={"jsonBody": True})
        stage.bus.parking_fault = Unavailable("full")
        stage.queue.send("no json")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(60)
            assert len(stage.queue.messages) == 1
            stage.bus.parking_fault = None
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert len(stage.bus.letters) == 1
        assert stage.count("released") >= 1

    play(scenario())


@pytest.mark.promise("E4")
def test_what_the_bus_cannot_take_goes_to_the_redrive_of_the_queue() -> None:
    """Too large for the server: never deleted, never parked, given back for longer and longer."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(max_receives=4))
        stage.bus.refuses = lambda event: Rejected("too_large", "2 MB") if len(event.data or b"") > 1000 else None
        stage.queue.send("x" * 2000, "small")
        await stage.run_until(lambda: stage.queue.dead)
        assert len(stage.bus.events) == 1
        assert not stage.bus.letters
        assert stage.metrics.source.rejected["too_large"]._value.get() == 4
        assert stage.count("released") == 4

    play(scenario())
