"""How `argosy validate` reads each kind of document: with the code of the pods, as far as it needs no pod."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from argosy import encoded, eventbus
from common import documents
from common.documents import Parsed
from common.subjects import Names
from eventsource.document import check
from eventsource.spec import EventSource
from sensor import rules
from sensor.plan import plan
from sensor.ports import Cluster
from sensor.spec import ArtifactSource, Sensor, Trigger
from sensor.triggers import Surroundings, plugins
from sensor.triggers.argo_server import ArgoServer
from sensor.triggers.sources import Folders

ANY_SERVER = ArgoServer("https://argo-server")
"""Where no pod's settings are, some Argo Server is taken to be there."""
_NAMELESS = frozenset({"", "create", "submit"})


def event_source(document: object) -> Parsed[EventSource]:
    """Read an EventSource. Raises `ConfigurationError` with every fault."""
    parsed = check(document)
    return Parsed(parsed.value, (*parsed.warnings, *_encoded(document)))


def sensor(document: object) -> Parsed[Sensor]:
    """Read a Sensor and make its triggers ready, as the pod does at its start. Raises `ConfigurationError`."""
    parsed = rules.read(document, plugins=plugins.names())
    ready, notes = without_mounts(parsed.value)
    namespace = ready.metadata.namespace or "default"
    # No trigger fires here, so none needs a cluster.
    around = Surroundings(ready.metadata.name, namespace, cast("Cluster", None), Folders(), argo_server=ANY_SERVER)
    plan(ready, around, Names())
    return Parsed(parsed.value, (*parsed.warnings, *notes, *_encoded(document)))


def _encoded(document: object) -> tuple[str, ...]:
    return encoded.hints(document) if isinstance(document, Mapping) else ()


def without_mounts(sensor: Sensor, here: Callable[[ArtifactSource], bool] = lambda _: False) -> tuple[Sensor, tuple[str, ...]]:
    """Put some object in the place of each that only the pod can read, and say so; `here` tells which can be read here."""
    notes: list[str] = []
    triggers = tuple(
        _without_mounts(trigger, documents.path(("spec", "triggers", index)), here, notes)
        for index, trigger in enumerate(sensor.spec.triggers)
    )
    return sensor.model_copy(update={"spec": sensor.spec.model_copy(update={"triggers": triggers})}), tuple(notes)


READERS: Mapping[str, Callable[[object], Parsed[Any]]] = {
    "EventBus": eventbus.read,
    "EventSource": event_source,
    "Sensor": sensor,
}
"""The kinds that are read."""


def _without_mounts(trigger: Trigger, place: str, here: Callable[[ArtifactSource], bool], notes: list[str]) -> Trigger:
    changed: dict[str, Any] = {}
    if trigger.dlq_trigger is not None:
        changed["dlq_trigger"] = _without_mounts(trigger.dlq_trigger, f"{place}.dlqTrigger", here, notes)
    kinds: dict[str, Any] = {}
    for kind, field in (("k8s", "k8s"), ("argoWorkflow", "argo_workflow")):
        spec = getattr(trigger.template, field, None)
        if spec is not None and spec.source is not None and (part := _mount(spec.source)) and not here(spec.source):
            notes.append(f"{place}.template.{kind}.source.{part}: not looked at, only the pod has it")
            kinds[field] = spec.model_copy(update={"source": _any_object(kind, spec.operation)})
    if trigger.template is not None and kinds:
        changed["template"] = trigger.template.model_copy(update=kinds)
    return trigger.model_copy(update=changed)


def _any_object(kind: str, operation: str) -> ArtifactSource:
    """Make an object that the operation takes."""
    metadata = {"generateName": "any-"} if operation in _NAMELESS else {"name": "any"}
    if kind == "k8s":
        return ArtifactSource(resource={"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    workflow = "WorkflowTemplate" if operation == "submit-from" else "Workflow"
    return ArtifactSource(resource={"apiVersion": "argoproj.io/v1alpha1", "kind": workflow, "metadata": metadata})


def _mount(source: ArtifactSource) -> str:
    """Name the part of the source that only the pod can read, if that is the one that counts."""
    if source.inline is not None:
        return ""
    return "file" if source.file is not None else "configmap" if source.configmap is not None else ""
