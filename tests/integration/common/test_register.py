"""The register of triggers while the bus is away."""

from collections.abc import Callable

import pytest

from argosy.servers.nats import NatsServer
from common.bus.register import Register
from common.errors import Unavailable
from tests.integration.common.test_bus import everything, running


@pytest.mark.promise("C6")
async def test_a_bus_that_hangs_is_no_fault_of_the_program(own_nats: Callable[..., NatsServer], unique: str) -> None:
    """It hangs while the register is read: `Unavailable`, which is waited for, where the client's own error ended the pod."""
    server = own_nats()
    async with running(server, unique, everything) as bus:
        await bus.wait_connected()
        server.suspend()
        try:
            with pytest.raises(Unavailable, match="register"):
                await Register(bus).entries()
        finally:
            server.resume()
