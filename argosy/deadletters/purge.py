"""Dead letters thrown away."""

from argosy.deadletters.choice import Choice, Found
from argosy.deadletters.letters import Letters
from argosy.deadletters.many import Fate
from common.bus import Bus


class Purge:
    """See `change.Change`."""

    def __init__(self, bus: Bus, letters: Letters) -> None:
        self.notes: set[str] = set()
        self._names = bus.names
        self._letters = letters

    async def refusal(self, found: Found) -> str:  # noqa: ARG002 - any letter can be deleted
        """Refuse nothing."""
        return ""

    async def at_once(self, choice: Choice, last: int) -> bool:
        """Let the bus do it where the subject says it all."""
        if choice.is_by_subject:
            await self._letters.purge(choice.subject(self._names), last)
        return choice.is_by_subject

    async def act(self, found: Found) -> tuple[Fate, str]:
        """Delete one letter."""
        return (Fate.DONE if await self._letters.delete(found.sequence) else Fate.GONE), ""
