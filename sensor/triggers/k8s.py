"""The `k8s` trigger: create an object of any kind, under a name that follows from the event.

The object is prepared once as JSON text; per event, the parameters are set in that text, and its `metadata` is written in
front. The rest of the text is never parsed, so number text and repeated keys reach the API server as they are.
"""

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from common import jsontext
from common.errors import ConfigurationError, Failed, Rejected
from sensor import identity
from sensor.parameters import Note, Prepared
from sensor.ports import Cluster, Fired, Firing, Missing, NameTaken, Preview, Reach, Target
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.triggers import sources
from sensor.triggers.entries import prepared
from sensor.triggers.splice import Spliced
from sensor.triggers.surroundings import Surroundings

LABEL_SENSOR = "events.argoproj.io/sensor"
LABEL_TRIGGER = "events.argoproj.io/trigger"
LABEL_TIME = "events.argoproj.io/action-timestamp"
"""The labels that Argo Events sets; they win over the object's own."""
TRIES = 3
"""How often in a row a name may be taken and free again, before it is called a failure."""
_OPERATIONS = frozenset({"", "create"})
_HEAD = ("metadata", "apiVersion", "kind")
ResultT = TypeVar("ResultT")
_FIRST = re.compile(r"[A-Za-z0-9_-]+(?=\.|$)")


def construct(template: TriggerTemplate, _: TriggerPolicy | None, around: Surroundings, place: str) -> "K8sTrigger":
    """Make the trigger of its template. Raises `ConfigurationError`."""
    spec = template.k8s
    if spec is None or spec.source is None:
        raise ConfigurationError(f"{place}.k8s: source: required, but missing")
    if spec.operation not in _OPERATIONS:
        raise ConfigurationError(f"{place}.k8s.operation: {spec.operation}: this version of Argosy does not support it")
    return K8sTrigger(
        sources.load(spec.source, around.folders, f"{place}.k8s.source"),
        prepared(spec.parameters, f"{place}.k8s.parameters"),
        name=template.name,
        sensor=around.sensor,
        namespace=around.namespace,
        cluster=around.cluster,
        place=f"{place}.k8s.source",
    )


@dataclass(frozen=True, slots=True)
class Made:
    """An object ready to be sent. `asked` is the namespace as given, `namespace` is empty for kinds that have none."""

    target: Target
    asked: str
    namespace: str
    name: str
    body: bytes
    notes: tuple[Note, ...]


