"""The double of the bus behaves like the bus."""

import pytest

from common.cloudevent import CloudEvent
from common.errors import Rejected, Unavailable
from tests.contracts.publisher import PublisherContract, Stage
from tests.fakes_eventsource import FakeBus, play


class TestFakeBus(PublisherContract):
    """The contract over the double."""

    @pytest.fixture
    def stage(self) -> Stage:
        """Give a fresh double in virtual time, which takes a mebibyte."""
        bus = FakeBus()
        bus.refuses = lambda event: Rejected("too_large", "9 MiB") if len(event.data or b"") > 1024 * 1024 else None

        async def arrived() -> list[CloudEvent]:
            return bus.events

        async def go_away() -> None:
            bus.go_away(Unavailable("away"))

        return Stage(bus, arrived, go_away, play)
