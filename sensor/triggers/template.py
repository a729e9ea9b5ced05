"""Parameters at the level of the trigger's template: they may change anything about a trigger, its kind included.

So the trigger is made anew for what each event makes of the template; what was made lately is kept.
"""

from collections.abc import Awaitable
from typing import TypeVar

import orjson

from common import documents
from common.errors import ConfigurationError, Failed, Refused, Rejected, Unavailable
from sensor.parameters import Prepared
from sensor.ports import Fired, Firing, Missing, Preview, Trigger
from sensor.spec import TriggerPolicy, TriggerTemplate, encoded
from sensor.triggers import Surroundings, construct

KEPT = 64
"""How many triggers are kept, each made of another text."""
ResultT = TypeVar("ResultT")


class TemplatedTrigger:
    """A trigger whose template has parameters of its own."""

    def __init__(
        self,
        template: TriggerTemplate,
        parameters: Prepared,
        policy: TriggerPolicy | None,
        around: Surroundings,
        place: str,
    ) -> None:
        self.needs_cluster = template.k8s is not None or template.argo_workflow is not None
        self._text = orjson.dumps(encoded(template))
        self._parameters = parameters
        self._policy = policy
        self._around = around
        self._place = place
        self._made: dict[bytes, Trigger] = {}
        try:
            own: Trigger | None = construct(template, policy, around, place)
        except ConfigurationError:
            # Events may have to complete it first.
            own = None
        self.reach = None if own is None else own.reach
        self._needs = getattr(own, "needs", None)

    async def fire(self, firing: Firing) -> Fired:
        """Fire what the template becomes with these events."""
        trigger, notes = self._of(firing)
        fired = await self._own(trigger, trigger.fire(firing))
        return Fired(fired.how, fired.what, (*notes, *fired.notes))

    async def find(self, firing: Firing) -> Fired | None:
        """Look for what the template becomes with these events."""
        trigger, _ = self._of(firing)
        return await self._own(trigger, trigger.find(firing))

    async def preview(self, firing: Firing) -> Preview:
        """Tell what the template becomes with these events, and what that would do."""
        trigger, notes = self._of(firing)
        preview = await trigger.preview(firing)
        return Preview(preview.action, preview.request, (*notes, *preview.notes))

    async def _own(self, trigger: Trigger, call: Awaitable[ResultT]) -> ResultT:
        """Let it act. Where only this event leads there, trouble there must not hold up the others."""
        try:
            return await call
        except (Unavailable, Refused) as error:
            is_elsewhere = isinstance(error, Missing) and trigger.reach != self.reach
            if not is_elsewhere and getattr(trigger, "needs", None) == self._needs:
                raise
            raise Failed(str(error)) from error

    def _of(self, firing: Firing) -> tuple[Trigger, tuple[str, ...]]:
        applied = self._parameters.apply(self._text, firing.events)
        trigger = self._made.get(applied.document)
        if trigger is None:
            trigger = self._make(applied.document)
            if len(self._made) >= KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[applied.document] = trigger
        return trigger, tuple(f"{n.place}: {n.used} of {n.dependency} used: {n.why}" for n in applied.notes)

    def _make(self, text: bytes) -> Trigger:
        try:
            template = documents.parse(TriggerTemplate, orjson.loads(text), self._place).value
            return construct(template, self._policy, self._around, self._place)
        except (ConfigurationError, orjson.JSONDecodeError) as error:
            raise Rejected("parameter", f"with its parameters set, the template is no trigger: {error}") from error
