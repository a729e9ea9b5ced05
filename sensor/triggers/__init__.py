"""The kinds of triggers, each behind one small interface (`sensor.ports.Trigger`), and how a document's becomes one.

A further kind is a file here and a row in `KINDS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from common import documents
from common.errors import ConfigurationError
from sensor import parameters
from sensor.ports import Cluster, Trigger
from sensor.spec import Parameter, TriggerTemplate
from sensor.triggers import sources
from sensor.triggers.k8s import K8sTrigger
from sensor.triggers.log import LogTrigger
from sensor.triggers.sources import Folders


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a trigger may need of the sensor around it."""

    sensor: str
    namespace: str
    cluster: Cluster
    folders: Folders = field(default_factory=Folders)


_OPERATIONS = frozenset({"", "create"})

Construct = Callable[[TriggerTemplate, Surroundings, str], Trigger]
"""Makes a trigger of its template; the text is the template's place in the document."""


def _k8s(template: TriggerTemplate, around: Surroundings, place: str) -> Trigger:
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


def _log(template: TriggerTemplate, _: Surroundings, __: str) -> Trigger:
    return LogTrigger(name=template.name)


KINDS: dict[str, Construct] = {"k8s": _k8s, "log": _log}
"""In Argo Events' order: of several kinds in one template, the first counts."""


def construct(template: TriggerTemplate, around: Surroundings, place: str) -> Trigger:
    """Make the trigger that a template describes. Raises `ConfigurationError`."""
    for kind, make in KINDS.items():
        if getattr(template, kind) is not None:
            return make(template, around, place)
    raise ConfigurationError(f"{place}: invalid trigger {template.name}, could not find an implementation")


def prepared(entries: Sequence[Parameter], place: str) -> parameters.Prepared:
    """Work out what can be known of a document's parameters before an event comes."""
    return parameters.prepare([_parameter(entry) for entry in entries], place=documents.path((), place))


def _parameter(entry: Parameter) -> parameters.Parameter:
    source = entry.src
    if source is None:
        raise ConfigurationError("parameter source can't be empty")
    return parameters.Parameter(
        parameters.Source(
            dependency_name=source.dependency_name,
            context_key=source.context_key,
            context_template=source.context_template,
            data_key=source.data_key,
            data_template=source.data_template,
            value=source.value,
            use_raw_data=source.use_raw_data,
        ),
        dest=entry.dest,
        operation=entry.operation,
    )