class K8sTrigger:
    """Creates one object a firing; see `sensor.ports.Trigger`."""

    needs_cluster = True

    def __init__(
        self, resource: bytes, parameters: Prepared, *, name: str, sensor: str, namespace: str, cluster: Cluster, place: str
    ) -> None:
        head, rest = _split(resource, place)
        self._rest = Spliced.of(rest, parameters)
        self._parameters = parameters
        self._labels = {LABEL_SENSOR: sensor, LABEL_TRIGGER: name}
        self._namespace = namespace
        self._cluster = cluster
        self._metadata = head.get("metadata") or {}
        self._whole = None if _leaves_head_alone(parameters) else resource
        self.target = Target(str(head.get("apiVersion") or ""), str(head.get("kind") or ""))
        if self._whole is None and not (self.target.api_version and self.target.kind):
            raise ConfigurationError(f"{place}: the object has no apiVersion or no kind")
        if not isinstance(self._metadata, dict):
            raise ConfigurationError(f"{place}: metadata: an object is wanted")
        if self._whole is None and not (self._metadata.get("name") or self._metadata.get("generateName")):
            raise ConfigurationError(f"{place}: the object has neither metadata.name nor metadata.generateName")
        self.namespace = str(self._metadata.get("namespace") or namespace)
        known = self.target.api_version and self.target.kind
        self.reach = Reach(self.target, self.namespace) if known else None

    async def fire(self, firing: Firing) -> Fired:
        """Create the object; one that is there already counts if it is this firing's."""
        made = await self._make(firing)
        for _ in range(TRIES):
            try:
                await self._ask(made.target, made.asked, self._cluster.create(made.target, made.namespace, made.body))
            except NameTaken:
                found = await self._found(made, firing)
                if found:
                    return found
                continue
            return Fired("fired", _title(made), _words(made.notes))
        raise Failed(f"{_title(made)} is made and deleted again and again")

    async def find(self, firing: Firing) -> Fired | None:
        """Look for the object by its name."""
        made = await self._make(firing)
        found = await self._ask(made.target, made.asked, self._cluster.get(made.target, made.namespace, made.name))
        return Fired("duplicate", _title(made)) if _ours(found, firing) else None

    async def preview(self, firing: Firing) -> Preview:
        """Give the object that would be created."""
        made = await self._make(firing)
        request = {"verb": "create", "namespace": made.namespace, "object": orjson.loads(made.body)}
        return Preview(f"create {_title(made)}", request, _words(made.notes))

    async def _ask(self, target: Target, namespace: str, call: Awaitable[ResultT]) -> ResultT:
        """Ask the cluster. A kind or namespace that only the event names must not stop the trigger for all others."""
        try:
            return await call
        except Missing as error:
            if self.reach and (target, namespace) == (self.reach.target, self.reach.namespace):
                raise
            raise Failed(str(error)) from error

    async def _found(self, made: Made, firing: Firing) -> Fired | None:
        found = await self._ask(made.target, made.asked, self._cluster.get(made.target, made.namespace, made.name))
        if found is None:
            return None
        if _ours(found, firing):
            return Fired("duplicate", _title(made), _words(made.notes))
        if (found.get("metadata") or {}).get("deletionTimestamp"):
            raise Failed(f"{_title(made)} is somebody else's and is being deleted")
        raise Rejected("name_taken", f"{_title(made)} exists already and is not of this firing")

    # ------------------------------------------------------------------------------------------------- the object

    async def _make(self, firing: Firing) -> Made:
        if self._whole is None:
            applied = self._rest.apply(firing.events)
            target, metadata, rest = self.target, self._metadata, applied.document
        else:
            applied = self._parameters.apply_to_object(self._whole, firing.events)
            target, metadata, rest = _taken_apart(applied.document)
        namespace = str(metadata.get("namespace") or self._namespace)
        namespaced = await self._ask(target, namespace, self._cluster.namespaced(target))
        name = _name(metadata, firing.digest)
        head = orjson.dumps(self._filled_in(metadata, firing, name, namespace if namespaced else ""))
        body = b'{"metadata":' + head + b"," + rest[1:]
        return Made(target, namespace, namespace if namespaced else "", name, body, applied.notes)

    def _filled_in(self, metadata: Mapping[str, Any], firing: Firing, name: str, namespace: str) -> dict[str, Any]:
        filled = {key: value for key, value in metadata.items() if key != "namespace"}
        if namespace:
            filled["namespace"] = namespace
        filled["name"] = name
        stamp = {LABEL_TIME: str(int(firing.now * 1000))}
        filled["labels"] = {**_texts(metadata, "labels"), **self._labels, **stamp}
        filled["annotations"] = {**_texts(metadata, "annotations"), **_annotations(firing)}
        return filled


def _annotations(firing: Firing) -> dict[str, str]:
    events = firing.events.values()
    messages = [message for event in events if (message := identity.message_id(event))]
    annotations = {identity.FIRING: firing.digest, identity.EVENTS: ",".join(event.id for event in events)}
    if messages:
        annotations[identity.MESSAGE] = ",".join(messages)
    return annotations


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


def _taken_apart(document: bytes) -> tuple[Target, dict[str, Any], bytes]:
    try:
        head, rest = _split(document, "the object")
    except (ConfigurationError, orjson.JSONDecodeError) as error:
        raise Rejected("parameter", f"with the parameters set, no object is left: {error}") from error
    metadata = head.get("metadata")
    if not isinstance(metadata or {}, dict) or not head.get("apiVersion") or not head.get("kind"):
        raise Rejected("parameter", "with the parameters set, the object has no apiVersion, no kind or no proper metadata")
    return Target(str(head["apiVersion"]), str(head["kind"])), metadata or {}, rest


def _leaves_head_alone(parameters: Prepared) -> bool:
    """Say whether no parameter can touch the metadata, the kind or the API version."""
    for entry in parameters.entries:
        match = _FIRST.match(entry.parameter.dest)
        if match is None or match[0] in _HEAD:
            return False
    return True


def _name(metadata: Mapping[str, Any], digest: str) -> str:
    name, prefix = metadata.get("name"), metadata.get("generateName")
    if name:
        return str(name)
    if prefix:
        return identity.object_name(str(prefix), digest)
    raise Rejected("rejected", "the object has neither metadata.name nor metadata.generateName")


def _texts(metadata: Mapping[str, Any], field: str) -> dict[str, Any]:
    values = metadata.get(field)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise Rejected("rejected", f"metadata.{field}: an object is wanted")
    return values


def _ours(found: Mapping[str, Any] | None, firing: Firing) -> bool:
    annotations = ((found or {}).get("metadata") or {}).get("annotations") or {}
    return bool(annotations.get(identity.FIRING) == firing.digest)


def _title(made: Made) -> str:
    place = f"{made.namespace}/{made.name}" if made.namespace else made.name
    return f"{made.target.kind} {place}"


def _words(notes: tuple[Note, ...]) -> tuple[str, ...]:
    return tuple(f"{note.place}: {note.used} of {note.dependency} used: {note.why}" for note in notes)
