"""Working doubles of the sensor's ports: they keep state like the real things, and fail when a test says so."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import asyncio
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from common.cloudevent import CloudEvent, dump
from common.deadletters import DeadLetter
from common.errors import Failed, ServiceError
from sensor.action import Action
from sensor.dependencies.accept import Scripts, Wish
from sensor.dependencies.join import Body, Index, Rule
from sensor.gate import Gate, Gates
from sensor.joining import Joining
from sensor.memory import Memory
from sensor.metrics import JoinMetrics, TriggerMetrics
from sensor.pipeline import Line
from sensor.plan import Planned
from sensor.ports import APPLY, Envelope, Fired, Firing, Missing, NameTaken, Preview, Reach, Target, Tried
from sensor.settle import REASONS, Strategy

T = TypeVar("T")


@dataclass
class Failing:
    """What every double can do: fail its next calls in the given way."""

    failures: list[Exception] = field(default_factory=list)

    def _maybe_fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class FakeCluster(Failing):
    """An API server that keeps objects by namespace, kind and name."""

    objects: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    cluster_wide: frozenset[str] = frozenset({"Namespace"})
    denied: frozenset[str] = frozenset()
    patches: list[tuple[str, str, Any]] = field(default_factory=list)
    commits_first: bool = False
    """Whether a create that fails has made its object all the same, as when only the answer was lost."""

    async def create(self, target: Target, namespace: str, body: bytes) -> None:
        """Create, as the API server does."""
        made = json.loads(body)
        key = (namespace, target.kind, made["metadata"]["name"])
        if not self.commits_first:
            self._maybe_fail()
        if key in self.objects:
            raise NameTaken(f"{key[2]} exists")
        self.objects[key] = made
        self._maybe_fail()

    async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Get, as the API server does."""
        return self.objects.get((namespace, target.kind, name))

    async def update(self, target: Target, namespace: str, name: str, body: bytes) -> None:
        """Update, as the API server does."""
        self._maybe_fail()
        self._replace((namespace, target.kind, name), json.loads(body))

    async def patch(self, target: Target, namespace: str, name: str, body: bytes, strategy: str) -> None:
        """Patch by merging, whatever the strategy; applying creates what is not there."""
        self._maybe_fail()
        key, patch = (namespace, target.kind, name), json.loads(body)
        if strategy == APPLY and key not in self.objects:
            self.objects[key] = patch
            return
        self._replace(key, _merged(self.objects.get(key), patch))
        self.patches.append((name, strategy, patch))

    def _replace(self, key: tuple[str, str, str], new: dict[str, Any]) -> None:
        """Put an object in the place of another; one that was put there with a version gets the next one."""
        if key not in self.objects:
            raise Missing(f"{key[2]} is not there")
        version = self.objects[key]["metadata"].get("resourceVersion")
        if new["metadata"].get("resourceVersion", version) != version:
            raise Failed(f"{key[2]} has been modified")
        if version is not None:
            new["metadata"]["resourceVersion"] = str(int(version) + 1)
        self.objects[key] = new

    async def delete(self, target: Target, namespace: str, name: str) -> bool:
        """Delete, as the API server does."""
        self._maybe_fail()
        return self.objects.pop((namespace, target.kind, name), None) is not None

    async def namespaced(self, target: Target) -> bool:
        """Say whether the kind lives in a namespace."""
        return target.kind not in self.cluster_wide

    async def allowed(self, target: Target, namespace: str, verb: str) -> bool:  # noqa: ARG002 - the port's signature
        """Say whether the verb is allowed."""
        self._maybe_fail()
        return verb not in self.denied


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    kept = {key: value for key, value in old.items() if key not in new or new[key] is not None}
    return kept | {key: _merged(old.get(key), value) for key, value in new.items() if value is not None}


