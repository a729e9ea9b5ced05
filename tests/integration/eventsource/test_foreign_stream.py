"""A stream that Argo Events made: it throws its oldest events away when it is full, read or not."""

import asyncio
import json
import time

import nats
import pytest
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy

from argosy.servers.nats import NatsServer
from common import cloudevent
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, count
from tests.servers.sqs import Queue


async def make_go_stream(url: str, name: str, most: int) -> None:
    """Make the stream as Argo Events' controller would, only smaller."""
    client = await nats.connect(url)
    await client.jetstream().add_stream(
        name=name, subjects=[f"{name}.*.*"], max_msgs=most, discard=DiscardPolicy.OLD, max_age=168 * 3600
    )
    await client.close()


async def read_all(url: str, name: str, wanted: int) -> list[str]:
    """Read and acknowledge as a Go sensor does, a few at a time, and give the bodies."""
    client = await nats.connect(url)
    await client.jetstream().add_consumer(name, ConsumerConfig(durable_name="reader", ack_policy=AckPolicy.EXPLICIT))
    subscription = await client.jetstream().pull_subscribe_bind("reader", name)
    found: list[str] = []
    end = time.monotonic() + 90
    while len(found) < wanted and time.monotonic() < end:
        try:
            for message in await subscription.fetch(7, timeout=1):
                await message.ack()
                found.append(json.loads(cloudevent.load(message.data).data or b"")["body"])
        except TimeoutError:  # the client raises its own, which is one, or the plain one
            continue
    await client.close()
    return found


@pytest.mark.promise("A7")
def test_unread_events_of_a_go_stream_are_never_thrown_away(
    nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """200 messages for a stream of 50 that nobody reads: 40 go, the rest waits in SQS; all arrive when somebody reads."""
    asyncio.run(make_go_stream(nats_server.url, stream, 50))
    queue.send_many(*map(str, range(200)))
    service = source(nats_server.url, queue)
    service.start()
    eventually("a stream that is full enough", lambda: count(nats_server.url, stream) == 40, 30)
    eventually("the others wait in SQS", lambda: sum(queue.counts()) == 160, 30)
    time.sleep(6)
    assert count(nats_server.url, stream) == 40
    assert service.total("argosy_source_breaker_open") == 1
    assert service.total("argosy_source_stream_unread_ratio") == pytest.approx(0.8)
    assert sum(queue.counts()) == 160
    found = asyncio.run(read_all(nats_server.url, stream, 200))
    assert sorted(found, key=int) == [str(n) for n in range(200)]
    eventually("an empty queue", queue.empty, 30)
    assert service.process.stop() == 0
