"""The wiring: settings and document in, one role for each queue, the bus and the health page beside them."""

import asyncio
import gc
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog

from common import log, process
from common.bus import Bus, BusConfig, bus_config
from common.bus.headroom import EVERYTHING, Room, room
from common.bus.streams import prepare_deadletters, prepare_events
from common.deadletters import DeadLetters
from common.health import Health
from common.service import serve
from common.settings import BusSettings, PodSettings, read
from common.subjects import Names
from eventsource.consume import Aws
from eventsource.document import load
from eventsource.headroom import Headroom
from eventsource.intake import Intake
from eventsource.metrics import QueueMetrics, SourceMetrics
from eventsource.pipeline import Owner
from eventsource.publish import BusPublisher
from eventsource.settings import EventSourceSettings
from eventsource.spec import EventSource

LEAST_BYTES = 2 * 1024 * 1024
"""Bytes of bodies that one queue may hold, however many queues there are."""

GARBAGE = 5000
"""New objects after which the collector looks for garbage: Python's 700 are six messages of ours."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that is known before the network is touched."""

    pod: PodSettings
    settings: EventSourceSettings
    bus_settings: BusSettings
    bus: BusConfig
    names: Names
    document: EventSource
    warnings: tuple[str, ...]

    @property
    def namespace(self) -> str:
        """Where the event source lives."""
        return self.document.metadata.namespace or self.pod.namespace


def prepare() -> Prepared:
    """Read and check all settings and the document. Raises `ConfigurationError`."""
    settings = read(EventSourceSettings)
    bus_settings = read(BusSettings)
    parsed = load(settings)
    bus = bus_config(bus_settings)
    return Prepared(
        pod=read(PodSettings),
        settings=settings,
        bus_settings=bus_settings,
        bus=bus,
        names=Names(bus_settings.stream, bus_settings.subject_prefix),
        document=parsed.value,
        warnings=(*parsed.warnings, *bus.warnings),
    )


async def run(prepared: Prepared) -> None:
    """Serve until SIGTERM."""
    source = prepared.document.metadata.name
    log.configure(level=prepared.pod.log_level, service="eventsource", eventsource=source)
    logger = structlog.get_logger("app")
    for warning in prepared.warnings:
        logger.warning("configuration.warning", why=warning)
    stop = asyncio.Event()
    health = Health(f"Argosy event source {source}")
    streams = Streams()
    bus = Bus(
        prepared.bus, prepared.names, title=f"eventsource/{source}", prepare=streams.prepare, condition=health.condition("bus")
    )

    async def announce_stop() -> None:
        await stop.wait()
        health.stopping()
        logger.info("stopping")
        await asyncio.Future()

    # What is loaded now stays: the collector need not look at it again, and new garbage is looked for less often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    async with AsyncExitStack() as connections:
        intakes = await _intakes(prepared, bus, streams, health, connections)
        health.section("Queues", lambda: [intake.row() for intake in intakes.values()])
        await serve(
            {f"queue {name}": intake.run for name, intake in intakes.items()},
            {"bus": bus.run, "health": lambda: health.run(prepared.pod.metrics_port), "stop": announce_stop},
            drain=prepared.pod.drain,
            stop=stop,
        )
    logger.info("stopped")


async def _intakes(
    prepared: Prepared, bus: Bus, streams: "Streams", health: Health, connections: AsyncExitStack
) -> dict[str, Intake]:
    events = prepared.document.spec.sqs
    source, settings = prepared.document.metadata.name, prepared.settings
    aws = Aws(prepared.bus_settings.secrets_dir)
    metrics = SourceMetrics(prepared.namespace, source)
    intakes = {}
    for name, event in events.items():
        of_queue = metrics.of(name, event.target.name)
        queue = aws.queue(event, pollers=settings.max_pollers, metrics=of_queue)
        connections.push_async_callback(queue.close)
        intakes[name] = Intake(
            Owner(prepared.namespace, source, name, leave_poison=event.dlq, wants_key=bool(event.argosy.key_path)),
            event,
            settings,
            queue=queue,
            publisher=streams.publisher(bus, source, name, of_queue),
            parking=DeadLetters(bus),
            link=bus,
            reading=health.condition(f"queue {name}"),
            deleting=health.condition(f"queue {name}, delete", failing=None),
            metrics=of_queue,
            max_bytes=max(LEAST_BYTES, settings.max_bytes_in_flight // len(events)),
        )
    return intakes


class Streams:
    """What we need on the bus, and whether the stream of events is somebody else's."""

    def __init__(self) -> None:
        self._foreign = False

    async def prepare(self, bus: Bus) -> None:
        """Make sure that it is there."""
        events = await prepare_events(bus.jetstream, bus.names, bus.config)
        await prepare_deadletters(bus.jetstream, bus.names, bus.config)
        self._foreign = events.foreign
        for warning in events.warnings:
            structlog.get_logger("app").warning("bus.stream_warning", why=warning)

    def publisher(self, bus: Bus, source: str, event: str, metrics: QueueMetrics) -> Headroom:
        """Give the publisher of one queue; on a foreign stream it minds the unread events."""

        async def look() -> Room:
            return await room(bus.client, bus.names.stream, bus.names.event(source, event)) if self._foreign else EVERYTHING

        return Headroom(BusPublisher(bus, source, event), look, metrics)


def main() -> None:
    """Run the event source; the exit code tells how it ended."""
    process.run(prepare, run)
