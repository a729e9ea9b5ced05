"""A message that has arrived leaves the queue, however often it takes."""

import asyncio

import pytest

from common.errors import Refused, Unavailable
from eventsource.ports import Answer
from tests.fakes_eventsource import Stage, play, until


def test_a_delete_that_failed_is_tried_again() -> None:
    """SQS answers 200 and says of some entries that they failed."""

    async def scenario() -> None:
        stage = Stage()
        stage.queue.failing["delete"] = [Answer.AGAIN, Answer.AGAIN, Answer.AGAIN]
        stage.queue.send(*map(str, range(10)))
        await stage.run_until(lambda: not stage.queue.messages)
        assert len(stage.bus.attempts) == 10
        assert stage.metrics.source.deletes["again"]._value.get() == 3

    play(scenario())


def test_sqs_away_at_the_delete_costs_no_second_publish() -> None:
    """The delete waits until SQS is back; the lease has not run out by then."""

    async def scenario() -> None:
        stage = Stage()
        stage.queue.faults["delete"] = Unavailable("SQS is away")
        stage.queue.send(*map(str, range(10)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(20)
            del stage.queue.faults["delete"]
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert len(stage.bus.attempts) == 10

    play(scenario())


@pytest.mark.promise("C3", "C4")
def test_a_delete_that_is_not_allowed_stops_the_polling() -> None:
    """Otherwise every message would come back for ever; said in the condition, and gone on with when it is allowed."""

    async def scenario() -> None:
        stage = Stage(settings={"max_in_flight": 1000})
        stage.queue.delay = 0.1
        stage.queue.faults["delete"] = Refused("delete: AccessDenied")
        stage.queue.send(*map(str, range(300)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(10)
            assert stage.deleting.why == "delete: AccessDenied"
            received = stage.metrics.received._value.get()
            await asyncio.sleep(600)
            assert stage.metrics.received._value.get() == received < 300
            assert stage.queue.most_receives == 1
            del stage.queue.faults["delete"]
            await until(lambda: not stage.queue.messages)
            assert stage.deleting.why is None
            stage.stop.set()
        assert len(stage.bus.events) == 300

    play(scenario())
