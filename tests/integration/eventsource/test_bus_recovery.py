"""The bus dies and comes back, again and again: the source goes on within 30 s, without a restart, and nothing is lost."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import nats
import nats.errors
import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, stored
from tests.servers.natscluster import NatsCluster
from tests.servers.sqs import Queue

ROUNDS = 5
SEED = 20260101
RESUMES = 30.0
"""Seconds from the bus being back until everything that waited is on it."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    """Give three servers, started."""
    made = NatsCluster(tmp_path)
    with ExitStack() as stack:
        for server in made.servers.values():
            stack.callback(server.process.kill)
        made.start()
        yield made


@pytest.mark.promise("C1")
def test_the_leader_of_the_stream_is_killed(cluster: NatsCluster, queue: Queue, source: Source, stream: str) -> None:
    """Five times under load, each time the server that leads: what was sent before, during and after is there once."""
    service = source(cluster.url, queue, NATS_REPLICAS="3", EVENTSOURCE_VISIBILITY_TIMEOUT="5")
    service.start()
    draw, sent = random.Random(SEED), 0
    for _ in range(ROUNDS):
        queue.send_many(*map(str, range(sent, sent + 100)))
        time.sleep(draw.uniform(0, 0.2))
        cluster.kill_leader(stream)
        queue.send_many(*map(str, range(sent + 100, sent + 150)))
        sent += 150
        eventually("an empty queue", queue.empty, RESUMES)
    cluster.settle()
    found = stored(cluster.url.partition(",")[0], stream)
    assert Counter(message.body for message in found) == Counter(map(str, range(sent)))
    assert service.process.stop() == 0


@pytest.mark.promise("C1")
def test_the_bus_is_killed(own_nats: Callable[..., NatsServer], queue: Queue, source: Source, stream: str) -> None:
    """Five times under load, the only server there is: nothing that it confirmed is missing, nothing is there twice."""
    bus = own_nats(jetstream="sync_interval: always")
    service = source(bus.url, queue, EVENTSOURCE_VISIBILITY_TIMEOUT="5")
    service.start()
    draw, sent = random.Random(SEED), 0
    for _ in range(ROUNDS):
        queue.send_many(*map(str, range(sent, sent + 100)))
        time.sleep(draw.uniform(0, 0.2))
        bus.process.kill()
        queue.send_many(*map(str, range(sent + 100, sent + 150)))
        sent += 150
        time.sleep(draw.uniform(0, 1))
        bus.start()
        eventually("an empty queue", queue.empty, RESUMES)
    found = stored(bus.url, stream)
    assert Counter(message.body for message in found) == Counter(map(str, range(sent)))
    assert service.process.stop() == 0


@pytest.mark.promise("C1")
def test_the_stream_is_deleted(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Five times under a running pod: it is made again, and what is sent from then on is on it."""

    async def delete() -> None:
        client = await nats.connect(nats_server.url)
        await client.jetstream().delete_stream(stream)
        await client.close()

    service = source(nats_server.url, queue)
    service.start()
    for number in range(ROUNDS):
        asyncio.run(delete())
        sent = [f"{number}/{n}" for n in range(30)]
        queue.send_many(*sent)
        eventually("an empty queue", queue.empty, RESUMES)
        assert Counter(message.body for message in stored(nats_server.url, stream)) == Counter(sent)
    assert service.says("readyz")
    assert service.process.stop() == 0
