"""How `argosy validate` reads each kind of document: with the code of the pods, as far as it needs no pod."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from argosy import eventbus
from common import documents
from common.documents import Parsed
from common.subjects import Names
from eventsource.document import check
from eventsource.spec import EventSource
from sensor import rules
from sensor.plan import plan
from sensor.ports import Cluster
from sensor.spec import ArtifactSource, Sensor, Trigger
from sensor.triggers import Surroundings
from sensor.triggers.sources import Folders

_ANY_OBJECT = ArtifactSource(resource={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "any-"}})


def event_source(document: object) -> Parsed[EventSource]:
    """Read an EventSource. Raises `ConfigurationError` with every fault."""
    return check(document)


def sensor(document: object) -> Parsed[Sensor]:
    """Read a Sensor and make its triggers ready, as the pod does at its start. Raises `ConfigurationError`."""
    parsed = rules.read(document)
    mounted: list[str] = []
    triggers = tuple(_without_mounts(trigger, index, mounted) for index, trigger in enumerate(parsed.value.spec.triggers))
    ready = parsed.value.model_copy(update={"spec": parsed.value.spec.model_copy(update={"triggers": triggers})})
    namespace = ready.metadata.namespace or "default"
    # No trigger fires here, so none needs a cluster.
    around = Surroundings(ready.metadata.name, namespace, cast("Cluster", None), Folders())
    plan(ready, around, Names())
    return Parsed(parsed.value, (*parsed.warnings, *mounted))


READERS: Mapping[str, Callable[[object], Parsed[Any]]] = {
    "EventBus": eventbus.read,
    "EventSource": event_source,
    "Sensor": sensor,
}
"""The kinds that are read."""


def _without_mounts(trigger: Trigger, index: int, mounted: list[str]) -> Trigger:
    """Put some object in the place of one that only the pod can read, and say so."""
    template = trigger.template
    if template is None or template.k8s is None or template.k8s.source is None:
        return trigger
    source = template.k8s.source
    if source.inline is not None or (source.file is None and source.configmap is None):
        return trigger
    part = "file" if source.file is not None else "configmap"
    place = documents.path(("spec", "triggers", index, "template", "k8s", "source", part))
    mounted.append(f"{place}: not looked at, only the pod has it")
    k8s = template.k8s.model_copy(update={"source": _ANY_OBJECT})
    return trigger.model_copy(update={"template": template.model_copy(update={"k8s": k8s})})
