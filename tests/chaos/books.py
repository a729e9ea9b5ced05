"""The books: what each message is owed by each trigger that reads it, and what became of it, now and later.

A good message has one Workflow with exactly its body; one that can never work is one dead letter with its bytes; one that waits
for others where only the last counts has one Workflow, or the ledger knows that it was overtaken. Nothing twice, nothing else.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from argosy.servers.kubeclient import WORKFLOWS
from common import cloudevent
from common.cloudevent import CloudEvent
from common.deadletters import letter
from eventsource.identity import event_id
from sensor import identity
from sensor.ledger import RECORD
from tests.chaos import documents, stores
from tests.chaos.stores import NAMES, Stored
from tests.chaos.traffic import LEFT, ORDER, RIGHT, Kind, Message, Traffic, named
from tests.chaos.world import World

THE_SOURCE = "the source"


class Fate(StrEnum):
    """What may become of a message at a trigger."""

    FIRED = "fired"
    PARKED = "parked"
    OVERTAKEN = "overtaken"
    WAITING = "waiting"


_ONLY_FIRED, _ONLY_PARKED = frozenset({Fate.FIRED}), frozenset({Fate.PARKED})
_JOINS_LATEST = frozenset({Fate.FIRED, Fate.OVERTAKEN, Fate.WAITING})
Place = tuple[str, int]
"""A trigger, or the source, and the number of a message."""


def owed(message: Message) -> Mapping[str, frozenset[Fate]]:
    """Say who owes the message which fate."""
    if message.kind is Kind.NO_JSON:
        return {THE_SOURCE: _ONLY_PARKED}
    if message.event == ORDER:
        return {"order": _ONLY_FIRED}
    as_told = _ONLY_FIRED if message.kind is Kind.GOOD else _ONLY_PARKED
    if message.event == LEFT:
        return {"pair": as_told, "newest": _JOINS_LATEST}
    # A right one is parked with the left one that it meets, where that is poison.
    return {"pair": _ONLY_FIRED | _ONLY_PARKED, "newest": _JOINS_LATEST, "single": as_told}


@dataclass
class Books:
    """What was found so far. `found`: each Workflow and dead letter of a message; `strange`: what nobody was owed."""

    traffic: Traffic
    found: dict[Place, dict[str, Fate]] = field(default_factory=lambda: defaultdict(dict))
    strange: list[str] = field(default_factory=list)
    _ledger: set[bytes] = field(default_factory=set)
    _waiting: frozenset[bytes] = frozenset()
    _namespace: str = ""
    _read: Counter[str] = field(default_factory=Counter)

    def begin(self, world: World) -> None:
        """Leave out what an earlier run over the same pods left on the bus."""
        for stream in (NAMES.deadletters, NAMES.ledger):
            self._new(world, stream)

    def take(self, world: World) -> None:
        """Enter all that exists, and delete the Workflows: one that comes after that is a second one all the same."""
        self._namespace = world.rig.namespace
        by_event = {event_id(message.id): message for message in self.traffic.sent}
        for workflow in world.rig.workflows():
            self._enter_workflow(workflow)
        while world.rig.count():
            with suppress(OSError):  # thousands take a busy server longer than a client waits
                world.kube.client.delete(f"{WORKFLOWS}/namespaces/{world.rig.namespace}/workflows")
        for dead in self._new(world, NAMES.deadletters):
            self._enter_letter(dead, by_event)
        self._ledger |= {record.body for record in self._new(world, NAMES.ledger)}
        self._waiting = frozenset(bytes.fromhex(digest)[:RECORD] for digest in world.join("newest").waiting)

    def lost(self) -> list[int]:
        """Give the numbers of the messages that somebody owes something."""
        return sorted({n for (_, n), fates, _ in self._fates() if not fates})

    def doubled(self) -> list[int]:
        """Give the numbers of the messages with more than one fate at one trigger."""
        return sorted({n for (_, n), fates, _ in self._fates() if len(fates) > 1})

    def wrong(self) -> list[str]:
        """Tell what else must not be."""
        wrong = list(self.strange)
        wrong += [
            f"message {n} at {who}: {', '.join(fates)}" for (who, n), fates, may in self._fates() if set(fates.values()) - may
        ]
        due = {(who, message.number) for message in self.traffic.sent for who in owed(message)}
        wrong += [f"message {n} at {who}: {', '.join(self.found[who, n])}" for who, n in self.found.keys() - due]
        parked = Counter(
            self.traffic.sent[n].event for (who, n), fates in self.found.items() if who == "pair" and _parked(fates)
        )
        if parked[LEFT] != parked[RIGHT]:
            wrong.append(f"pair parked {parked[LEFT]} left ones with {parked[RIGHT]} right ones")
        return wrong

    def fates(self, number: int) -> list[str]:
        """Tell what became of one message, by trigger."""
        return [f"{who}: {', '.join(fates) or 'nothing'}" for (who, n), fates, _ in self._fates([number]) if n == number]

    def names(self, number: int) -> list[str]:
        """Give the names of its Workflows."""
        found = [fates for (_, n), fates in self.found.items() if n == number]
        return sorted({what.split()[1] for fates in found for what, fate in fates.items() if fate is Fate.FIRED})

    def count(self) -> Counter[str]:
        """Count the fates."""
        return Counter(str(fate) for _, fates, _ in self._fates() for fate in fates.values())

    # ------------------------------------------------------------------------------------------------------- reading

    def _fates(self, numbers: list[int] | None = None) -> Iterator[tuple[Place, Mapping[str, Fate], frozenset[Fate]]]:
        sent = self.traffic.sent
        for message in sent if numbers is None else [sent[number] for number in numbers]:
            for who, may in owed(message).items():
                place = who, message.number
                yield place, self.found.get(place) or (self._remembered(message) if Fate.OVERTAKEN in may else {}), may

    def _remembered(self, message: Message) -> Mapping[str, Fate]:
        """Look for one that joined and did not fire."""
        event = CloudEvent(event_id(message.id), documents.SOURCE, "sqs", message.event)
        digest = bytes.fromhex(identity.firing(self._namespace, documents.SENSOR, "newest", {message.event: event}))[:RECORD]
        if digest in self._waiting:
            return {"waits": Fate.WAITING}
        return {"overtaken": Fate.OVERTAKEN} if digest in self._ledger else {}

    def _new(self, world: World, stream: str) -> list[Stored]:
        start = self._read[stream] + 1
        found = world.on_bus(lambda js: stores.stored(js, stream, start))
        if found:
            self._read[stream] = found[-1].sequence
        return found

    def _enter_workflow(self, workflow: Mapping[str, Any]) -> None:
        name, spec = workflow["metadata"]["name"], workflow["spec"]
        trigger, values = spec["entrypoint"], [each.get("value", "") for each in spec["arguments"]["parameters"]]
        for event, value in zip(documents.BODIES[trigger], values, strict=False):
            seed, number = named(value)
            if trigger == "newest" and seed not in {self.traffic.seed, -1}:
                continue  # it waited since an earlier run over the same pods
            message = self.traffic.sent[number] if 0 <= number < len(self.traffic.sent) else None
            if message is None or message.event != event or not _same(value, message) or values != _values(trigger, values):
                self.strange.append(f"a Workflow with a body that was never sent: {name}: {value[:200]!r}")
            else:
                self.found[trigger, number][f"Workflow {name} ({workflow['metadata']['uid']})"] = Fate.FIRED

    def _enter_letter(self, dead: Stored, by_event: Mapping[str, Message]) -> None:
        read = letter.read(dead.subject, dead.headers, dead.body)
        message, body = by_event.get(read.identity), dead.body.decode()
        if read.kind == "sensor":
            event = cloudevent.load(dead.body)
            message, body = by_event.get(event.id), _body(event)
        if message is None or not _same(body, message):
            self.strange.append(f"a dead letter with a body that was never sent: {dead.sequence}: {dead.body[:200]!r}")
            return
        who = read.part if read.kind == "sensor" else THE_SOURCE
        self.found[who, message.number][f"dead letter {dead.sequence} ({read.reason}, {read.identity})"] = Fate.PARKED


def _parked(fates: Mapping[str, Fate]) -> bool:
    return Fate.PARKED in fates.values()


def _same(found: str, message: Message) -> bool:
    """Compare a body: a text by its bytes, JSON by what it says, for that is written anew as Argo Events does."""
    if message.event == ORDER or message.kind is Kind.NO_JSON:
        return found == message.body
    return bool(json.loads(found) == json.loads(message.body))


def _body(event: CloudEvent) -> str:
    body = json.loads(event.data or b"")["body"]
    return body if isinstance(body, str) else json.dumps(body)


def _values(trigger: str, values: list[str]) -> list[str]:
    """Give what the parameters must be, whose first ones are whole bodies."""
    bodies = dict(zip(documents.BODIES[trigger], values, strict=False))
    return [
        bodies[event] if key == "body" else json.loads(bodies[event]).get("text") for event, key in documents.TRIGGERS[trigger]
    ]
