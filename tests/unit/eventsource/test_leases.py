"""What we hold stays ours until it is settled; what is ours no longer is let go."""

import asyncio

import pytest

from common.errors import Unavailable
from tests.fakes_eventsource import Stage, play, until

AWAY = Unavailable("the bus is away")


@pytest.mark.promise("B5")
def test_a_stalled_message_stays_ours() -> None:
    """Ten minutes between receive and PubAck, with leases of 30 s: received once."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 30})
        stage.bus.delay = 600.0
        stage.queue.send(*map(str, range(25)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(599)
            assert stage.queue.most_receives == 1
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        renewals = [size for name, size in stage.queue.calls if name == "change_visibility"]
        assert max(renewals) == 10
        assert len(stage.bus.events) == 25

    play(scenario())


@pytest.mark.promise("B5")
def test_a_message_whose_lease_was_lost_is_not_published() -> None:
    """Somebody else has it by now; it is counted and let go."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 30})
        (lost, _) = stage.queue.send("a", "b")
        stage.bus.fault = AWAY
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.most_receives)
            stage.queue.lose(lost)
            stage.queue.messages.pop(lost)
            await asyncio.sleep(60)
            stage.bus.fault = None
            await until(lambda: not stage.queue.messages)
            stage.stop.set()
        assert len(stage.bus.events) == 1
        assert stage.count("lease_lost") == 1
        assert stage.books == (2, 2)

    play(scenario())


def test_a_lease_that_ran_out_by_our_own_clock_is_not_published() -> None:
    """SQS answers no renewal: at the end of the lease the message is somebody else's."""

    async def scenario() -> None:
        stage = Stage(settings={"visibility_timeout": 30})
        stage.queue.send("a")
        stage.bus.fault = AWAY
        stage.queue.faults["change_visibility"] = Unavailable("SQS is away")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.most_receives)
            stage.queue.faults["receive"] = Unavailable("SQS is away")
            await asyncio.sleep(60)
            stage.bus.fault = None
            await asyncio.sleep(30)
            assert not stage.bus.events
            assert stage.count("lease_lost") == 1
            # Nothing is in hand that could find out that the bus is there again: the next receive does.
            stage.queue.faults.clear()
            await until(lambda: not stage.queue.messages, within=120)
            stage.stop.set()
        assert len(stage.bus.events) == 1

    play(scenario())


@pytest.mark.parametrize(
    "slow",
    [
        pytest.param([(3.0, 0.0)], id="a renewal that arrives late"),
        pytest.param([(0.0, 0.0), (0.0, 20.0)], id="a release whose answer comes late"),
    ],
)
def test_a_renewal_does_not_undo_a_release(slow: list[tuple[float, float]]) -> None:
    """A message that failed is seen again after its pause, whatever renewals were under way."""

    async def scenario() -> None:
        stage = Stage()  # a lease of 60 s, looked at every 5 s, renewed after 35 s for the first time
        stage.queue.slow["change_visibility"] = slow
        stage.queue.send("a")
        stage.bus.refuses = lambda _: ValueError()
        stage.bus.delay = 36.0 if len(slow) == 1 else 69.0
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await until(lambda: stage.queue.most_receives == 1)
            stage.queue.faults["receive"] = Unavailable("nobody receives it now")
            await asyncio.sleep(stage.bus.delay + 12)
            assert stage.queue.visible == 1
            stage.stop.set()

    play(scenario())


def test_a_renewal_beside_a_delete_is_no_lost_lease() -> None:
    """The delete was done and its answer is late; SQS calls the lease lost, and that is no news."""

    async def scenario() -> None:
        stage = Stage()
        stage.bus.delay = 33.0
        stage.queue.slow["delete"] = [(0.0, 20.0)]
        stage.queue.send("a")
        await stage.run_until(lambda: stage.count("published"))
        assert stage.queue.count("change_visibility") >= 1
        assert stage.metrics.lost._value.get() == 0

    play(scenario())
