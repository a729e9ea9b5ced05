"""The servers and the services of the demo: what is started, in which order, and how it ends."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from argosy.demo import children
from argosy.demo.children import DOCUMENTS, NAMESPACE, Service, StandIn
from argosy.demo.cluster import Cluster, connected
from argosy.demo.failure import DemoError
from argosy.servers.apiserver import ApiServer, cached_binary
from argosy.servers.moto import MotoServer
from argosy.servers.nats import NatsServer
from argosy.servers.process import Process, Server, ServerError, Unavailable
from common.documents import from_file, only, parse
from eventsource.spec import EventSource, SqsEvent

SENSOR_ACCOUNT = "orders-sensor"
LAST_LINES = 15
POLL_ENDS_BY_ITSELF = 1.0
"""Seconds that a long poll is given when all ends, before the emulator ends it."""


@dataclass
class Pipeline:
    """Everything that runs, and what a person needs to know to play with it."""

    folder: Path
    event: SqsEvent
    nats: NatsServer
    emulator: MotoServer | None
    sqs: str
    kubernetes: ApiServer | StandIn | None
    kubeconfig: Path
    cluster: Cluster
    services: tuple[Service, Service]

    def words(self) -> Iterator[tuple[str, str, str]]:
        """Tell what runs: its part, what it is, and where."""
        yield "NATS JetStream", "nats-server", self.nats.url
        yield "SQS", "moto, an emulator" if self.emulator else "as you said", self.sqs
        yield "Kubernetes API", _words(self.kubernetes), self.cluster.url
        for service in self.services:
            yield service.name, "ready", service.url

    async def guard(self) -> None:
        """Raise `DemoError` with its last words as soon as a child ends."""
        servers = [server.process for server in (self.nats, self.emulator, self.kubernetes) if server]
        while True:
            for process in (*servers, *(service.process for service in self.services)):
                if not process.alive:
                    raise DemoError(f"{process.name} has ended. Its last lines:\n{process.tail(LAST_LINES)}")
            await asyncio.sleep(0.2)

    async def stop_services(self) -> None:
        """End both services in good order; the emulator of SQS goes with them, or we would wait for a long poll."""
        ends = [_stop(service.process) for service in self.services]
        if self.emulator:
            ends.append(_stop(self.emulator.process, after=POLL_ENDS_BY_ITSELF))
        await asyncio.gather(*ends)


def seed_event() -> SqsEvent:
    """Give the one queue that the demo's EventSource reads."""
    document = only(from_file(DOCUMENTS / "eventsource.yaml", "demo"), "EventSource", "demo")
    return next(iter(parse(EventSource, document).value.spec.sqs.values()))


async def start(stack: AsyncExitStack, folder: Path, kubeconfig: Path | None, sqs: str) -> Pipeline:
    """Start the servers and prepare the cluster; the stack ends it all. Raises `DemoError`.

    `kubeconfig`: a Kubernetes API of the user's; `sqs`: an endpoint of SQS of the user's.
    """
    try:
        nats = NatsServer(folder / "nats", config="max_payload: 8MB")
        emulator = None if sqs else MotoServer(folder)
        api = None if kubeconfig else _api(folder)
        await asyncio.gather(*(_enter(stack, server) for server in (nats, emulator, api) if server))
    except (Unavailable, ServerError) as error:
        raise DemoError(str(error)) from error
    if api is not None:
        kubeconfig = api.kubeconfig(folder / "admin.kubeconfig")
    assert kubeconfig is not None  # noqa: S101 - given, or just written
    cluster = await stack.enter_async_context(connected(kubeconfig, NAMESPACE))
    stack.push_async_callback(cluster.remove)
    await cluster.prepare(from_file(DOCUMENTS / "rbac.yaml", "demo"))
    for_sensor = folder / "sensor.kubeconfig"
    await cluster.kubeconfig_of(SENSOR_ACCOUNT, for_sensor)
    endpoint = emulator.endpoint_url if emulator else sqs
    services = (children.eventsource(nats.url, endpoint, folder), children.sensor(nats.url, for_sensor, folder))
    return Pipeline(folder, seed_event(), nats, emulator, endpoint, api, kubeconfig, cluster, services)


async def start_services(stack: AsyncExitStack, pipeline: Pipeline) -> None:
    """Start both services at once. Raises `DemoError` with the last lines of the one that does not become ready."""
    stack.push_async_callback(pipeline.stop_services)
    try:
        await asyncio.gather(*(asyncio.to_thread(service.start) for service in pipeline.services))
    except ServerError as error:
        raise DemoError(str(error)) from error


async def _enter(stack: AsyncExitStack, server: Server) -> None:
    # The way out is laid before the way in: a start that is cancelled goes on in its thread.
    stack.push_async_callback(_stop, server.process)
    await asyncio.to_thread(server.start)


async def _stop(process: Process, *, after: float = 0.0) -> None:
    await asyncio.sleep(after)
    await asyncio.to_thread(process.stop)


def _api(folder: Path) -> ApiServer | StandIn:
    binary = cached_binary()
    return ApiServer(folder / "kubernetes", binary=binary) if binary else StandIn(folder)


def _words(api: ApiServer | StandIn | None) -> str:
    if api is None:
        return "your cluster"
    if isinstance(api, StandIn):
        return "a STAND-IN of Argosy's own: it keeps objects, checks nothing, allows everything"
    return "the real kube-apiserver"
