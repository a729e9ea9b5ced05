"""A document made ready: everything about its triggers that can be worked out before an event comes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from common import documents
from common.errors import ConfigurationError
from common.subjects import Names, durable
from sensor import identity, templates, triggers
from sensor.dependencies import conditions, cron, filters, match
from sensor.dependencies.accept import Wish
from sensor.dependencies.join import Rule
from sensor.dependencies.resets import Resets
from sensor.dependencies.transform import Transform
from sensor.ports import Reach, Target
from sensor.ports import Trigger as Fires
from sensor.settle import Strategy
from sensor.spec import Dependency, DependencyFilters, RateLimit, Sensor, Trigger, TriggerTemplate
from sensor.spec.filters import DataFilter, EventContext, ExprFilter
from sensor.triggers import Surroundings
from sensor.triggers.template import TemplatedTrigger

WORKFLOW = Target("argoproj.io/v1alpha1", "Workflow")


@dataclass(frozen=True, slots=True)
class Instead:
    """The dlqTrigger: what is fired when the trigger has no attempts left, and how often it is tried itself.

    `name` is its own among all that the sensor fires: its template's, unless something else has that one as well.
    """

    name: str
    fires: Fires
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class Planned:
    """One trigger: what it fires, on which subjects it listens, under which consumer on each.

    `wishes`: what those of its dependencies ask of their events that ask anything. `join` where events wait for each other,
    and `schedules`, the times at which those that wait are let go. `dlq`: what is fired in its stead.
    """

    name: str
    fires: Fires
    wants: Mapping[tuple[str, str], tuple[str, ...]]
    consumers: Mapping[str, str]
    strategy: Strategy
    start_from: str | None
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    join: Rule | None = None
    schedules: tuple[cron.Schedule, ...] = ()
    dlq: Instead | None = None
    rate: RateLimit | None = None
    max_active: int | None = None

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """What all of it does at the API server, the watch of `maxActive` included."""
        known = [fires.reach for fires in self.actions if fires.reach is not None]
        if self.max_active is None or not known:
            return tuple(known)
        return (replace(known[0], verbs=(*known[0].verbs, "list", "watch")), *known[1:])

    @property
    def actions(self) -> tuple[Fires, ...]:
        """Everything that it may fire."""
        return (self.fires, self.dlq.fires) if self.dlq else (self.fires,)


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
    return _told_apart(planned)


def _planned(sensor: Sensor, trigger: Trigger, around: Surroundings, names: Names, place: str) -> Planned:
    template = trigger.template
    if template is None:
        raise ConfigurationError(f"{place}.template: required, but missing")
    by_name = {dependency.name: dependency for dependency in sensor.spec.dependencies}
    expression = conditions.parse(template.conditions, list(by_name))
    wanted = [by_name[name] for name in expression.names]
    wishes = {d.name: _wish(d) for d in wanted if d.filters or d.transform}
    schedules = tuple(
        cron.parse(reset.by_time.cron, reset.by_time.timezone)
        for reset in (template.conditions_reset if expression.joins else ())
        if reset.by_time
    )
    fires = _fires(trigger, template, around, place)
    return Planned(
        name=template.name,
        fires=fires,
        wants=match.index(match.Wants(d.name, d.event_source_name, d.event_name) for d in wanted),
        # Of several dependencies on one subject the last one names the consumer, as in Argo Events.
        consumers={
            names.event(d.event_source_name, d.event_name): durable(sensor.metadata.name, template.name, d.name) for d in wanted
        },
        strategy=_strategy(trigger),
        start_from=trigger.argosy.start_from,
        wishes=wishes,
        warnings=tuple(
            f"{documents.path(('spec', 'dependencies', list(by_name).index(name), 'filters', *where))}: {what}"
            for name, wish in wishes.items()
            for where, what in (wish.filters.faults if wish.filters else ())
        ),
        join=_rule(expression, trigger, schedules) if expression.joins else None,
        schedules=schedules,
        dlq=_instead(trigger.dlq_trigger, around, f"{place}.dlqTrigger"),
        rate=trigger.rate_limit,
        max_active=_max_active(trigger, fires, place),
    )


def _fires(trigger: Trigger, template: TriggerTemplate, around: Surroundings, place: str) -> Fires:
    here = f"{place}.template"
    if trigger.parameters:
        entries = triggers.prepared(trigger.parameters, f"{place}.parameters")
        return TemplatedTrigger(template, entries, trigger.policy, around, here)
    return triggers.construct(template, trigger.policy, around, here)


def _rule(expression: conditions.Expression, trigger: Trigger, schedules: tuple[cron.Schedule, ...]) -> Rule:
    return Rule(expression, trigger.argosy.join == "inOrder", trigger.argosy.join_limit, Resets(schedules).last)


def _max_active(trigger: Trigger, fires: Fires, place: str) -> int | None:
    """Give the `maxActive`. Only what is created by the API can be counted, and only where the document says where."""
    wanted = trigger.argosy.max_active
    if wanted is not None and (fires.reach is None or fires.reach != Reach(WORKFLOW, fires.reach.namespace)):
        raise ConfigurationError(f"{place}.argosy.maxActive: only for a trigger that creates Workflows")
    return wanted


def _strategy(trigger: Trigger) -> Strategy:
    return Strategy(trigger.retry_strategy.values() if trigger.retry_strategy else None)


def _instead(dlq: Trigger | None, around: Surroundings, place: str) -> Instead | None:
    if dlq is None or dlq.template is None:
        return None
    return Instead(dlq.template.name, _fires(dlq, dlq.template, around, place), _strategy(dlq))


def _wish(dependency: Dependency) -> Wish:
    given, wanted = dependency.transform, dependency.filters
    return Wish(
        transform=None if given is None else Transform(given.jq, given.script),
        filters=None if wanted is None else _filters(wanted, dependency.filters_logical_operator),
    )


def _filters(given: DependencyFilters, operator: str) -> filters.Prepared:
    """Compile the filters of a dependency."""
    return filters.prepare(
        filters.Filters(
            exprs=None if given.exprs is None else tuple(map(_expr, given.exprs)),
            data=None if given.data is None else tuple(map(_data, given.data)),
            context=None if given.context is None else _context(given.context),
            time=None if given.time is None else filters.TimeFilter(given.time.start, given.time.stop, given.time.timezone),
            script=given.script,
            expr_logical_operator=given.expr_logical_operator,
            data_logical_operator=given.data_logical_operator,
            logical_operator=operator,
        ),
        templates.render,
    )


def _expr(given: ExprFilter) -> filters.ExprFilter:
    return filters.ExprFilter(given.expr, tuple(filters.Field(field.path, field.name) for field in given.fields_))


def _data(given: DataFilter) -> filters.DataFilter:
    return filters.DataFilter(given.path, given.type, given.value, given.comparator, given.template)


def _context(given: EventContext) -> filters.ContextFilter:
    return filters.ContextFilter(given.type, given.subject, given.source, given.datacontenttype)


def _distinct(planned: list[Planned]) -> None:
    """Refuse two triggers of this sensor whose consumers meet in one name (fault F15 of Argo Events)."""
    owners: dict[str, str] = {}
    for trigger in planned:
        for consumer in trigger.consumers.values():
            other = owners.setdefault(consumer, trigger.name)
            if other != trigger.name:
                what = f"triggers {other!r} and {trigger.name!r} meet in one consumer, {consumer}"
                raise ConfigurationError(f"spec.triggers: {what}: rename one of them or its dependency")


def _told_apart(planned: list[Planned]) -> tuple[Planned, ...]:
    """Give each dlqTrigger a name of its own: Argo Events lets them meet, and conditions and series are told by names."""
    names = Counter([t.name for t in planned] + [t.dlq.name for t in planned if t.dlq])
    return tuple(
        replace(t, dlq=replace(t.dlq, name=identity.instead_of(t.name))) if t.dlq and names[t.dlq.name] > 1 else t
        for t in planned
    )
