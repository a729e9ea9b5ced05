"""The register of triggers while the bus is away."""

from collections.abc import Callable

import pytest

from argosy.servers.nats import NatsServer
from common.bus.register import Register, Wanted
from common.errors import Unavailable
from tests.integration.common.live import everything, running


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


async def test_reading_leaves_nothing_on_the_bus(nats_server: NatsServer, unique: str) -> None:
    """Each pod reads the register for ever: always all of it, and without a consumer, of which a stream may have 1,000.

    With the client's own `keys` this fails twice: each left one for five minutes, and one in some hundred found no keys.
    """
    async with running(nats_server, unique, everything) as bus:
        await bus.wait_connected()
        register = Register(bus)
        await register.prepare()
        for sensor in ("a", "b"):
            await register.place("ns", sensor, [Wanted("t", f"{unique}.x.y", f"group-{sensor}")], foreign=False)
        for _ in range(1_100):
            assert [entry.sensor for entry in await register.entries()] == ["a", "b"]
        assert (await bus.jetstream.stream_info(f"KV_{bus.names.register}")).state.consumer_count == 0


async def test_a_sensor_that_has_left_is_not_read(nats_server: NatsServer, unique: str) -> None:
    """What its last trigger leaves in the bucket is no record, and it can come back."""
    async with running(nats_server, unique, everything) as bus:
        await bus.wait_connected()
        register, wanted = Register(bus), [Wanted("t", f"{unique}.x.y", "group")]
        await register.prepare()
        for _ in range(2):
            await register.place("ns", "orders", wanted, foreign=False)
            [entry] = await register.entries()
            await register.forget(entry)
            assert await register.entries() == []
