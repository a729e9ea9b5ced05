"""The publisher over a real NATS server."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig
from common.bus.streams import prepare_events
from common.cloudevent import CloudEvent
from common.health import Condition
from common.subjects import Names
from eventsource.publish import BusPublisher
from tests.contracts.publisher import EVENT, PublisherContract, Stage
from tests.integration.eventsource.conftest import stored


async def prepare(bus: Bus) -> None:
    """Make the stream of events."""
    await prepare_events(bus.jetstream, bus.names, bus.config)


def stage_on(server: NatsServer) -> Stage:
    """Put the publisher under the contract, with a connection of each scenario's own."""
    config = BusConfig(servers=(server.url,))
    bus = Bus(config, Names(), title="test", prepare=prepare, condition=Condition("bus", "starting"))

    async def arrived() -> list[CloudEvent]:
        return [message.event for message in await asyncio.to_thread(stored, server.url, "default")]

    async def go_away() -> None:
        await asyncio.to_thread(server.stop)

    def run(scenario: Coroutine[Any, Any, None]) -> None:
        async def connected() -> None:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(bus.run())
                async with asyncio.timeout(20):
                    await bus.wait_connected()
                await scenario
                running.cancel()

        asyncio.run(connected())

    return Stage(BusPublisher(bus, "aws-sqs", "orders"), arrived, go_away, run)


class TestBusPublisher(PublisherContract):
    """The contract over NATS JetStream."""

    @pytest.fixture
    def stage(self, own_nats: Callable[..., NatsServer]) -> Stage:
        """Give a server of this test's own."""
        return stage_on(own_nats(config="max_payload: 8MB"))


def test_what_stands_on_the_wire(own_nats: Callable[..., NatsServer]) -> None:
    """Subject and headers: the id that the bus knows again, and the number of an attempt that is repeated."""
    server = own_nats()
    stage = stage_on(server)

    async def scenario() -> None:
        await stage.publisher.publish(EVENT, attempt=3)

    stage.run(scenario())
    (message,) = stored(server.url, "default")
    assert message.subject == "default.aws-sqs.orders"
    assert message.headers["Nats-Msg-Id"] == f"aws-sqs.orders.{'0' * 32}"
    assert message.headers["Argosy-Attempt"] == "3"
    assert message.event == EVENT
