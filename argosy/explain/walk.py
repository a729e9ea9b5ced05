"""The way of events through one trigger, in the order of `sensor.pipeline` and by its very parts, but nothing is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from argosy.explain.missing import missing, words
from argosy.explain.report import Fate, No, Run, Said, Step, worst
from common.cloudevent import CloudEvent
from common.errors import Failed, Refused, Rejected, Unavailable
from sensor import identity
from sensor.dependencies import filters, match
from sensor.dependencies.accept import ANYTHING, Scripts, Wish, accept
from sensor.dependencies.conditions import Expression
from sensor.plan import Planned
from sensor.ports import Firing


@dataclass
class Way:
    """One trigger, and the events that wait at it for others."""

    trigger: Planned
    condition: Expression
    namespace: str
    sensor: str
    scripts: Scripts
    notes: Callable[[], Sequence[str]]
    """What the cluster could only suppose, since the last time it was asked."""
    _waiting: dict[str, CloudEvent] = field(default_factory=dict)
    _fired: set[str] = field(default_factory=set)

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
        said = await self._advance(name, accepted, now)
        return replace(said, data=_new_data(wish, accepted))

    async def _advance(self, name: str, event: CloudEvent, now: float) -> Said:
        if not self.condition.joins:
            return await self._fire(name, {name: event}, now)
        self._waiting[name] = event
        if not self.condition.fires(self._waiting):
            root = self.condition.root
            why = f"until there is {words(root, self._waiting)}"
            return Said(name, Fate.WAITS, why=why, present=tuple(self._waiting), missing=missing(root, self._waiting))
        events, self._waiting = self._waiting, {}
        return await self._fire(name, events, now)

    async def _fire(self, name: str, events: Mapping[str, CloudEvent], now: float) -> Said:
        digest = identity.firing(self.namespace, self.sensor, self.trigger.name, events)
        said = Said(name, Fate.FIRED, present=tuple(events))
        try:
            preview = await self.trigger.fires.preview(Firing(digest, events, now))
        except Rejected as error:
            return replace(said, fate=Fate.PARKED, reason=error.reason, why=str(error))
        except Failed as error:
            return replace(said, fate=Fate.RETRIED, why=str(error))
        except (Refused, Unavailable) as error:
            return replace(said, fate=Fate.STOPPED, why=str(error))
        ids = {dependency: event.id for dependency, event in events.items()}
        run = Run(digest, ids, preview.action, preview.request, (*preview.notes, *self.notes()))
        if digest in self._fired:
            return replace(said, fate=Fate.DUPLICATE, why="this firing was explained above", run=run)
        self._fired.add(digest)
        return replace(said, run=run)


def _new_data(wish: Wish, event: CloudEvent) -> str | None:
    """Give the data that a transform made, for people to look at."""
    transform = wish.transform
    if transform is None or event.data is None or not (transform.jq or transform.script):
        return None
    return event.data.decode("utf-8", "replace")
