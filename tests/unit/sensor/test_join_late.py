"""A pod that was held up with an event of a join: the bus gave the event to another pod, which is done with it."""

import asyncio
from dataclasses import dataclass, field

import pytest

from sensor.dependencies.join import Body
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeJoinState
from tests.unit.sensor.joined import BILL, ORDER, came, world


@dataclass
class SlowState:
    """One pod's way to a shared state, which stands still until it is let go; see `JoinState`."""

    shared: FakeJoinState
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self, digest: str, body: Body) -> None:
        """Store an event, later."""
        await self.go.wait()
        await self.shared.keep(digest, body)

    def __getattr__(self, name: str) -> object:
        """Do the rest at once."""
        return getattr(self.shared, name)


@pytest.mark.promise("B4", "I7")
def test_it_asks_before_it_lets_the_event_in() -> None:
    """The order has joined its bill in another pod meanwhile, so it does not wait for a second one.

    Without `is_stale` in `Joining._step` this fails: the order would take the next bill, whose own order then waits for ever.
    """

    async def scenario() -> None:
        quick = world()
        late = world(ledger=quick.ledger, joins=SlowState(quick.joins))
        order = came(ORDER, 1)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(late.line.handle(order))
            await asyncio.sleep(1)
            await quick.give(came(ORDER, 1, deliveries=2))
            await quick.give(came(BILL, 2))
            assert quick.line.counts == {"waiting": 1, "fired": 1}
            order.stale = True
            late.joins.go.set()
        assert (late.line.counts, order.said) == ({"duplicate": 1}, "ack")
        assert quick.joins.index.waiting == ()

    play(scenario())
