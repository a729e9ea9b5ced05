"""What stands around a trigger: its policy, its limit, and when its joins are let go."""

import json
import re
from collections.abc import Iterator

from sensor.dependencies import cron
from sensor.rules.fault import Fault
from sensor.spec import K8sTrigger, RateLimit, Trigger, TriggerTemplate

_CREATES = frozenset({"create", "submit", "submit-from"})
_PLACE = re.compile(r"(?:metadata(?:\.namespace.*)?|apiVersion|kind)$")
"""Destinations in an object that change what it is or where it stands."""
_INNER = re.compile(r"(?:k8s|argoWorkflow)\.(?:source\.resource|parameters|args)\.")
"""Destinations in a template that change no more than what its object holds."""
_UNITS = frozenset({"", "Second", "Minute", "Hour"})


def resets(template: TriggerTemplate) -> Iterator[Fault]:
    """Check the times at which waiting events are let go."""
    for index, reset in enumerate(template.conditions_reset):
        here = ("conditionsReset", index)
        if reset.by_time is None:
            yield here, "invalid conditionsReset"
            continue
        try:
            cron.parse(reset.by_time.cron)
        except ValueError:
            yield (*here, "byTime", "cron"), f"invalid cron expression {_quoted(reset.by_time.cron)}"
        try:
            cron.time_zone(reset.by_time.timezone)
        except ValueError:
            yield (*here, "byTime", "timezone"), f"invalid timezone {_quoted(reset.by_time.timezone)}"


def policy(trigger: Trigger, template: TriggerTemplate) -> Iterator[Fault]:
    """Check the policy that the trigger's kind looks at; another one has no effect, and is not looked at."""
    if trigger.policy is None:
        return
    if template.k8s is not None or template.argo_workflow is not None:
        if trigger.policy.k8s is not None and trigger.policy.k8s.labels is None:
            yield ("policy", "k8s", "labels"), "resource labels are not specified"
    elif template.http is not None and trigger.policy.status is not None and trigger.policy.status.allow is None:
        yield ("policy", "status", "allow"), "list of allowed response status is not specified"


def limit(given: RateLimit | None) -> Iterator[Fault]:
    """Check the limit. Argo Events accepts a zero and divides by it (fault F17)."""
    if given is not None and given.requests_per_unit == 0:
        yield ("rateLimit", "requestsPerUnit"), "required, and not 0"


def active(trigger: Trigger, template: TriggerTemplate) -> Iterator[Fault]:
    """Check `maxActive`: what is counted has to be created by the trigger, and where and as what events may not choose."""
    if trigger.argosy.max_active is None:
        return
    here = ("argosy", "maxActive")
    kind = template.k8s or template.argo_workflow
    if kind is None or (kind.operation or "create") not in _CREATES or not _may_be_workflow(template.k8s):
        yield here, "only for a trigger that creates Workflows"
        return
    inner = [entry.dest for entry in kind.parameters]
    outer = [_INNER.sub("", entry.dest, count=1) if _INNER.match(entry.dest) else "kind" for entry in trigger.parameters]
    for name, places in (("parameters", inner), ("parameters of the trigger", outer)):
        if any(map(_PLACE.match, places)):
            yield here, f"events may not choose what is created, nor where, but the {name} let them"


def _may_be_workflow(k8s: K8sTrigger | None) -> bool:
    """Say whether an object that stands in the document is a Workflow; one that is mounted is looked at when it is read."""
    resource = k8s.source.resource if k8s is not None and k8s.source is not None else None
    return not isinstance(resource, dict) or resource.get("kind") == "Workflow"


def limit_warnings(given: RateLimit | None) -> Iterator[Fault]:
    """Tell what of a limit has no effect, or another one than it seems."""
    if given is None:
        return
    if given.unit not in _UNITS:
        yield ("rateLimit", "unit"), f"{given.unit!r} means Second, as in Argo Events: there are Second, Minute and Hour"
    if given.requests_per_unit < 0:
        yield ("rateLimit", "requestsPerUnit"), "a negative number limits nothing, as in Argo Events"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
