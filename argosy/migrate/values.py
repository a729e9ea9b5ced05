"""The documents together → the values of one release: one namespace, one bus."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from argosy import encoded
from argosy.migrate import bus
from argosy.migrate.items import Item, item, other_kinds
from argosy.migrate.note import Note, Weight
from argosy.readers import READERS
from common.documents import Parsed
from common.errors import ConfigurationError

GROUP = "argoproj.io"
BUS = "default"
"""The bus of whoever names none."""
BASE64 = [{"name": "EVENTSOURCE_BODY_ENCODING", "value": "base64"}]
Document = Mapping[str, Any]


@dataclass
class Values:
    """What the documents become, and what is to be said about them."""

    text_bodies: bool
    sources: dict[str, Item] = field(default_factory=dict)
    sensors: dict[str, Item] = field(default_factory=dict)
    buses: dict[str, bus.Values] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)

    def add(self, file: str, document: Any) -> None:  # noqa: ANN401 - any YAML
        """Take one document in."""
        where = f"{file}: {_title(document)}"
        kind = document.get("kind") if isinstance(document, Mapping) else None
        group = str(document.get("apiVersion", GROUP)).partition("/")[0] if isinstance(document, Mapping) else ""
        if not isinstance(kind, str) or not kind:
            self._say(Weight.REFUSED, where, ["an object with a kind is wanted"])
        elif kind not in READERS or group != GROUP:
            self._say(Weight.SKIPPED, where, ["a kind that Argosy does not read; it stays as it is"])
        else:
            self._take(where, kind, document)

    def result(self) -> dict[str, Any] | None:
        """Give the values, or None if they cannot be those of one release; then it is said why."""
        wanted = {entry["spec"].get("eventBusName") or BUS for entry in (*self.sources.values(), *self.sensors.values())}
        for what, found in (("namespaces", self.namespaces), ("buses", wanted)):
            if len(found) > 1:
                told = f"{', '.join(sorted(found))}: a release of the chart has one; migrate the documents of each alone"
                self._say(Weight.REFUSED, f"{len(found)} {what}", [told])
        if len(self.namespaces) > 1 or len(wanted) > 1:
            return None
        self._strangers()
        values: dict[str, Any] = dict(self._bus(next(iter(wanted), BUS)))
        if self.sources and not self.text_bodies:
            values["eventSourceDefaults"] = {"env": BASE64}
        if self.sources:
            values["eventSources"] = self.sources
        if self.sensors:
            values["sensors"] = self.sensors
        return values

    def _take(self, where: str, kind: str, document: Document) -> None:
        others = other_kinds(document) if kind == "EventSource" else []
        if others:
            self._say(Weight.REFUSED, where, [f"spec.{key}: Argosy reads SQS; leave this to Argo Events" for key in others])
            document = {**document, "spec": {key: value for key, value in document["spec"].items() if key not in others}}
        try:
            parsed: Parsed[Any] = READERS[kind](document)
        except ConfigurationError as error:
            self._say(Weight.REFUSED, where, error.faults)
            return
        silenced = () if self.text_bodies else encoded.hints(document)
        self._say(Weight.NOTE, where, [warning for warning in parsed.warnings if warning not in silenced])
        given = document.get("metadata")
        metadata = given if isinstance(given, Mapping) else {}
        self.namespaces |= {str(metadata["namespace"])} if metadata.get("namespace") else set()
        if kind == "EventBus":
            self._take_bus(where, str(metadata.get("name") or BUS), parsed)
        else:
            self._take_item(where, self.sources if kind == "EventSource" else self.sensors, document)

    def _take_bus(self, where: str, name: str, parsed: Parsed[Any]) -> None:
        notes: list[str] = []
        self.buses[name] = bus.values(parsed.value, notes)
        self._say(Weight.NOTE, where, notes)

    def _take_item(self, where: str, items: dict[str, Item], document: Document) -> None:
        name = str(document["metadata"]["name"])
        if name in items:
            self._say(Weight.REFUSED, where, ["metadata.name: there is one of this name already"])
            return
        left_out: list[str] = []
        items[name] = item(document, left_out)
        self._say(Weight.LEFT_OUT, where, left_out)

    def _bus(self, wanted: str) -> bus.Values:
        for name in self.buses.keys() - {wanted}:
            self._say(Weight.LEFT_OUT, f"EventBus/{name}", ["nothing among these documents uses it"])
        if wanted not in self.buses:
            if self.sources or self.sensors:
                self._say(
                    Weight.NOTE, f"EventBus/{wanted}", ["none of these documents gives it: the chart brings a NATS of its own"]
                )
            return {}
        return self.buses[wanted]

    def _strangers(self) -> None:
        """Name the events that come from elsewhere: they do not reach a bus that is new."""
        ours = {(source, event) for source, entry in self.sources.items() for event in entry["spec"].get("sqs") or ()}
        for name, sensor in self.sensors.items():
            for index, dependency in enumerate(sensor["spec"].get("dependencies") or ()):
                source, event = dependency.get("eventSourceName"), dependency.get("eventName")
                if (source, event) not in ours:
                    told = f"{source}/{event} comes from none of these event sources; it has to reach the same bus"
                    self._say(Weight.NOTE, f"Sensor/{name}", [f"spec.dependencies[{index}]: {told}"])

    def _say(self, weight: Weight, where: str, lines: Iterable[str]) -> None:
        self.notes += [Note(weight, where, line) for line in lines]


def _title(document: Any) -> str:  # noqa: ANN401 - any YAML
    if not isinstance(document, Mapping):
        return "document"
    metadata = document.get("metadata")
    return f"{document.get('kind') or 'document'}/{metadata.get('name') or '?' if isinstance(metadata, Mapping) else '?'}"
