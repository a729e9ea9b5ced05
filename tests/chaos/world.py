"""Both services, several pods of each, between real servers, with a proxy on every way that faults can be put on."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import nats
import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import APIError

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from sensor.joinstate import JoinKey
from tests.chaos import documents, stores
from tests.chaos.links import Link
from tests.chaos.nodes import Nodes
from tests.chaos.pods import Pod
from tests.endtoend.rig import Rig
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue

STREAM = stores.NAMES.stream
SUBJECT = "default.orders.created"
FILLER = "default.filler.full"
"""A subject of the stream that no trigger reads: what fills the stream."""
START = 60
"""Seconds that all pods have to become ready."""
ANSWERS = 60
"""Seconds that the bus has to answer to the tests themselves, a leader that has to be chosen first included."""
T = TypeVar("T")


@dataclass
class World:
    """Servers, proxies and pods of one run. `queues`: one for each event; `links`: sqs, source-bus, sensor-bus, api.

    `met`: how often the named moments were hit, by their own account; `send`: sends messages at once, for the books of the run.
    """

    bus: NatsServer | Nodes
    sqs: ElasticMQ
    rig: Rig
    queues: Mapping[str, Queue]
    dead: Queue
    links: dict[str, Link]
    sources: list[Pod] = field(default_factory=list)
    sensors: list[Pod] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    send: Callable[..., None] = lambda *_: None

    @property
    def kube(self) -> ApiServer:
        """The API server."""
        return self.rig.kube

    @property
    def pods(self) -> list[Pod]:
        """Every pod."""
        return [*self.sources, *self.sensors]

    @property
    def nodes(self) -> Nodes:
        """The bus, where it has several nodes."""
        assert isinstance(self.bus, Nodes)
        return self.bus

    def start(self) -> None:
        """Start the pods; returns when all are ready."""
        for pod in self.pods:
            pod.start()
        end = time.monotonic() + START
        while asleep := [pod for pod in self.pods if not pod.ready()]:
            told = "\n".join(f"{pod.name}: {pod.read('readyz')}\n{pod.process.tail(5)}" for pod in asleep)
            assert time.monotonic() < end, f"not ready within {START} s:\n{told}"
            time.sleep(0.2)

    def end(self) -> None:
        """End the pods, and see to it that the servers go on."""
        for pod in self.pods:
            pod.process.resume() if pod.process.alive else None
            pod.stop()
        for link in self.links.values():
            link.end()
        if not self.kube.process.alive:
            self.kube.start()

    def on_bus(self, work: Callable[[JetStreamContext], Awaitable[T]]) -> T:
        """Do something on the bus with a connection that no proxy and no fault touches, again while nobody answers."""
        end = time.monotonic() + ANSWERS
        while True:
            try:
                return asyncio.run(self._once(work))
            except (nats.errors.Error, APIError, TimeoutError, OSError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.25)

    async def _once(self, work: Callable[[JetStreamContext], Awaitable[T]]) -> T:
        client = await nats.connect(self.bus.url.split(","), connect_timeout=10, allow_reconnect=False)
        try:
            return await work(client.jetstream())
        finally:
            await client.close()

    def unread(self) -> int:
        """Count what waits on the bus or is in a sensor's hands."""

        async def work(js: JetStreamContext) -> int:
            return sum((c.num_pending or 0) + (c.num_ack_pending or 0) for c in await js.consumers_info(STREAM))

        return self.on_bus(work)

    def join(self, trigger: str) -> stores.Join:
        """Give the state of a trigger's join."""
        key = JoinKey(self.rig.namespace, documents.SENSOR, trigger)
        return self.on_bus(lambda js: stores.join(js, key))

    def rest(self) -> str:
        """Tell what is still on its way; nothing where all is done."""
        queues = {event: counts for event, queue in self.queues.items() if any(counts := queue.counts())}
        asleep = [pod.name for pod in self.pods if not pod.ready()]
        unread, pair, newest = self.unread(), self.join("pair"), self.join("newest")
        joining = pair.waiting or pair.firing or pair.leaving or newest.firing or newest.leaving
        told = f"queues {queues}, unread {unread}, not ready: {asleep}, joins: {pair} and {newest}"
        return told if queues or asleep or unread or joining else ""
