"""How many letters are meant, whose they are and why: what is asked before anything is done."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from argosy.deadletters.choice import Choice, Found, Group
from argosy.deadletters.letters import Letters

Refusal = Callable[[Found], Awaitable[str]]
"""Says why a letter would be refused; empty where it would not."""


@dataclass(slots=True)
class Survey:
    """The letters that are meant, up to the sequence `last`: those that come while one works are not."""

    last: int
    groups: Counter[Group] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    notes: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """How many letters are meant."""
        return self.groups.total()

    @property
    def possible(self) -> int:
        """For how many of them it can be done."""
        return self.total - self.refused.total()


async def survey(letters: Letters, choice: Choice, refusal: Refusal) -> Survey:
    """Count. Raises `Unavailable`."""
    seen = Survey(await letters.last())
    async with letters.chosen(choice, seen.last) as pages:
        async for page in pages:
            for found in page:
                seen.groups[found.group] += 1
                why = await refusal(found)
                if why:
                    seen.refused[why] += 1
    return seen
