"""The wiring of the sensor: settings and document in, roles out. The only file that knows every concrete class."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

import structlog

from common import log, process, settings, subjects
from common.bus import Bus, BusConfig, bus_config
from common.bus.register import Place, Wanted
from common.bus.streams import (
    ATTEMPTS_AGE,
    JOINS_MAX_BYTES,
    EventStream,
    prepare_bucket,
    prepare_deadletters,
    prepare_events,
    prepare_ledger,
    prepare_replays,
)
from common.deadletters import DeadLetters
from common.errors import ConfigurationError
from common.health import Health
from common.log import Seldom
from common.service import Attendant, Role, serve
from common.settings import BusSettings, PodSettings
from common.subjects import Names
from sensor import document, plan, settle
from sensor.action import Action
from sensor.cluster import KubernetesCluster, reachable_from
from sensor.consume import Channel, Consumer
from sensor.dependencies.cron import Schedule
from sensor.dependencies.join import Rule
from sensor.gate import Gate, Gates
from sensor.joining import Joining
from sensor.joinstate import BusJoin, JoinKey
from sensor.ledger import BusLedger
from sensor.leftovers import Leftovers
from sensor.limits import Limiting, Limits, Paced, paced
from sensor.memory import Memory
from sensor.metrics import ApiMetrics, JoinMetrics, TriggerMetrics
from sensor.pipeline import Line
from sensor.plan import Instead, Planned
from sensor.ports import Trigger
from sensor.scripts import Workers, require
from sensor.settings import SensorSettings
from sensor.spec import Sensor
from sensor.state import BusAttempts
from sensor.triggers import Surroundings
from sensor.triggers.argo_server import argo_server
from sensor.triggers.sources import Folders
from sensor.upkeep import Upkeep
from sensor.watch import Watch

ROLLOUT = 5
"""So many times the drain is a rollout given: until then, what joins by another document may be of pods that still work."""
REPLAYS_AT_ONCE = 16
"""Dead letters that one trigger has in hand at a time on their way back, beside its events."""


@dataclass(frozen=True)
class Prepared:
    """All that can be known before the first connection."""

    sensor: Sensor
    namespace: str
    pod: PodSettings
    own: SensorSettings
    names: Names
    bus: BusConfig
    cluster: KubernetesCluster
    around: Surroundings
    triggers: tuple[Planned, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The sensor's name."""
        return self.sensor.metadata.name


def main() -> NoReturn:
    """Run the sensor until SIGTERM."""
    process.run(prepare, run)


def prepare() -> Prepared:
    """Read everything that the environment says. Raises `ConfigurationError`; touches no network."""
    pod, bus_settings, own = settings.read(PodSettings), settings.read(BusSettings), settings.read(SensorSettings)
    parsed = document.load(own)
    sensor = parsed.value
    fields = {**sensor.spec.logging_fields, "service": "sensor", "sensorName": sensor.metadata.name}
    log.configure(**{**fields, "level": pod.log_level})
    namespace = sensor.metadata.namespace or pod.namespace
    cluster = KubernetesCluster(own.kubeconfig, in_flight=(own.in_flight + 2) * max(1, len(sensor.spec.triggers)))
    names = subjects.Names(bus_settings.stream, bus_settings.subject_prefix)
    server = argo_server(
        own.argo_server_url, own.argo_server_token_file, own.argo_server_ca_file, is_insecure=own.argo_server_insecure
    )
    folders = Folders(own.config_dir, own.secrets_dir)
    around = Surroundings(sensor.metadata.name, namespace, Paced(cluster, paced(own.in_flight)), folders, argo_server=server)
    triggers = plan.plan(sensor, around, names)
    bus = bus_config(bus_settings)
    for trigger in triggers:
        for dependency, wish in trigger.wishes.items():
            for language in wish.languages:
                require(language, f"spec.dependencies: {dependency}")
    missing = reachable_from(own.kubeconfig, os.environ)
    if missing and any(fires.needs_cluster for trigger in triggers for fires in trigger.actions):
        raise ConfigurationError(missing)
    return Prepared(
        sensor,
        namespace,
        pod,
        own,
        names,
        bus,
        cluster,
        around,
        triggers,
        (*parsed.warnings, *dict.fromkeys(w for t in triggers for w in t.warnings), *bus.warnings),
    )


async def run(prepared: Prepared) -> None:
    """Open what has to be opened, work, and close it in reverse order."""
    speaker = structlog.get_logger("sensor")
    for warning in prepared.warnings:
        speaker.warning("document.warning", text=warning)
    stop = prepared.around.stop
    workers = Workers(
        processes=prepared.own.script_processes, seconds=prepared.own.script_seconds, megabytes=prepared.own.script_megabytes
    )
    service = Service(prepared, workers, stop)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(workers)
        await stack.enter_async_context(prepared.cluster)
        await stack.enter_async_context(prepared.around.shared)
        speaker.info("sensor.starting", triggers=[t.name for t in prepared.triggers], stream=prepared.names.stream)
        await serve(service.roles, service.attendants, drain=prepared.pod.drain, stop=stop)
    speaker.info("sensor.stopped")


