"""The same thing done to many letters, a few at a time, with a word about each that did not go as asked."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from argosy.deadletters.choice import Found
from common.errors import Unavailable

AT_ONCE = 16
"""Letters under way at the same time."""


class Fate(StrEnum):
    """What became of one letter."""

    DONE = "done"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(slots=True)
class Tally:
    """What became of all of them: how many of each fate, and how many for each reason given. `broken`: why it ended early."""

    fates: Counter[Fate] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    broken: str = ""

    @classmethod
    def of(cls, fate: Fate, count: int) -> "Tally":
        """Make the tally of so many letters of one fate."""
        return cls(Counter({fate: count}))


Act = Callable[[Found], Awaitable[tuple[Fate, str]]]
"""Does it to one letter, and says what became of it and why. Raises `Unavailable` where there is no going on."""


async def each(pages: AsyncIterator[list[Found]], act: Act, advance: Callable[[], None]) -> Tally:
    """Do it to every letter; `advance` hears of each that is through. Ends early, and says so, where the bus is away."""
    tally = Tally()

    async def one(found: Found) -> None:
        if tally.broken:
            return
        try:
            fate, why = await act(found)
        except Unavailable as error:
            tally.broken = str(error)
            return
        tally.fates[fate] += 1
        if why:
            tally.reasons[why] += 1
        advance()

    try:
        async for page in pages:
            for start in range(0, len(page), AT_ONCE):
                await _all(one, page[start : start + AT_ONCE])
            if tally.broken:
                break
    except Unavailable as error:
        tally.broken = str(error)
    return tally


async def _all(one: Callable[[Found], Coroutine[None, None, None]], some: Sequence[Found]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for found in some:
            tasks.create_task(one(found), name=f"letter {found.sequence}")
