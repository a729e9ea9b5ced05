"""What a Sensor document must fulfil beyond its shape.

Argo Events' own rules first, in its order and its words (pkg/reconciler/sensor/validate.go of v1.9.11), then those that it
lacks: a document that passes here runs.
"""

import re
from collections.abc import Iterator, Sequence

from common import documents
from common.documents import Parsed
from common.errors import ConfigurationError
from common.subjects import is_token
from sensor import filter_rules
from sensor.dependencies import conditions
from sensor.spec import OTHER_KINDS, Dependency, K8sTrigger, Parameter, Sensor, Trigger, TriggerTemplate

Fault = tuple[tuple[str | int, ...], str]
"""Where, and what is wrong."""

_PARAMETER_OPERATIONS = frozenset({"", "append", "overwrite", "prepend"})
_K8S_OPERATIONS = frozenset({"", "create", "update", "patch", "delete"})
_NOT_BUILT = ("argoWorkflow", "http", "nats")
_BUILT_OPERATIONS = frozenset({"", "create"})
_DEPENDENCY_NAME = re.compile(r"[\w-]+")
_TRIGGER_NAME = re.compile(r"[-/_=.a-zA-Z0-9]+")
_LABEL_VALUE = re.compile(r"(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_RESERVED = "Expression"


def read(document: object, place: str = "") -> Parsed[Sensor]:
    """Read and check a document. Raises `ConfigurationError` with one line for each fault, in Argo Events' order."""
    parsed = documents.parse(Sensor, document, place)
    found = [f"{documents.path(where, place)}: {what}" for where, what in faults(parsed.value)]
    if found:
        raise ConfigurationError(*found)
    return parsed


def faults(sensor: Sensor) -> Iterator[Fault]:
    """Give everything that is wrong with a document."""
    yield from _dependencies(sensor.spec.dependencies)
    yield from _triggers(sensor.spec.triggers, sensor.spec.dependencies)
    if not sensor.metadata.name:
        yield ("metadata", "name"), "required, but missing"
    elif any(t.template and t.template.k8s for t in sensor.spec.triggers) and not _LABEL_VALUE.fullmatch(sensor.metadata.name):
        yield ("metadata", "name"), f"{sensor.metadata.name!r} cannot be the value of a label"


def _dependencies(dependencies: Sequence[Dependency]) -> Iterator[Fault]:
    if not dependencies:
        yield ("spec", "dependencies"), "no event dependencies found"
    for index, dependency in enumerate(dependencies):
        here = ("spec", "dependencies", index)
        if not dependency.name:
            yield (*here, "name"), "event dependency must define a name"
        if not dependency.event_source_name:
            yield (*here, "eventSourceName"), "event dependency must define the EventSourceName"
        if not dependency.event_name:
            yield (*here, "eventName"), "event dependency must define the EventName"
        for where, what in filter_rules.faults(dependency.filters):
            yield (*here, "filters", *where), what
        yield from filter_rules.operator(dependency.filters_logical_operator, (*here, "filtersLogicalOperator"))
    yield from _dependency_names(dependencies)


def _dependency_names(dependencies: Sequence[Dependency]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for index, dependency in enumerate(dependencies):
        here = ("spec", "dependencies", index)
        name = dependency.name
        twin = seen.setdefault(conditions.folded(name), name)
        if name and (not _DEPENDENCY_NAME.fullmatch(name) or name == _RESERVED):
            yield (*here, "name"), f"{name!r} cannot name a dependency: letters, digits, '-' and '_', and not {_RESERVED!r}"
        elif name and any(name == other.name for other in dependencies[:index]):
            yield (*here, "name"), f"duplicate dependency name: {name}"
        elif name and twin != name:
            yield (*here, "name"), f"{name!r} and {twin!r} are one name in conditions, where '-' and '_' are the same"
        for field, value in (("eventSourceName", dependency.event_source_name), ("eventName", dependency.event_name)):
            if value and not is_token(value):
                yield (*here, field), f"{value!r} cannot be part of a subject on the bus: no dot, blank, '*' or '>'"


def _triggers(triggers: Sequence[Trigger], dependencies: Sequence[Dependency]) -> Iterator[Fault]:
    if not triggers:
        yield ("spec", "triggers"), "no triggers found"
    names: set[str] = set()
    for index, trigger in enumerate(triggers):
        here = ("spec", "triggers", index)
        if trigger.template is None:
            yield (*here, "template"), "trigger template can't be nil"
            continue
        yield from _template(trigger.template, (*here, "template"))
        for number, parameter in enumerate(trigger.parameters):
            for field, what in _parameter(parameter):
                yield (*here, "parameters", number, *field), f"template parameter index: {number}. err: {what}"
        if trigger.template.name in names:
            yield (*here, "template", "name"), f"duplicate trigger name: {trigger.template.name}"
        names.add(trigger.template.name)
        yield from _beyond(trigger, trigger.template, dependencies, here)


def _template(template: TriggerTemplate, here: tuple[str | int, ...]) -> Iterator[Fault]:
    if not template.name:
        yield (*here, "name"), "trigger must define a name"
    if template.k8s is not None:
        for where, what in _k8s(template.k8s):
            yield (*here, "k8s", *where), f"trigger for template {template.name} is invalid, {what}"


def _k8s(trigger: K8sTrigger) -> Iterator[Fault]:
    if trigger.source is None:
        yield ("source",), "k8s trigger does not contain an absolute action"
    if trigger.operation not in _K8S_OPERATIONS:
        yield ("operation",), f"unknown operation type {trigger.operation}"
    for index, parameter in enumerate(trigger.parameters):
        for field, what in _parameter(parameter):
            yield ("parameters", index, *field), f"resource parameter index: {index}. err: {what}"


def _parameter(parameter: Parameter) -> Iterator[Fault]:
    if parameter.src is None:
        yield ("src",), "parameter source can't be empty"
    elif not parameter.src.dependency_name:
        yield ("src", "dependencyName"), "parameter dependency name can't be empty"
    elif not parameter.dest:
        yield ("dest",), "parameter destination can't be empty"
    elif parameter.operation not in _PARAMETER_OPERATIONS:
        yield ("operation",), f"parameter operation {parameter.operation} is invalid"


def _beyond(
    trigger: Trigger, template: TriggerTemplate, dependencies: Sequence[Dependency], here: tuple[str | int, ...]
) -> Iterator[Fault]:
    """Check what Argo Events accepts and then fails over, silently, when an event comes."""
    there = (*here, "template")
    if template.name and not _TRIGGER_NAME.fullmatch(template.name):
        yield (*there, "name"), f"{template.name!r} cannot name a trigger: letters, digits and - / _ = . only"
    kinds = [*OTHER_KINDS, *_NOT_BUILT]
    for kind in (kind for kind in kinds if template.model_dump(by_alias=True).get(kind) is not None):
        yield (*there, kind), "this version of Argosy does not support this kind of trigger"
    if template.k8s is None and template.log is None:
        yield there, f"invalid trigger {template.name}, could not find an implementation"
    for field, value in (("policy", trigger.policy), ("dlqTrigger", trigger.dlq_trigger), ("rateLimit", trigger.rate_limit)):
        if value is not None:
            yield (*here, field), "this version of Argosy does not support it"
    if template.conditions_reset:
        yield (*there, "conditionsReset"), "this version of Argosy does not support it"
    if template.k8s is not None:
        yield from _k8s_beyond(template.k8s, template.name, (*there, "k8s"))
    for what in _conditions(template.conditions, dependencies):
        yield (*there, "conditions"), what
    if trigger.retry_strategy is not None and trigger.retry_strategy.values().first < 0:
        yield (*here, "retryStrategy", "duration"), "a pause cannot be negative"


def _k8s_beyond(trigger: K8sTrigger, name: str, here: tuple[str | int, ...]) -> Iterator[Fault]:
    if trigger.operation in _K8S_OPERATIONS - _BUILT_OPERATIONS:
        yield (*here, "operation"), f"{trigger.operation}: this version of Argosy does not support it"
    source = trigger.source
    if source is not None and all(v is None for v in (source.inline, source.file, source.configmap, source.resource)):
        yield (*here, "source"), "none of inline, file, configmap and resource is given"
    if _TRIGGER_NAME.fullmatch(name) and not _LABEL_VALUE.fullmatch(name):
        yield (*here[:-1], "name"), f"{name!r} cannot be the value of a label, which every created object carries"


def _conditions(text: str, dependencies: Sequence[Dependency]) -> Iterator[str]:
    names = [dependency.name for dependency in dependencies]
    if not names or any(not _DEPENDENCY_NAME.fullmatch(name) for name in names):
        return
    try:
        expression = conditions.parse(text, names)
    except conditions.Malformed as error:
        yield str(error)
        return
    if expression.joins:
        hint = " (without conditions all dependencies are joined by &&)" if not text.strip() else ""
        yield f"{expression}: this version of Argosy does not support &&{hint}"
