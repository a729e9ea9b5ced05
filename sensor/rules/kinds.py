"""What each kind of trigger must fulfil in its own block."""

import re
from collections.abc import Collection, Iterator

from sensor.ports import APPLY
from sensor.rules import parameters
from sensor.rules.fault import Fault
from sensor.spec import OTHER_KINDS, ArgoWorkflowTrigger, HttpTrigger, K8sTrigger, NatsTrigger, TriggerTemplate

_LABEL_VALUE = re.compile(r"(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_CREATING = frozenset({"", "create"})
_K8S_OPERATIONS = _CREATING | {"update", "patch", "delete"}
_WORKFLOW_OPERATIONS = frozenset({"submit", "submit-from", "suspend", "retry", "resume", "resubmit", "terminate", "stop"})
_METHODS = frozenset({"", "GET", "DELETE", "PATCH", "POST", "PUT"})
_JSON_PATCH = "application/json-patch+json"
_PATCHES = frozenset({"", "application/merge-patch+json", "application/strategic-merge-patch+json", APPLY})


def faults(template: TriggerTemplate) -> Iterator[Fault]:
    """Check what Argo Events' validator checks, in every block that is there."""
    if template.k8s is not None:
        for where, what in _k8s(template.k8s):
            yield ("k8s", *where), f"trigger for template {template.name} is invalid, {what}"
    if template.argo_workflow is not None:
        yield from _named("argoWorkflow", template, _argo_workflow(template.argo_workflow))
    if template.http is not None:
        yield from _named("http", template, _http(template.http))
    if template.nats is not None:
        yield from _named("nats", template, _nats(template.nats))


def beyond(template: TriggerTemplate, plugins: Collection[str]) -> Iterator[Fault]:
    """Check which kinds there are, and what Argo Events accepts although it can never work."""
    given = [field.alias or name for name, field in TriggerTemplate.model_fields.items() if getattr(template, name) is not None]
    for kind in (kind for kind in given if kind in OTHER_KINDS and kind not in plugins):
        yield (kind,), "this version of Argosy does not support this kind of trigger, and no plug-in here brings it"
    for kind in (kind for kind in template.argosy if kind not in plugins):
        yield ("argosy", kind), "no plug-in here brings this kind of trigger"
    if not {"k8s", "argoWorkflow", "http", "nats", "log", *OTHER_KINDS}.intersection(given) and not template.argosy:
        yield (), f"invalid trigger {template.name}, could not find an implementation"
    if template.k8s is not None:
        yield from _k8s_beyond(template.k8s, template.name)


def labels(template: TriggerTemplate) -> bool:
    """Say whether the trigger makes objects that carry its name, and the sensor's, as values of labels."""
    if template.k8s is not None:
        return template.k8s.operation in _CREATING
    return template.argo_workflow is not None and template.argo_workflow.operation in {"submit", "submit-from"}


def is_label(text: str) -> bool:
    """Say whether Kubernetes takes the text as the value of a label."""
    return _LABEL_VALUE.fullmatch(text) is not None


def _named(kind: str, template: TriggerTemplate, found: Iterator[Fault]) -> Iterator[Fault]:
    for where, what in found:
        yield (kind, *where), f"template {template.name} is invalid, {what}"


def _k8s(trigger: K8sTrigger) -> Iterator[Fault]:
    if trigger.source is None:
        yield ("source",), "k8s trigger does not contain an absolute action"
    if trigger.operation not in _K8S_OPERATIONS:
        yield ("operation",), f"unknown operation type {trigger.operation}"
    yield from parameters.faults(trigger.parameters, "resource parameter", ("parameters",))


def _argo_workflow(trigger: ArgoWorkflowTrigger) -> Iterator[Fault]:
    if trigger.source is None:
        yield ("source",), "argoWorkflow trigger does not contain an absolute action"
    if trigger.operation not in _WORKFLOW_OPERATIONS:
        yield ("operation",), f"unknown operation type {trigger.operation}"
    yield from parameters.faults(trigger.parameters, "resource parameter", ("parameters",))


def _http(trigger: HttpTrigger) -> Iterator[Fault]:
    if not trigger.url:
        yield ("url",), "server URL is not specified"
    if trigger.method not in _METHODS:
        yield ("method",), "only GET, DELETE, PATCH, POST and PUT methods are supported"
    yield from parameters.faults(trigger.parameters, "resource parameter", ("parameters",))
    yield from parameters.faults(trigger.payload or (), "payload", ("payload",), dest_optional=True)


def _nats(trigger: NatsTrigger) -> Iterator[Fault]:
    if not trigger.url:
        yield ("url",), "nats server url can't be empty"
    if not trigger.subject:
        yield ("subject",), "nats subject can't be empty"
    if trigger.payload is None:
        yield ("payload",), "payload can't be nil"
    yield from parameters.faults(trigger.payload or (), "payload", ("payload",))


def _k8s_beyond(trigger: K8sTrigger, name: str) -> Iterator[Fault]:
    if trigger.operation != "patch" or trigger.patch_strategy in _PATCHES:
        return
    # Fault F20 of Argo Events.
    why = ": such a patch is a list, and the source of a trigger is an object" if trigger.patch_strategy == _JSON_PATCH else ""
    yield ("k8s", "patchStrategy"), f"{trigger.patch_strategy!r} cannot work in trigger {name}{why}"
