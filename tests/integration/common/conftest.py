"""What the tests of the bus share."""

from collections.abc import AsyncIterator

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus
from tests.integration.common.live import running


@pytest.fixture
async def bus(nats_server: NatsServer, stream: str) -> AsyncIterator[Bus]:
    """Give a connected bus with a stream of its own."""
    async with running(nats_server, stream) as bus:
        await bus.wait_connected()
        yield bus
