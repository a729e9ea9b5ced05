"""The way of events through one trigger, in the order of `sensor.pipeline` and by its very parts, but nothing is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from argosy.explain.joins import Join
from argosy.explain.missing import missing, words
from argosy.explain.report import Fate, No, Run, Said, Step, worst
from common.cloudevent import CloudEvent, timestamp
from common.errors import Failed, Refused, Rejected, Unavailable
from sensor import identity, settle
from sensor.dependencies import filters, match
from sensor.dependencies.accept import ANYTHING, Scripts, Wish, accept
from sensor.plan import Planned
from sensor.ports import Firing, Trigger

Events = Mapping[str, CloudEvent]
_KNOWN = {"waits": (Fate.WAITING, "this event waits already"), "fired": (Fate.DUPLICATE, "this event has been here before")}


@dataclass
class Way:
    """One trigger. `notes` gives what the cluster could only suppose, since it was asked last."""

    trigger: Planned
    namespace: str
    sensor: str
    scripts: Scripts
    notes: Callable[[], Sequence[str]]
    _fired: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._join = None if self.trigger.join is None else Join(self.trigger.join)

    async def step(self, number: int, event: CloudEvent, now: float) -> Step:
        """Tell what one event comes to here; `now` is in seconds since 1970."""
        names = match.matching(event, self.trigger.wants)
        said = tuple([await self._dependency(name, event, now) for name in names])
        return Step(number, worst([each.fate for each in said]), said)

    async def _dependency(self, name: str, event: CloudEvent, now: float) -> Said:
        wish = self.trigger.wishes.get(name, ANYTHING)
        try:
            accepted = await accept(wish, event, self.scripts)
        except Rejected as error:
            return Said(name, Fate.PARKED, error.reason, str(error))
        if isinstance(accepted, filters.Rejected):
            noes = tuple(No(no.filter, no.field, no.value, no.why) for no in (accepted, *accepted.also))
            return Said(name, Fate.FILTERED, why=str(accepted), filters=noes)
        if self._join is None:
            said = await self._fire(name, {name: accepted}, now)
        else:
            said = await self._joined(self._join, name, accepted, now)
        return replace(said, data=_new_data(wish, accepted))

    # -------------------------------------------------------------------------------------------------------- joining

    async def _joined(self, join: Join, name: str, event: CloudEvent, now: float) -> Said:
        came = join.come(name, self._digest({name: event}), event, now)
        if came.known:
            fate, why = _KNOWN[came.known]
            return Said(name, fate, why=why, present=join.present)
        if came.events:
            return replace(await self._fire(name, came.events, now), gone=came.gone)
        root, present = join.rule.expression.root, join.present
        why = f"until there is {words(root, present)}{self._reset(now)}"
        return Said(name, Fate.WAITING, why=why, present=present, missing=missing(root, present), gone=came.gone)

    def _reset(self, now: float) -> str:
        moment = datetime.fromtimestamp(now, UTC)
        ticks = [tick for schedule in self.trigger.schedules if (tick := schedule.next(moment))]
        return f", or conditionsReset comes at {timestamp(min(ticks))}" if ticks else ""

    # --------------------------------------------------------------------------------------------------------- firing

    async def _fire(self, name: str, events: Events, now: float) -> Said:
        said = Said(name, Fate.FIRED, present=tuple(events))
        try:
            run = await self._run(self.trigger.fires, self.trigger.name, events, now)
        except Rejected as error:
            return await self._instead(replace(said, fate=Fate.PARKED, reason=error.reason, why=str(error)), events, now)
        except Failed as error:
            return replace(said, fate=Fate.RETRIED, why=str(error))
        except (Refused, Unavailable) as error:
            return replace(said, fate=Fate.STOPPED, why=str(error))
        if run.digest in self._fired:
            return replace(said, fate=Fate.DUPLICATE, why="this firing was explained above", run=run)
        self._fired.add(run.digest)
        return replace(said, run=run)

    async def _instead(self, parked: Said, events: Events, now: float) -> Said:
        """Let the dlqTrigger fire where there is one."""
        dlq = self.trigger.dlq
        if dlq is None:
            return parked
        why = f"{parked.reason}: {parked.why}"
        try:
            run = await self._run(dlq.fires, identity.instead_of(self.trigger.name), events, now)
        except Rejected as error:
            return replace(parked, reason=settle.DLQ, why=f"{why}; and the dlqTrigger: {error}")
        except (Failed, Refused, Unavailable) as error:
            return replace(parked, fate=Fate.RETRIED, reason="", why=f"{why}; and the dlqTrigger: {error}")
        return replace(parked, fate=Fate.DLQ_TRIGGERED, run=run)

    async def _run(self, fires: Trigger, name: str, events: Events, now: float) -> Run:
        digest = self._digest(events, name)
        preview = await fires.preview(Firing(digest, events, now))
        ids = {dependency: event.id for dependency, event in events.items()}
        return Run(digest, ids, preview.action, preview.request, (*preview.notes, *self.notes()))

    def _digest(self, events: Events, trigger: str = "") -> str:
        return identity.firing(self.namespace, self.sensor, trigger or self.trigger.name, events)


def _new_data(wish: Wish, event: CloudEvent) -> str | None:
    """Give the data that a transform made, for people to look at."""
    transform = wish.transform
    if transform is None or event.data is None or not (transform.jq or transform.script):
        return None
    return event.data.decode("utf-8", "replace")
