"""One queue from receive to settled, over working doubles, in virtual time."""

import asyncio

import pytest

from tests.fakes_eventsource import FakeQueue, Stage, play, until


def test_messages_reach_the_bus_and_leave_the_queue() -> None:
    """Every message becomes one event and is deleted after."""

    async def scenario() -> None:
        stage = Stage()
        ids = stage.queue.send(*(f"body {n}" for n in range(95)))
        await stage.run_until(lambda: not stage.queue.messages)
        assert sorted(stage.bus.ids) == sorted(i.replace("-", "") for i in ids)
        assert stage.count("published") == 95
        assert stage.books == (95, 95)

    play(scenario())


@pytest.mark.promise("A1")
def test_nothing_is_deleted_before_the_bus_confirmed() -> None:
    """While no PubAck comes the queue keeps every message."""

    async def scenario() -> None:
        stage = Stage()
        stage.bus.delay = 100.0
        stage.queue.send("a", "b", "c")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(99)
            assert stage.queue.count("delete") == 0
            assert len(stage.queue.messages) == 3
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert stage.queue.most_receives == 0  # none is left that was received at all
        assert len(stage.bus.events) == 3

    play(scenario())


def test_ten_messages_cost_two_calls() -> None:
    """A full receive is published at once and deleted in one batch."""

    async def scenario() -> None:
        stage = Stage(settings={"max_pollers": 1})
        stage.queue.send(*map(str, range(100)))
        await stage.run_until(lambda: not stage.queue.messages)
        assert stage.queue.count("receive") <= 12
        assert stage.queue.count("delete") == 10
        assert stage.bus.most_at_a_time >= 10

    play(scenario())


def test_an_unexpected_error_costs_nobody_else_anything() -> None:
    """A fault of the program about one message: given back, counted, the others go on."""

    async def scenario() -> None:
        stage = Stage()
        (bad, *_) = stage.queue.send(*map(str, range(20)))
        stage.bus.refuses = lambda event: ZeroDivisionError() if event.id == bad.replace("-", "") else None
        await stage.run_until(lambda: len(stage.bus.events) == 19 and len(stage.queue.messages) == 1)
        assert stage.metrics.unexpected._value.get() >= 1
        assert stage.books[0] == stage.books[1]

    play(scenario())


def test_a_group_stays_in_order_and_a_failure_holds_back_its_own_group_only() -> None:
    """FIFO: k+1 goes to the bus only after k; what fails once comes again before what is behind it."""

    async def scenario() -> None:
        stage = Stage(queue=FakeQueue(fifo=True))
        failures = {"a 3": 2, "a 7": 1}

        def refuse(event: object) -> Exception | None:
            body = event.data.decode().partition('"body":"')[2].partition('"')[0]  # type: ignore[attr-defined]
            if failures.get(body, 0):
                failures[body] -= 1
                return ValueError(body)
            return None

        stage.bus.refuses = refuse
        for n in range(10):
            stage.queue.send(f"a {n}", group="a")
            stage.queue.send(f"b {n}", group="b")
        await stage.run_until(lambda: not stage.queue.messages)
        order = [event.data.decode().partition('"body":"')[2].partition('"')[0] for event in stage.bus.events]  # type: ignore[union-attr]
        assert [body for body in order if body[0] == "a"] == [f"a {n}" for n in range(10)]
        assert [body for body in order if body[0] == "b"] == [f"b {n}" for n in range(10)]
        assert order.index("b 9") < order.index("a 9")

    play(scenario())