@dataclass
class FakeLedger(Failing):
    """A ledger in memory, and a bus that is there unless a test says otherwise."""

    entries: list[str] = field(default_factory=list)
    connected: bool = True
    back: asyncio.Event = field(default_factory=asyncio.Event)

    async def append(self, digest: str) -> None:
        """Remember."""
        self._maybe_fail()
        self.entries.append(digest)

    async def holds(self, digest: str) -> bool:
        """Say whether it is remembered."""
        self._maybe_fail()
        return digest in self.entries

    async def lately(self, digest: str) -> bool:
        """Say whether it is remembered: nothing is old here."""
        return await self.holds(digest)

    async def wait_connected(self) -> None:
        """Wait for the bus."""
        if not self.connected:
            await self.back.wait()


@dataclass
class FakeAttempts(Failing):
    """Attempts in memory."""

    kept: dict[str, Tried] = field(default_factory=dict)

    async def load(self, digest: str) -> Tried:
        """Give them."""
        self._maybe_fail()
        return self.kept.get(digest, Tried())

    async def save(self, digest: str, tried: Tried) -> None:
        """Keep them."""
        self._maybe_fail()
        self.kept[digest] = tried

    async def forget(self, digest: str) -> None:
        """Forget them."""
        self.kept.pop(digest, None)


@dataclass
class FakeJoinState(Failing):
    """The state of a join in memory; what several lines share, they share."""

    index: Index = field(default_factory=Index)
    gone: set[int] = field(default_factory=set)
    bodies: dict[str, Body] = field(default_factory=dict)

    async def load(self) -> Index:
        """Give the index."""
        self._maybe_fail()
        return self.index

    async def change(self, step: Callable[[Index], tuple[Index, T]]) -> T:
        """Change the index; a failure may strike before or after."""
        self._maybe_fail()
        self.index, result = step(self.index)
        self._maybe_fail()
        return result

    async def keep(self, digest: str, body: Body) -> None:
        """Store an event."""
        self._maybe_fail()
        self.bodies[digest] = body

    async def body(self, digest: str) -> Body | None:
        """Give an event."""
        self._maybe_fail()
        return self.bodies.get(digest)

    async def drop(self, digests: Collection[str]) -> None:
        """Delete events."""
        self._maybe_fail()
        for digest in digests:
            self.bodies.pop(digest, None)

    async def now(self) -> float:
        """Give our own time."""
        self._maybe_fail()
        return time.time()

    async def sweep(self) -> int:
        """Find nothing to delete: nothing crashes here."""
        return 0

    async def lost(self, sequence: int) -> bool:
        """Say whether the bus has an event no more."""
        self._maybe_fail()
        return sequence in self.gone


@dataclass
class FakeParking(Failing):
    """Dead letters in memory."""

    letters: list[DeadLetter] = field(default_factory=list)

    async def park(self, letter: DeadLetter) -> None:
        """Keep one."""
        self._maybe_fail()
        self.letters.append(letter)


@dataclass
class FakeDelivery:
    """A delivery that remembers what was said about it."""

    envelope: Envelope
    early: bool = False
    uncounted: bool = False
    stale: bool = False
    said: str = ""
    after: float = 0.0

    def is_stale(self) -> bool:
        """Say so."""
        return self.stale

    async def ack(self) -> None:
        """Settle it."""
        assert not self.said, "settled twice"
        self.said = "ack"

    async def nak(self, after: float) -> None:
        """Give it back."""
        assert not self.said, "settled twice"
        self.said, self.after = "nak", after


class FakeScripts:
    """Scripts that are written in Python; `lower` is the only program there is."""

    async def run(self, language: str, program: str, data: bytes) -> bytes:
        """Run one of them."""
        if program != "lower":
            raise ValueError(f"{language} knows no {program}")
        return data.lower()

    async def accepts(self, script: str, data: bytes) -> bool:
        """Accept data that holds the script's text."""
        return script.encode() in data


