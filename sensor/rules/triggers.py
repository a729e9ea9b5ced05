"""What triggers must fulfil, the one for dead letters inside another included: it is a whole trigger."""

import re
from collections.abc import Collection, Iterator, Sequence

from sensor.dependencies import conditions
from sensor.rules import around, dependencies, kinds, parameters
from sensor.rules.fault import Fault, Place
from sensor.spec import Dependency, Trigger, TriggerTemplate

_NAME = re.compile(r"[-/_=.a-zA-Z0-9]+")


def faults(triggers: Sequence[Trigger]) -> Iterator[Fault]:
    """Check what Argo Events' validator checks."""
    if not triggers:
        yield ("spec", "triggers"), "no triggers found"
    names: set[str] = set()
    for index, trigger in enumerate(triggers):
        here = ("spec", "triggers", index)
        yield from _trigger(trigger, here)
        if trigger.template is not None and trigger.template.name in names:
            yield (*here, "template", "name"), f"duplicate trigger name: {trigger.template.name}"
        names.update([trigger.template.name] if trigger.template is not None else [])


def beyond(triggers: Sequence[Trigger], wanted: Sequence[Dependency], plugins: Collection[str]) -> Iterator[Fault]:
    """Check what Argo Events accepts and then fails over, silently, when an event comes."""
    for here, trigger, template in _with_templates(triggers):
        if template.name and not _NAME.fullmatch(template.name):
            what = f"{template.name!r} cannot name a trigger: letters, digits and - / _ = . only"
            yield (*here, "template", "name"), what
        elif template.name and kinds.labels(template) and not kinds.is_label(template.name):
            what = f"{template.name!r} cannot be the value of a label, which every created object carries"
            yield (*here, "template", "name"), what
        for where, what in kinds.beyond(template, plugins):
            yield (*here, "template", *where), what
        for where, what in (*around.limit(trigger.rate_limit), *around.active(trigger, template)):
            yield (*here, *where), what
    for index, trigger in enumerate(triggers):
        if trigger.template is not None:
            here = ("spec", "triggers", index, "template", "conditions")
            yield from ((here, what) for what in _conditions(trigger.template.conditions, wanted))


def warnings(triggers: Sequence[Trigger]) -> Iterator[Fault]:
    """Tell what is accepted and has no effect."""
    for here, trigger, template in _with_templates(triggers):
        if here[-1] != "dlqTrigger":
            yield from (((*here, *where), what) for where, what in around.limit_warnings(trigger.rate_limit))
        elif here[-2] == "dlqTrigger":
            yield here, "never fires: a trigger for dead letters has none of its own, as in Argo Events"
        elif template.conditions or template.conditions_reset or trigger.rate_limit or trigger.argosy.max_active:
            what = "conditions, conditionsReset, rateLimit and maxActive have no effect here"
            yield here, f"{what}: it fires when the other one is given up"


def _trigger(trigger: Trigger, here: Place) -> Iterator[Fault]:
    template = trigger.template
    if template is None:
        yield (*here, "template"), "trigger template can't be nil"
        return
    if not template.name:
        yield (*here, "template", "name"), "trigger must define a name"
    for found in (around.resets(template), kinds.faults(template)):
        yield from (((*here, "template", *where), what) for where, what in found)
    yield from (((*here, *where), what) for where, what in around.policy(trigger, template))
    yield from parameters.faults(trigger.parameters, "template parameter", (*here, "parameters"))
    if trigger.dlq_trigger is not None:
        yield from _dlq(trigger, trigger.dlq_trigger, here)


def _dlq(trigger: Trigger, dlq: Trigger, here: Place) -> Iterator[Fault]:
    if not trigger.at_least_once:
        yield (*here, "atLeastOnce"), "to use dlqTrigger, trigger.atLeastOnce must be set to true"
    if not dlq.at_least_once:
        yield (*here, "dlqTrigger", "atLeastOnce"), "atLeastOnce must be set to true within the dlqTrigger"
    yield from _trigger(dlq, (*here, "dlqTrigger"))


def _with_templates(triggers: Sequence[Trigger]) -> Iterator[tuple[Place, Trigger, TriggerTemplate]]:
    """Give the triggers that have a template, and those inside them."""
    for index, outer in enumerate(triggers):
        here: Place = ("spec", "triggers", index)
        trigger: Trigger | None = outer
        while trigger is not None:
            if trigger.template is not None:
                yield here, trigger, trigger.template
            here, trigger = (*here, "dlqTrigger"), trigger.dlq_trigger


def _conditions(text: str, wanted: Sequence[Dependency]) -> Iterator[str]:
    names = [dependency.name for dependency in wanted]
    if not names or not all(map(dependencies.nameable, names)):
        return
    try:
        conditions.parse(text, names)
    except conditions.Malformed as error:
        yield str(error)
