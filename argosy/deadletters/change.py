"""What changes something, in the same steps: look what is meant, then do it to each letter, with progress."""

from collections.abc import Callable
from typing import Protocol

from rich.console import Console
from rich.progress import Progress

from argosy.deadletters import many
from argosy.deadletters.choice import Choice, Found
from argosy.deadletters.letters import Letters
from argosy.deadletters.many import Fate, Tally
from argosy.deadletters.survey import Survey, survey
from common.bus import Bus


class Change(Protocol):
    """Something that is done to letters. `notes`: what is worth knowing about it, once it is done."""

    notes: set[str]

    async def refusal(self, found: Found) -> str:
        """Say why it cannot be done to a letter; empty where it can. Raises `Unavailable`."""

    async def at_once(self, choice: Choice, last: int) -> bool:
        """Do it to all of them in one step, where that can be. Raises `Unavailable`."""

    async def act(self, found: Found) -> tuple[Fate, str]:
        """Do it to one letter; see `many.Act`."""


Make = Callable[[Bus, Letters], Change]


async def look(make: Make, bus: Bus, choice: Choice) -> Survey:
    """Count what is meant, and what would be refused. Raises `Unavailable`."""
    letters = Letters(bus)
    change = make(bus, letters)
    seen = await survey(letters, choice, change.refusal)
    seen.notes |= change.notes
    return seen


async def do(make: Make, bus: Bus, choice: Choice, seen: Survey) -> Tally:
    """Do it to what was seen. What came since, what was replayed and parked once more among it, is left alone."""
    letters = Letters(bus)
    change = make(bus, letters)
    if await change.at_once(choice, seen.last):
        return Tally.of(Fate.DONE, seen.total)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("letters", total=seen.total)
        async with letters.chosen(choice, seen.last) as pages:
            return await many.each(pages, change.act, lambda: progress.advance(task))