@dataclass
class FakeTrigger(Failing):
    """A trigger that remembers its firings, and finds those whose target still has them."""

    fired: list[str] = field(default_factory=list)
    there: set[str] = field(default_factory=set)
    needs_cluster: bool = True
    reach: Reach | None = None

    async def fire(self, firing: Firing) -> Fired:
        """Fire."""
        self._maybe_fail()
        if firing.digest in self.there:
            return Fired("duplicate", "it is there")
        self.fired.append(firing.digest)
        self.there.add(firing.digest)
        return Fired("fired", "it was made")

    async def find(self, firing: Firing) -> Fired | None:
        """Find."""
        return Fired("duplicate", "it is there") if firing.digest in self.there else None

    async def preview(self, firing: Firing) -> Preview:
        """Tell."""
        return Preview("fire", {"digest": firing.digest})


def event(number: int = 1, **over: Any) -> CloudEvent:
    """Make an event of our event source."""
    fields: dict[str, Any] = {
        "id": f"{number:032x}",
        "source": "orders",
        "type": "sqs",
        "subject": "created",
        "datacontenttype": "application/json",
        "time": "2026-01-01T00:00:00Z",
        "data": json.dumps({"body": f"body {number}"}).encode(),
    }
    return CloudEvent(**(fields | over))


def delivery(what: CloudEvent | bytes | None = None, *, early: bool = False, stale: bool = False, **over: Any) -> FakeDelivery:
    """Make a delivery of an event."""
    what = event() if what is None else what
    body = what if isinstance(what, bytes) else dump(what)
    fields: dict[str, Any] = {"subject": "default.orders.created", "body": body, "sequence": 7, "stored": 1.0}
    return FakeDelivery(Envelope(**(fields | over)), early=early, stale=stale)


@dataclass
class World:
    """One line with all its doubles."""

    name: str = "t"
    strategy: Strategy = field(default_factory=Strategy)
    wants: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=lambda: {("orders", "created"): ("order",)})
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    scripts: Scripts = field(default_factory=FakeScripts)
    trigger: FakeTrigger = field(default_factory=FakeTrigger)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    attempts: FakeAttempts = field(default_factory=FakeAttempts)
    parking: FakeParking = field(default_factory=FakeParking)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    changes: list[str | None] = field(default_factory=list)
    rule: Rule | None = None
    patience: float = 0.0
    joins: FakeJoinState = field(default_factory=FakeJoinState)
    instead: FakeTrigger | None = None

    def __post_init__(self) -> None:
        self.gates = Gates(Gate.stop(self.stop, self.changes.append), Gate.breaker(self.stop, self.changes.append))
        planned = Planned(
            self.name, self.trigger, self.wants, {"default.orders.created": "group-1"}, self.strategy, None, self.wishes
        )
        self.metrics = TriggerMetrics("ns", "s", "t", REASONS)
        memory = Memory(self.ledger, self.ledger, stop=self.stop)
        self.joining = None
        if self.rule:
            self.joining = Joining(
                self.rule,
                self.joins,
                owner=("ns", "s", "t"),
                schedules=(),
                memory=memory,
                parking=self.parking,
                metrics=JoinMetrics("ns", "s", "t"),
                patience=self.patience,
            )
        dlq = None
        if self.instead:
            dlq = Action("d", self.instead, self.strategy, self.gates, TriggerMetrics("ns", "s", "d", REASONS))
        self.line = Line(
            planned,
            namespace="ns",
            sensor="s",
            gates=self.gates,
            memory=memory,
            attempts=self.attempts,
            parking=self.parking,
            scripts=self.scripts,
            metrics=self.metrics,
            stop=self.stop,
            joining=self.joining,
            dlq=dlq,
        )

    async def give(self, *deliveries: FakeDelivery) -> None:
        """Handle deliveries, one after the other."""
        for one in deliveries:
            await self.line.handle(one)


def fail(*errors: ServiceError) -> list[Exception]:
    """Write down failures for a double."""
    return list(errors)
