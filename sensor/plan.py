"""A document made ready: everything about its triggers that can be worked out before an event comes."""

from collections.abc import Mapping
from dataclasses import dataclass

from common import documents
from common.errors import ConfigurationError
from common.subjects import Names, durable
from sensor import triggers
from sensor.dependencies import conditions, match
from sensor.ports import Trigger as Fires
from sensor.settle import Strategy
from sensor.spec import Sensor, Trigger
from sensor.triggers import Surroundings
from sensor.triggers.template import TemplatedTrigger


@dataclass(frozen=True, slots=True)
class Planned:
    """One trigger: what it fires, on which subjects it listens, under which consumer on each."""

    name: str
    fires: Fires
    wants: Mapping[tuple[str, str], tuple[str, ...]]
    consumers: Mapping[str, str]
    strategy: Strategy
    start_from: str | None


def plan(sensor: Sensor, around: Surroundings, names: Names) -> tuple[Planned, ...]:
    """Make all triggers ready. Raises `ConfigurationError` with every fault."""
    planned: list[Planned] = []
    faults: list[str] = []
    for index, trigger in enumerate(sensor.spec.triggers):
        try:
            planned.append(_planned(sensor, trigger, around, names, documents.path(("spec", "triggers", index))))
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(*faults)
    _distinct(planned)
    return tuple(planned)


def _planned(sensor: Sensor, trigger: Trigger, around: Surroundings, names: Names, place: str) -> Planned:
    template = trigger.template
    if template is None:
        raise ConfigurationError(f"{place}.template: required, but missing")
    by_name = {dependency.name: dependency for dependency in sensor.spec.dependencies}
    expression = conditions.parse(template.conditions, list(by_name))
    wanted = [by_name[name] for name in expression.names]
    here = f"{place}.template"
    if trigger.parameters:
        fires: Fires = TemplatedTrigger(template, triggers.prepared(trigger.parameters, f"{place}.parameters"), around, here)
    else:
        fires = triggers.construct(template, around, here)
    return Planned(
        name=template.name,
        fires=fires,
        wants=match.index(match.Wants(d.name, d.event_source_name, d.event_name) for d in wanted),
        # Of several dependencies on one subject the last one names the consumer, as in Argo Events.
        consumers={
            names.event(d.event_source_name, d.event_name): durable(sensor.metadata.name, template.name, d.name) for d in wanted
        },
        strategy=Strategy(trigger.retry_strategy.values() if trigger.retry_strategy else None),
        start_from=trigger.argosy.start_from,
    )


def _distinct(planned: list[Planned]) -> None:
    """Refuse two triggers of this sensor whose consumers meet in one name (fault F15 of Argo Events)."""
    owners: dict[str, str] = {}
    for trigger in planned:
        for consumer in trigger.consumers.values():
            other = owners.setdefault(consumer, trigger.name)
            if other != trigger.name:
                what = f"triggers {other!r} and {trigger.name!r} meet in one consumer, {consumer}"
                raise ConfigurationError(f"spec.triggers: {what}: rename one of them or its dependency")
