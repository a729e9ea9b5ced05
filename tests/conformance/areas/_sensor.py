"""A whole sensor as it runs, over doubles in memory: what it does with messages from the bus, one after the other."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import orjson

from common import cloudevent
from common.cloudevent import CloudEvent
from common.errors import Rejected, ServiceError
from common.subjects import Names
from sensor import rules
from sensor.action import Action
from sensor.dependencies.accept import Scripts, Wish
from sensor.dependencies.filters import Errored, Prepared, RunScript, Verdict
from sensor.dependencies.filters import Rejected as FilterSaysNo
from sensor.gate import Gate, Gates
from sensor.joining import Joining
from sensor.memory import Memory
from sensor.metrics import JoinMetrics, TriggerMetrics
from sensor.pipeline import Line
from sensor.plan import Planned, plan
from sensor.ports import Envelope, Fired, Firing, Preview, Reach, Target, Trigger
from sensor.settle import REASONS
from sensor.triggers import Surroundings
from sensor.triggers.shared import Shared
from tests.fakes_sensor import FakeAttempts, FakeCluster, FakeDelivery, FakeJoinState, FakeLedger, FakeParking

SCRIPTS = {"transform_error", "script_timeout", "script_died"}


@dataclass
class NotingCluster(FakeCluster):
    """An API server that notes what was changed, in order."""

    actions: list[dict[str, Any]] = field(default_factory=list)

    async def create(self, target: Target, namespace: str, body: bytes) -> None:
        """Create, and note it."""
        await super().create(target, namespace, body)
        self._note("create", target, namespace, object=orjson.loads(body))

    async def update(self, target: Target, namespace: str, name: str, body: bytes) -> None:
        """Update, and note it."""
        await super().update(target, namespace, name, body)
        self._note("update", target, namespace, object=orjson.loads(body))

    async def patch(self, target: Target, namespace: str, name: str, body: bytes, strategy: str) -> None:
        """Patch, and note it."""
        await super().patch(target, namespace, name, body, strategy)
        self._note("patch", target, namespace, name=name, patchType=strategy, patch=orjson.loads(body))

    async def delete(self, target: Target, namespace: str, name: str) -> bool:
        """Delete, and note it if there was something to delete."""
        found = await super().delete(target, namespace, name)
        if found:
            self._note("delete", target, namespace, name=name)
        return found

    def _note(self, verb: str, target: Target, namespace: str, **more: object) -> None:
        resource = f"{target.api_version}/{plural(target.kind)}"
        self.actions.append({"verb": verb, "resource": resource, "namespace": namespace, **more})


def plural(kind: str) -> str:
    """Guess as Go does (UnsafeGuessKindToResource of apimachinery)."""
    lower = kind.lower()
    if lower.endswith("s"):
        return f"{lower}es"
    return f"{lower[:-1]}ies" if lower.endswith("y") else f"{lower}s"


@dataclass
class Run:
    """One attempt of a trigger: by which events, what it changed, and what went wrong."""

    events: Mapping[str, CloudEvent]
    digest: str
    actions: list[dict[str, Any]]
    error: str | None = None

    @property
    def triggered_by(self) -> list[str]:
        """The dependencies of the events."""
        return sorted(self.events)


class NotingTrigger:
    """A trigger that notes each attempt."""

    def __init__(self, trigger: Trigger, cluster: NotingCluster, runs: list[Run]) -> None:
        self._trigger = trigger
        self._cluster = cluster
        self.runs = runs

    @property
    def needs_cluster(self) -> bool:
        """As the trigger has it."""
        return self._trigger.needs_cluster

    @property
    def reach(self) -> Reach | None:
        """As the trigger has it."""
        return self._trigger.reach

    async def fire(self, firing: Firing) -> Fired:
        """Fire, and note it."""
        self._cluster.actions = []
        run = Run(firing.events, firing.digest, self._cluster.actions)
        self.runs.append(run)
        try:
            return await self._trigger.fire(firing)
        except ServiceError as error:
            run.error = str(error)
            raise

    async def find(self, firing: Firing) -> Fired | None:
        """Look."""
        return await self._trigger.find(firing)

    async def preview(self, firing: Firing) -> Preview:
        """Tell."""
        return await self._trigger.preview(firing)


@dataclass
class NotingFilters:
    """The filters of a dependency, which note what they say."""

    dependency: str
    inner: Prepared
    notes: list[dict[str, str]]

    async def judge(self, event: CloudEvent, run: RunScript) -> Verdict:
        """Judge, and note it."""
        verdict = await self.inner.judge(event, run)
        if isinstance(verdict, FilterSaysNo | Errored):
            self.notes.append({"dependency": self.dependency, "filter": "no" if isinstance(verdict, FilterSaysNo) else "error"})
        return verdict


@dataclass
class Step:
    """What one trigger did with one message: `outcome` is the label under which it was counted; `again`: it had been there."""

    outcome: str
    notes: list[dict[str, str]]
    runs: list[Run]
    parked: tuple[str, ...] = ()
    again: bool = False


@dataclass
class LiveTrigger:
    """One trigger of a sensor at work."""

    planned: Planned
    namespace: str
    sensor: str
    cluster: NotingCluster
    scripts: Scripts

    def __post_init__(self) -> None:
        stop = asyncio.Event()
        ledger = FakeLedger()
        memory = Memory(ledger, ledger, stop=stop)
        gates = Gates(Gate.stop(stop, lambda _: None), Gate.breaker(stop, lambda _: None))
        owner = (self.namespace, self.sensor, self.planned.name)
        self._notes: list[dict[str, str]] = []
        self._seen: set[str] = set()
        self._parking = FakeParking()
        self.joins = FakeJoinState()
        self._trigger = NotingTrigger(self.planned.fires, self.cluster, [])
        wishes = {name: self._noting(name, wish) for name, wish in self.planned.wishes.items()}
        self.line = Line(
            replace(self.planned, fires=self._trigger, wishes=wishes),
            namespace=self.namespace,
            sensor=self.sensor,
            gates=gates,
            memory=memory,
            attempts=FakeAttempts(),
            parking=self._parking,
            scripts=self.scripts,
            metrics=TriggerMetrics(*owner, REASONS),
            stop=stop,
            joining=self._joining(owner, memory),
            dlq=self._instead(gates),
        )

    def _joining(self, owner: tuple[str, str, str], memory: Memory) -> Joining | None:
        rule = self.planned.join
        if rule is None:
            return None
        metrics = JoinMetrics(*owner)
        return Joining(rule, self.joins, owner=owner, schedules=(), memory=memory, parking=self._parking, metrics=metrics)

    def _instead(self, gates: Gates) -> Action | None:
        dlq = self.planned.dlq
        if dlq is None:
            return None
        fires = NotingTrigger(dlq.fires, self.cluster, self._trigger.runs)
        return Action(dlq.name, fires, dlq.strategy, gates, TriggerMetrics(self.namespace, self.sensor, dlq.name, REASONS))

    async def give(self, number: int, message: bytes, *existing: Mapping[str, Any], stored: float = 0.0) -> Step:
        """Handle one message; on the API server is what exists, and nothing left by those before."""
        self.cluster.objects = {_place(one): dict(one) for one in existing}
        self._notes.clear()
        self._trigger.runs.clear()
        self._parking.letters.clear()
        before = Counter(self.line.counts)
        # The bus drops what it knows; what it has forgotten comes with a word that it may not be the first time.
        ident = _identity(message)
        again = ident in self._seen
        deliveries = 2 if again else 1
        envelope = Envelope("default.source.event", message, sequence=100 + number, deliveries=deliveries, stored=stored)
        await self.line.handle(FakeDelivery(envelope))
        self._seen.add(ident)
        (outcome,) = Counter(self.line.counts) - before
        letters = self._parking.letters
        self._notes += [
            {"dependency": letter.detail.split(" ")[1].rstrip(":"), "transform": "error"}
            for letter in letters
            if letter.reason in SCRIPTS
        ]
        reasons = tuple(letter.reason for letter in letters)
        return Step(outcome, list(self._notes), list(self._trigger.runs), reasons, again)

    def _noting(self, name: str, wish: Wish) -> Wish:
        if wish.filters is None:
            return wish
        return replace(wish, filters=cast("Prepared", NotingFilters(name, wish.filters, self._notes)))


def _place(made: Mapping[str, Any]) -> tuple[str, str, str]:
    metadata = made["metadata"]
    return metadata.get("namespace", ""), made["kind"], metadata["name"]


def _identity(message: bytes) -> str:
    try:
        return cloudevent.load(message).id
    except Rejected:
        return ""


def live(document: Mapping[str, Any], scripts: Scripts, shared: Shared | None = None) -> list[LiveTrigger]:
    """Make a sensor ready as its pod does; connections are opened in `shared`. Raises `ConfigurationError`."""
    sensor = rules.read(document).value
    namespace = sensor.metadata.namespace or "default"
    cluster = NotingCluster()
    around = Surroundings(sensor.metadata.name, namespace, cluster, shared=shared or Shared())
    triggers = plan(sensor, around, Names())
    return [LiveTrigger(planned, namespace, sensor.metadata.name, cluster, scripts) for planned in triggers]
