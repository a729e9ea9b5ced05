"""Both services, several pods of each, between real servers, with a proxy on every way that faults can be put on."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import nats
import yaml
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.chaos.links import Link
from tests.chaos.pods import Pod
from tests.endtoend import forms
from tests.endtoend.rig import Rig
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue

STREAM = "default"
SUBJECT = "default.orders.created"
FILLER = "default.filler.full"
"""A subject of the stream that no trigger reads: what fills the stream."""
VISIBILITY, ACK_WAIT = 5, 5
"""Seconds after which SQS and the bus give what a silent pod holds to another: short, so that much comes twice."""
RECEIVES = 20
"""Receives after which SQS would put a message into the queue's own dead letters."""
PER_SUBJECT = 2000
"""Events after which the subject is full."""
TOKEN = 24 * 3600
"""Seconds for which the sensors may speak to the API server."""
START = 60
"""Seconds that all pods have to become ready."""
T = TypeVar("T")


@dataclass
class World:
    """Servers, proxies and pods of one run. `links`: sqs, source-bus, sensor-bus, api."""

    nats: NatsServer
    sqs: ElasticMQ
    rig: Rig
    dead: Queue
    links: dict[str, Link]
    sources: list[Pod] = field(default_factory=list)
    sensors: list[Pod] = field(default_factory=list)

    @property
    def kube(self) -> ApiServer:
        """The API server."""
        return self.rig.kube

    @property
    def pods(self) -> list[Pod]:
        """Every pod."""
        return [*self.sources, *self.sensors]

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
        """Do something on the bus with a connection that no proxy and no fault touches."""

        async def run() -> T:
            client: Client = await nats.connect(self.nats.url, connect_timeout=10)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(run())

    def unread(self) -> int:
        """Count what waits on the bus or is in a sensor's hands."""

        async def work(js: JetStreamContext) -> int:
            return sum((c.num_pending or 0) + (c.num_ack_pending or 0) for c in await js.consumers_info(STREAM))

        return self.on_bus(work)

    def parked(self) -> int:
        """Count the dead letters."""

        async def work(js: JetStreamContext) -> int:
            try:
                return int((await js.stream_info(f"{STREAM}-deadletters")).state.messages)
            except NotFoundError:
                return 0

        return self.on_bus(work)


def build(
    folder: Path, *, bus: NatsServer, kube: ApiServer, sqs: ElasticMQ, toxiproxy: Path, name: str, replicas: int
) -> World:
    """Put everything together; the servers run, the pods do not yet."""
    kube.client.namespace(name)
    dead = Queue.create(sqs.endpoint_url, f"{name}-dead")
    redrive = f'{{"deadLetterTargetArn":"{dead.arn}","maxReceiveCount":"{RECEIVES}"}}'
    queue = Queue.create(sqs.endpoint_url, name, RedrivePolicy=redrive)
    rig = Rig(folder, bus, kube, queue, name)
    ports = {"sqs": sqs.port, "source-bus": bus.port, "sensor-bus": bus.port, "api": kube.port}
    links = {link: Link(toxiproxy, folder / link, port) for link, port in ports.items()}
    for link in links.values():
        link.start()
    world = World(bus, sqs, rig, dead, links)
    common = {"POD_NAMESPACE": name, "NATS_MAX_BYTES": str(32 * 1024 * 1024), "NATS_MAX_MSGS_PER_SUBJECT": str(PER_SUBJECT)}
    source = common | {
        "EVENTSOURCE_FILE": str(_document(folder / "eventsource.yaml", forms.event_source(rig))),
        "EVENTSOURCE_VISIBILITY_TIMEOUT": str(VISIBILITY),
        "AWS_ENDPOINT_URL": f"http://{links['sqs'].address}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "NATS_URL": f"nats://{links['source-bus'].address}",
    }
    sensor = common | {
        "SENSOR_FILE": str(_document(folder / "sensor.yaml", forms.sensor(rig))),
        "SENSOR_ACK_WAIT": str(ACK_WAIT),
        "NATS_URL": f"nats://{links['sensor-bus'].address}",
        "KUBECONFIG": str(_kubeconfig(rig, links["api"])),
    }
    world.sources = [Pod("eventsource", n, folder, source) for n in range(replicas)]
    world.sensors = [Pod("sensor", n, folder, sensor) for n in range(replicas)]
    return world


def _document(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(document, allow_unicode=True))
    return path


def _kubeconfig(rig: Rig, link: Link) -> Path:
    """Write how the sensors reach the API server: through the proxy, with no more rights than they need."""
    rig.grant()
    token = rig.kube.client.token_for(rig.namespace, "sensor", TOKEN)
    path = rig.kube.kubeconfig(rig.folder / "kubeconfig", token=token, namespace=rig.namespace)
    path.write_text(path.read_text().replace(rig.kube.url, f"https://{link.address}"))
    return path
