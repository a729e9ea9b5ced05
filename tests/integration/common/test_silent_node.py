"""A node of the bus that is away, and with it what it knows of its consumers."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import nats.errors
import pytest
from nats.js.api import ConsumerConfig

from common.bus import Bus
from common.bus.consumers import consumers_of
from common.bus.purge import purge
from common.bus.register import Register, Wanted
from common.errors import ServiceError, Unavailable
from tests.integration.common.live import everything, running
from tests.servers.natscluster import NatsCluster

READER = "reader"


async def told(bus: Bus) -> list[str]:
    """Name the consumers of which the bus tells; none while a leader is chosen."""
    with suppress(ServiceError, nats.errors.Error):
        return [str(consumer.name) for consumer in await consumers_of(bus.client, "events", partial=True)]
    return []


@pytest.mark.promise("A7", "G1")
async def test_nothing_is_purged_while_a_consumer_cannot_tell_what_it_needs(own_cluster: Callable[..., NatsCluster]) -> None:
    """Somebody's consumer lives on a node that is away, so the list leaves it out, and it has read nothing yet.

    Let `consumers_of` always take a partial list to see it fail: all three events are purged.
    """
    cluster = await asyncio.to_thread(own_cluster)
    async with running(next(iter(cluster.servers.values())), "events", everything, replicas=3) as bus:
        await asyncio.wait_for(bus.wait_connected(), 60)
        subject, register = bus.names.event("a", "b"), Register(bus)
        await register.place("ns", "s", [Wanted("t", subject, "group")], foreign=False)
        for _ in range(3):
            await bus.publish(subject, b"x")
        await bus.jetstream.add_consumer("events", durable_name="group", filter_subject=subject, ack_policy="explicit")
        subscription = await bus.jetstream.pull_subscribe_bind("group", "events")
        for message in await subscription.fetch(3, timeout=10):
            await message.ack_sync()

        # One that lives on another node than that which we talk to.
        here = bus.client.connected_url.port
        for number in range(30):
            name = f"{READER}-{number}"
            config = ConsumerConfig(durable_name=name, filter_subject=subject, num_replicas=1)
            info = await bus.jetstream.add_consumer("events", config)
            node = cluster.servers[str(info.cluster and info.cluster.leader)]
            if node.port != here:
                break
            await bus.jetstream.delete_consumer("events", name)
        assert await purge(bus, register, "ns", "s", {("t", subject)}, foreign=False) == {}

        node.process.kill()
        async with asyncio.timeout(60):
            while await told(bus) != ["group"]:  # noqa: ASYNC110 - what is waited for is another process
                await asyncio.sleep(0.2)
        with pytest.raises(Unavailable):
            await purge(bus, register, "ns", "s", {("t", subject)}, foreign=False)
        assert (await bus.jetstream.stream_info("events")).state.messages == 3
