"""Firing with a set of events: looked for before it is done again, its failed attempts counted, the dlqTrigger after the last.

What cannot be done is written down before anything follows from it, so that no crash gives it another attempt: that no
attempts are left, before the dlqTrigger has its turn or the events are parked.
"""

import random
import time
from collections.abc import Callable, Mapping
from functools import partial

from common.cloudevent import CloudEvent
from common.errors import Failed, Rejected
from common.outcome import Done, Outcome, Park, Retry
from sensor import identity, settle
from sensor.action import Action
from sensor.memory import Memory
from sensor.ports import Attempts, Fired, Firing, Tried
from sensor.story import Story, Teller

Digest = Callable[[Mapping[str, CloudEvent], str], str]
"""Names what a trigger of this name does with these events."""


class Attempting:
    """One trigger's attempts, and those of the dlqTrigger behind it."""

    def __init__(
        self, action: Action, dlq: Action | None, *, digest: Digest, memory: Memory, attempts: Attempts, teller: Teller
    ) -> None:
        self._action = action
        self._dlq = dlq
        self._digest = digest
        self._memory = memory
        self._attempts = attempts
        self._teller = teller

    async def advance(
        self, events: Mapping[str, CloudEvent], story: Story, *, again: bool, early: bool, lately: bool = False
    ) -> Outcome:
        """Make one attempt. Raises `Unavailable`.

        `again`: it may have been done; `early`: another consumer may have had it; `lately`: it may have been done just before
        the bus forgot it.
        """
        firing = self._firing(events, self._action.name)
        story.digest = firing.digest
        if story.redelivered or early:
            tried = await self._attempts.load(firing.digest)
            if tried.exhausted:
                return await self._exhausted(firing, tried, story)
        try:
            fired = await self._once(self._action, firing, story, again=again, early=early, lately=lately)
        except Failed as error:
            tried, outcome = await self._failed(error, story)
        except Rejected as error:
            outcome = settle.rejected(error)
            if self._dlq is None and len(events) == 1:
                # It would be refused again just so.
                return outcome
            tried = Tried(exhausted=_text(outcome))
        else:
            self._teller.fired(fired, events, story)
            return Done(fired.how)
        await self._attempts.save(firing.digest, tried)
        return outcome if isinstance(outcome, Retry) else await self._exhausted(firing, tried, story)

    async def known(self, digest: str) -> Tried:
        """Give the attempts of a firing so far. Raises `Unavailable`."""
        return await self._attempts.load(digest)

    async def forget(self, story: Story) -> None:
        """Forget the attempts of what is settled: who sends it once more, sends it with all its attempts."""
        if story.failing:
            await self._attempts.forget(story.failing)

    async def _once(
        self, action: Action, firing: Firing, story: Story, *, again: bool, early: bool, lately: bool = False
    ) -> Fired:
        """Fire, unless it was done before; then remember it."""
        if again or early:
            seen = await action.find(firing) if again else None
            if seen is None and await self._memory.holds(firing.digest):
                seen = Fired("duplicate", "the ledger knows it")
            if seen is not None:
                await self._memory.remember(firing.digest)
                return seen
        elif lately and await self._memory.lately(firing.digest):
            return Fired("duplicate", "the ledger knows it")
        fired, story.seconds = await action.fire(firing)
        await self._memory.remember(firing.digest)
        return fired

    async def _failed(self, error: Failed, story: Story) -> tuple[Tried, Retry | Park]:
        story.why = str(error)
        story.failing = story.digest
        story.attempts = (*(await self._attempts.load(story.digest)).at, time.time())
        outcome = settle.failed(self._action.strategy, len(story.attempts), error, random.random())  # noqa: S311
        if isinstance(outcome, Retry):
            return Tried(story.attempts), outcome
        self._action.metrics.exhausted.inc()
        return Tried(story.attempts, _text(outcome)), outcome

    async def _exhausted(self, firing: Firing, tried: Tried, story: Story) -> Outcome:
        """Go on where there are no attempts left, which is stored by now."""
        story.why, story.failing, story.attempts = tried.exhausted, firing.digest, tried.at
        if self._dlq is None:
            reason, _, detail = tried.exhausted.partition(": ")
            return Park(reason, detail)
        return await self._instead(self._dlq, firing, tried, story)

    async def _instead(self, dlq: Action, firing: Firing, tried: Tried, story: Story) -> Outcome:
        own = self._firing(firing.events, identity.instead_of(self._action.name))
        try:
            fired = await self._once(dlq, own, story, again=story.redelivered, early=False)
        except Failed as error:
            dlq_tried = (*tried.dlq, time.time())
            outcome = settle.failed(dlq.strategy, len(dlq_tried), error, random.random())  # noqa: S311
            if isinstance(outcome, Retry):
                await self._attempts.save(firing.digest, Tried(tried.at, tried.exhausted, dlq_tried))
                return outcome
            why = outcome.detail
        except Rejected as error:
            why = str(error)
        else:
            await self._memory.remember(firing.digest)
            self._teller.fired(fired, firing.events, story)
            return Done("dlq_triggered")
        dlq.metrics.exhausted.inc()
        return Park(settle.DLQ, f"{tried.exhausted}; and the dlqTrigger: {why}")

    def _firing(self, events: Mapping[str, CloudEvent], trigger: str) -> Firing:
        digest = self._digest(events, trigger)
        return Firing(digest, events, time.time(), partial(self._memory.remember, digest))


def _text(park: Park) -> str:
    return f"{park.reason}: {park.detail}"