class Service:
    """The object graph of one sensor."""

    def __init__(self, prepared: Prepared, workers: Workers, stop: asyncio.Event) -> None:
        self._prepared = prepared
        self._workers = workers
        self._stop = stop
        self._stream = EventStream(prepared.names.stream, foreign=False)
        self._said: set[str] = set()
        self._log = structlog.get_logger("sensor")
        self._seldom = Seldom(self._log)
        self.health = Health(f"Sensor {prepared.namespace}/{prepared.name}")
        self.bus = Bus(
            prepared.bus,
            prepared.names,
            title=f"sensor {prepared.namespace}/{prepared.name} {prepared.pod.pod_name}".strip(),
            prepare=self._prepare_bus,
            condition=self.health.condition("bus"),
        )
        wanted = [
            Wanted(trigger.name, subject, consumer, trigger.start_from)
            for trigger in prepared.triggers
            for subject, consumer in trigger.consumers.items()
        ]
        self._upkeep = Upkeep(self.bus, prepared.namespace, prepared.name, wanted, grace=prepared.own.trigger_grace)
        self.health.section("Subjects", self._upkeep.rows)
        self._breaker = Gate.breaker(stop, self._on_target)
        self._memory = Memory(BusLedger(self.bus), self.bus, stop=stop)
        self._parking = DeadLetters(self.bus)
        owner = prepared.namespace, prepared.name
        self._limiting = Limiting(self.bus, owner, prepared.cluster, stop=stop, changed=self._wake)
        self._patience = ROLLOUT * prepared.pod.drain
        self._consumers: list[Consumer] = []
        self.roles: dict[str, Role] = {}
        self.attendants: dict[str, Attendant] = {
            "bus": self.bus.run,
            "health": lambda: self.health.run(prepared.pod.metrics_port),
            "upkeep": self._upkeep.run,
            "readiness": self._readiness,
        }
        actions = [fires for trigger in prepared.triggers for fires in trigger.actions]
        if any(fires.needs_cluster for fires in actions):
            self._target = self.health.condition("kubernetes")
            known = [reach for trigger in prepared.triggers for reach in trigger.reaches]
            self.attendants["kubernetes"] = Watch(prepared.cluster, known, self._target, self._breaker).run
        for trigger in prepared.triggers:
            self._add(trigger)
        joining = [trigger.name for trigger in prepared.triggers if trigger.join]
        leftovers = Leftovers(
            self.bus,
            *owner,
            joining=joining,
            make=self._join,
            older=self._upkeep.older,
            patience=self._patience,
        )
        self.attendants["leftovers"] = leftovers.run
        self.attendants |= self._limiting.attendants

    # ------------------------------------------------------------------------------------------------------- triggers

    def _add(self, trigger: Planned) -> None:
        prepared = self._prepared
        metrics = TriggerMetrics(prepared.namespace, prepared.name, trigger.name, settle.REASONS)
        limits = self._limiting.of(trigger.name, trigger.rate, trigger.max_active, trigger.fires.reach)
        joining = None if trigger.join is None else self._join(trigger.name, trigger.join, trigger.schedules)
        line = Line(
            trigger,
            namespace=prepared.namespace,
            sensor=prepared.name,
            gates=self._gates(trigger.name, trigger.fires, metrics),
            memory=self._memory,
            attempts=BusAttempts(self.bus),
            parking=self._parking,
            scripts=self._workers,
            metrics=metrics,
            stop=self._stop,
            joining=joining,
            dlq=None if trigger.dlq is None else self._instead(trigger.dlq, limits),
            turn=limits.turn,
        )
        if joining:
            self.attendants[f"join {trigger.name}"] = partial(self._keep, joining, line)
        events = [self._channel(trigger, subject) for subject in trigger.consumers]
        slots = max(1, prepared.own.in_flight // len(events))
        of_replays = self._replays(trigger), min(REPLAYS_AT_ONCE, slots)
        channels = [*((channel, slots) for channel in events), of_replays]
        consumers = [self._consumer(channel, slots, line, metrics, limits.most) for channel, slots in channels]
        self._consumers += consumers
        for consumer in consumers:
            self.roles[f"{trigger.name} {consumer.channel.subject}"] = consumer.run
        self.health.section(f"Trigger {trigger.name}", _rows(line, consumers, limits))

    def _gates(self, name: str, fires: Trigger, metrics: TriggerMetrics) -> Gates:
        own = Gate.stop(self._stop, self._on_trigger(name, metrics))
        return Gates(own, self._breaker if fires.needs_cluster else None)

    def _instead(self, dlq: Instead, limits: Limits) -> Action:
        prepared = self._prepared
        metrics = TriggerMetrics(prepared.namespace, prepared.name, dlq.name, settle.REASONS)
        gates = self._gates(dlq.name, dlq.fires, metrics)
        return Action(dlq.name, dlq.fires, dlq.strategy, gates, metrics, limits.unless_paused)

    async def _keep(self, joining: Joining, line: Line) -> None:
        await self.bus.wait_connected()
        await joining.keep(line.finish)

    def _join(self, trigger: str, rule: Rule | None = None, schedules: Sequence[Schedule] = ()) -> Joining:
        owner = (self._prepared.namespace, self._prepared.name, trigger)
        return Joining(
            rule,
            BusJoin(self.bus, JoinKey(*owner)),
            owner=owner,
            schedules=schedules,
            memory=self._memory,
            parking=self._parking,
            metrics=JoinMetrics(*owner),
            patience=self._patience,
        )

    def _channel(self, trigger: Planned, subject: str) -> Channel:
        prepared = self._prepared
        return Channel(
            stream=prepared.names.stream,
            subject=subject,
            name=trigger.consumers[subject],
            namespace=prepared.namespace,
            sensor=prepared.name,
            trigger=trigger.name,
            ack_wait=prepared.own.ack_wait,
        )

    def _replays(self, trigger: Planned) -> Channel:
        """Give the way on which the trigger's dead letters come back to it."""
        prepared = self._prepared
        owner = f"{prepared.namespace}/{prepared.name}"
        return Channel(
            stream=prepared.names.replays,
            subject=prepared.names.replay(owner, trigger.name),
            name=subjects.replayer(owner, trigger.name),
            namespace=prepared.namespace,
            sensor=prepared.name,
            trigger=trigger.name,
            ack_wait=prepared.own.ack_wait,
            replays=True,
        )

    def _consumer(self, channel: Channel, slots: int, line: Line, metrics: TriggerMetrics, most: Callable[[], int]) -> Consumer:
        return Consumer(
            self.bus,
            channel,
            slots=slots,
            handle=line.handle,
            allowed=lambda: line.gates.are_open,
            most=most,
            find=lambda: self._place(channel),
            named=lambda: self._upkeep.consumer(channel.trigger, channel.subject, channel.name),
            condition=self.health.condition(f"consumer {channel.trigger} {channel.subject}"),
            metrics=metrics,
        )

    def _on_trigger(self, name: str, metrics: TriggerMetrics) -> Callable[[str | None], None]:
        condition = self.health.condition(f"trigger {name}", failing=None)

        def changed(why: str | None) -> None:
            metrics.stopped.set(0 if why is None else 1)
            if why is None:
                condition.ok()
                self._log.info("trigger.goes_on", trigger=name)
                self._wake()
            else:
                condition.fail(why)
                self._seldom.warning(f"stopped {name}", "trigger.stopped", trigger=name, why=why)

        return changed

    def _on_target(self, why: str | None) -> None:
        ApiMetrics.unavailable.set(0 if why is None else 1)
        if why is None:
            self._target.ok()
            self._log.info("kubernetes.back")
            self._wake()
        else:
            self._target.fail(why)
            self._seldom.warning("kubernetes", "kubernetes.away", why=why)

    def _wake(self) -> None:
        for consumer in self._consumers:
            consumer.wake()

    # -------------------------------------------------------------------------------------------------------- the bus

    async def _prepare_bus(self, bus: Bus) -> None:
        """Make sure of the streams, and register all triggers in one step, before any of them starts."""
        names, config = bus.names, bus.config
        self._stream = await prepare_events(bus.jetstream, names, config)
        for warning in set(self._stream.warnings) - self._said:
            self._said.add(warning)
            self._log.warning("bus.warning", text=warning)
        await prepare_ledger(bus.jetstream, names, config)
        await prepare_deadletters(bus.jetstream, names, config)
        await prepare_replays(bus.jetstream, names, config)
        await prepare_bucket(bus.jetstream, names.attempts, config, max_age=ATTEMPTS_AGE)
        if any(trigger.join for trigger in self._prepared.triggers):
            await prepare_bucket(bus.jetstream, names.joins, config, max_bytes=JOINS_MAX_BYTES)
        await self._limiting.prepare()
        await self._upkeep.prepare(foreign=self._stream.foreign)

    async def _place(self, channel: Channel) -> Place:
        return Place(channel.name, 0) if channel.replays else (await self._upkeep.places())[channel.trigger, channel.subject]

    async def _readiness(self) -> None:
        await self._stop.wait()
        self.health.stopping()
        await asyncio.Event().wait()


def _rows(line: Line, consumers: list[Consumer], limits: Limits) -> Callable[[], list[tuple[str, str]]]:
    def rows() -> list[tuple[str, str]]:
        state = f"no: {line.gates.own.why}" if line.gates.own.why else limits.why or "at work"
        if line.gates.target is not None and line.gates.target.why:
            state = f"no: {line.gates.target.why}"
        done = ", ".join(f"{how} {count}" for how, count in sorted(line.counts.items()))
        return [
            ("state", state),
            ("waiting on the bus", str(sum(consumer.pending for consumer in consumers))),
            ("in hand", str(sum(len(consumer.held) for consumer in consumers))),
            ("so far", done or "nothing"),
            ("last failure", line.last_failure or "none"),
            *((f"consumer of {consumer.channel.subject}", consumer.channel.name) for consumer in consumers),
        ]

    return rows
