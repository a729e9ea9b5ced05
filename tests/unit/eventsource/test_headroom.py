"""A stream that throws old events away is never filled with unread ones."""

import asyncio

import pytest

from common.bus.headroom import Room
from common.cloudevent import CloudEvent
from common.errors import Unavailable
from eventsource.headroom import EVERY, Headroom
from tests.fakes_eventsource import FakeBus, Stage, new_metrics, play, until


class GoStream:
    """A bus whose stream holds so many events, and a reader of it."""

    def __init__(self, limit: int) -> None:
        self.bus = FakeBus()
        self.limit = limit
        self.read = 0
        self.others = 0
        self.looks = 0

    @property
    def unread(self) -> int:
        """Count what nobody has read yet."""
        return len(self.bus.events) + self.others - self.read

    async def look(self) -> Room:
        """See how full it is; the server takes its time."""
        self.looks += 1
        unread = self.unread
        await asyncio.sleep(0.01)
        return Room(unread / self.limit, 0.8 * self.limit - unread, float("inf"))


def event(number: int, size: int = 10) -> CloudEvent:
    """Make an event."""
    return CloudEvent(id=str(number), source="s", type="sqs", data=b"x" * size)


@pytest.mark.promise("A7")
def test_nothing_unread_is_thrown_away_and_all_arrives_when_somebody_reads() -> None:
    """Two hundred messages for a stream of fifty: forty go, the rest waits in SQS, received once at most."""

    async def scenario() -> None:
        stream, stage = GoStream(50), Stage()
        stage.bus = stream.bus
        stage.publisher = Headroom(stream.bus, stream.look, stage.metrics)
        stage.queue.send(*map(str, range(200)))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.intake().run(stage.stop))
            await asyncio.sleep(600)
            assert stream.unread == 40
            assert stage.metrics.unread._value.get() == pytest.approx(0.8)
            assert stage.metrics.breaker._value.get() == 1
            assert stage.queue.most_receives == 1
            while len(stream.bus.events) < 200:
                stream.read = len(stream.bus.events)
                await asyncio.sleep(1)
                assert stream.unread <= 40
            await until(lambda: not stage.queue.messages)
            stage.stop.set()

    play(scenario())


def test_it_is_not_looked_at_for_each_event() -> None:
    """Once in a few seconds while there is room; half of the room is ours at a time."""

    async def scenario() -> None:
        stream = GoStream(10_000)
        door = Headroom(stream.bus, stream.look, new_metrics())
        for n in range(1000):
            await door.publish(event(n), attempt=1)
        assert stream.looks == 1
        stream.others = 7000
        await asyncio.sleep(EVERY)
        with pytest.raises(Unavailable, match=r"80% of it, the limit is 80%"):
            await asyncio.gather(*(door.publish(event(n), attempt=1) for n in range(1000, 1002)))

    play(scenario())


def test_a_large_event_goes_where_it_just_fits() -> None:
    """Half of the bytes that are left would not do, all of them do; what does not fit is not sent."""

    async def scenario() -> None:
        bus = FakeBus()

        async def look() -> Room:
            return Room(0.0, 100.0, 10_000.0)

        door = Headroom(bus, look, new_metrics())
        await door.publish(event(1, 6000), attempt=1)
        with pytest.raises(Unavailable):
            await door.publish(event(2, 7000), attempt=1)

    play(scenario())
