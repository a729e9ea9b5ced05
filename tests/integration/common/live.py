"""A bus that runs against a real nats-server for as long as a block."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig
from common.bus.register import Register
from common.bus.streams import prepare_deadletters, prepare_events, prepare_ledger
from common.health import Condition
from common.subjects import Names


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is true, or fail after a deadline."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.02)


async def ended(*tasks: asyncio.Task[None]) -> None:
    """End tasks, and insist as `serve` does: a cancellation that meets a write of the client's is lost."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.5)


async def everything(bus: Bus) -> None:
    """Prepare all streams that the services use."""
    await prepare_events(bus.jetstream, bus.names, bus.config)
    await prepare_ledger(bus.jetstream, bus.names, bus.config)
    await prepare_deadletters(bus.jetstream, bus.names, bus.config)
    await Register(bus).prepare()


@asynccontextmanager
async def running(
    server: NatsServer, stream: str, prepare: Callable[[Bus], Awaitable[None]] = everything, **config: object
) -> AsyncIterator[Bus]:
    """Run a bus until the block ends."""
    settings = BusConfig(servers=(server.url,), **config)
    bus = Bus(settings, Names(stream, stream), title="test", prepare=prepare, condition=Condition("bus", "starting"))
    task = asyncio.get_running_loop().create_task(bus.run())
    try:
        yield bus
    finally:
        # Once: to insist would cut short what the connection still says on its way out.
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
