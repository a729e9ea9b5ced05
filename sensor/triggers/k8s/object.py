"""The object of a document: prepared once as JSON text, with the parameters of a firing set in it.

Its `metadata` is kept apart, as names and labels are written anew for each firing. The rest of the text is never parsed, so
number text and repeated keys reach the API server as they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from common import jsontext
from common.cloudevent import CloudEvent
from common.errors import ConfigurationError, Rejected
from sensor.parameters import Note, Prepared
from sensor.ports import Firing, Reach, Target
from sensor.triggers.splice import Spliced

_HEAD = ("metadata", "apiVersion", "kind")
_FIRST = re.compile(r"[A-Za-z0-9_-]+(?=\.|$)")


@dataclass(frozen=True, slots=True)
class Drawn:
    """An object as one firing has it: `rest` is the text of all but its metadata."""

    target: Target
    metadata: Mapping[str, Any]
    rest: bytes
    notes: tuple[Note, ...] = ()

    def body(self, metadata: Mapping[str, Any]) -> bytes:
        """Write the object with these metadata."""
        return b'{"metadata":' + orjson.dumps(metadata) + (b"}" if self.rest == b"{}" else b"," + self.rest[1:])

    def name(self) -> str:
        """Give its `metadata.name`. Raises `Rejected` where there is none."""
        name = self.metadata.get("name")
        if not name:
            raise Rejected("rejected", "the object has no metadata.name")
        return str(name)


class Source:
    """A document's object and its parameters. Raises `ConfigurationError` where it is no object."""

    needs = ""

    def __init__(self, resource: bytes, parameters: Prepared, namespace: str, place: str) -> None:
        head, rest = _split(resource, place)
        metadata = head.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise ConfigurationError(f"{place}: metadata: an object is wanted")
        self.own = Drawn(Target(str(head.get("apiVersion") or ""), str(head.get("kind") or "")), metadata, rest)
        self.is_settled = _leaves_head_alone(parameters)
        """Whether no parameter can touch the metadata, the kind or the API version."""
        self.place = place
        self._resource = resource
        self._rest = Spliced.of(rest, parameters)
        self._parameters = parameters
        self._namespace = namespace

    def require_kind(self) -> None:
        """Refuse an object without a kind, unless events may bring it. Raises `ConfigurationError`."""
        if self.is_settled and not (self.own.target.api_version and self.own.target.kind):
            raise ConfigurationError(f"{self.place}: the object has no apiVersion or no kind")

    def require_name(self, *fields: str) -> None:
        """Refuse an object that has none of these in its metadata, unless events may bring it. Raises `ConfigurationError`."""
        if self.is_settled and not any(self.own.metadata.get(field) for field in fields):
            listed = " nor ".join(f"metadata.{field}" for field in fields)
            raise ConfigurationError(f"{self.place}: the object has {'no' if len(fields) == 1 else 'neither'} {listed}")

    def reach(self, *verbs: str, target: Target | None = None) -> Reach | None:
        """Say what is done there by these verbs, as far as the document says where; with another kind, if one is given."""
        target = target or self.own.target
        namespace = str(self.own.metadata.get("namespace") or self._namespace)
        return Reach(target, namespace, verbs) if target.api_version and target.kind else None

    def draw(self, events: Mapping[str, CloudEvent]) -> Drawn:
        """Set the parameters. Raises `Rejected("parameter")`."""
        if self.is_settled:
            applied = self._rest.apply(events)
            return Drawn(self.own.target, self.own.metadata, applied.document, applied.notes)
        return self.draw_on(self._resource, events)

    def draw_on(self, document: bytes, events: Mapping[str, CloudEvent]) -> Drawn:
        """Set the parameters in another object than the document's. Raises `Rejected("parameter")`."""
        applied = self._parameters.apply_to_object(document, events)
        return _taken_apart(applied.document, applied.notes)

    def sketch(self, firing: Firing) -> Drawn:
        """Draw it, as `sensor.triggers.k8s.create` asks for it."""
        return self.draw(firing.events)

    async def complete(self, drawn: Drawn, _: Firing) -> Drawn:
        """Give it as it is: nothing is left to be looked up."""
        return drawn


def _split(resource: bytes, place: str) -> tuple[dict[str, Any], bytes]:
    """Take `metadata` out of the text of an object; give the head as values, and the text of the rest."""
    if not resource.lstrip().startswith(b"{"):
        raise ConfigurationError(f"{place}: an object is wanted")
    head: dict[str, Any] = {}
    rest = []
    for key, raw in jsontext.members(resource):
        if key in _HEAD:
            head[key] = orjson.loads(raw)
        if key != "metadata":
            rest.append(jsontext.quote(key) + b":" + raw.strip())
    return head, b"{" + b",".join(rest) + b"}"


def _taken_apart(document: bytes, notes: tuple[Note, ...]) -> Drawn:
    try:
        head, rest = _split(document, "the object")
    except (ConfigurationError, orjson.JSONDecodeError) as error:
        raise Rejected("parameter", f"with the parameters set, no object is left: {error}") from error
    metadata = head.get("metadata")
    if not isinstance(metadata or {}, dict) or not head.get("apiVersion") or not head.get("kind"):
        raise Rejected("parameter", "with the parameters set, the object has no apiVersion, no kind or no proper metadata")
    return Drawn(Target(str(head["apiVersion"]), str(head["kind"])), metadata or {}, rest, notes)


def _leaves_head_alone(parameters: Prepared) -> bool:
    for entry in parameters.entries:
        match = _FIRST.match(entry.parameter.dest)
        if match is None or match[0] in _HEAD:
            return False
    return True
