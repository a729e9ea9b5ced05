"""Dead letters back to the trigger that parked them: published on its own subject, and deleted once that is confirmed.

A crash in between leaves the letter; replaying it once more is a repetition that the bus or the sensor's ledger knows.
"""

import asyncio

import nats.errors
from nats.js.errors import NotFoundError

from argosy.deadletters.choice import Choice, Found
from argosy.deadletters.letters import Letters
from argosy.deadletters.many import Fate
from common.bus import Bus
from common.deadletters import DeadLetter, replay
from common.errors import Missing, Rejected, Unavailable
from common.subjects import replayer

SENSOR = "sensor"
PATIENCE = 30.0
"""Seconds for which a way back that is full is waited for."""
BREATH = 0.5
"""Seconds between two tries."""


class Replay:
    """See `change.Change`. Knows which triggers there are."""

    def __init__(self, bus: Bus, letters: Letters) -> None:
        self.notes: set[str] = set()
        self._bus = bus
        self._letters = letters
        self._known: dict[tuple[str, str], str] = {}

    async def refusal(self, found: Found) -> str:
        """Say why a letter cannot be replayed; empty where it can. Raises `Unavailable`."""
        letter = found.letter
        if letter.kind == "eventsource":
            return (
                f"of event source {letter.namespace}/{letter.owner}: it never became an event, so no trigger has parked it; "
                "mend it, or the event source, and send it to the queue again (`show SEQUENCE --raw` gives its body)"
            )
        if letter.kind != SENSOR or not letter.owner:
            return "not written by Argosy"
        key = (f"{letter.namespace}/{letter.owner}", letter.part)
        if key not in self._known:
            self._known[key] = await self._trigger(*key)
        return self._known[key]

    async def at_once(self, choice: Choice, last: int) -> bool:  # noqa: ARG002 - the signature of all changes
        """Say no: each letter goes back by itself."""
        return False

    async def act(self, found: Found) -> tuple[Fate, str]:
        """Replay one letter."""
        why = await self.refusal(found)
        if why:
            return Fate.REFUSED, why
        whole = await self._letters.get(found.sequence)
        if whole is None:
            return Fate.GONE, ""
        try:
            await self._publish(whole.letter)
        except Rejected as error:
            return Fate.REFUSED, f"it does not fit the bus any more: {error}"
        await self._letters.delete(found.sequence)
        return Fate.DONE, ""

    async def _publish(self, letter: DeadLetter) -> None:
        subject = self._bus.names.replay(f"{letter.namespace}/{letter.owner}", letter.part)
        end = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                await self._bus.publish(subject, letter.body, replay.write(letter))
            except Missing as error:
                raise Unavailable(f"there is no stream {self._bus.names.replays}: no sensor of this version runs") from error
            except Unavailable as error:
                if asyncio.get_running_loop().time() >= end:
                    raise Unavailable(f"the way back takes no more (does the sensor run?): {error}") from error
                await asyncio.sleep(BREATH)
            else:
                return

    async def _trigger(self, owner: str, trigger: str) -> str:
        """Say why a trigger gets no replays; empty where it does."""
        try:
            info = await self._bus.jetstream.consumer_info(self._bus.names.replays, replayer(owner, trigger))
        except NotFoundError:
            return f"of trigger {trigger} of sensor {owner}, which has not run here for a day: start that sensor first"
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise Unavailable(f"the bus does not answer: {str(error) or type(error).__name__}") from error
        if not info.num_waiting:
            self.notes.add(f"trigger {trigger} of sensor {owner} does not listen just now: its letters wait until it does")
        return ""
