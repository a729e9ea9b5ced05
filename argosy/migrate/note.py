"""What is said about a document besides the values that came of it."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How much it matters."""

    REFUSED = "refused"
    """Argosy cannot do this: the document, or this part of it, is not in the values."""
    LEFT_OUT = "left out"
    """Not in the values; what the services do does not change."""
    NOTE = "note"
    """Something to know or to do."""
    SKIPPED = "skipped"
    """A document of no business of ours."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line: `where` names the document, `what` begins with the path in it, if there is one."""

    weight: Weight
    where: str
    what: str
