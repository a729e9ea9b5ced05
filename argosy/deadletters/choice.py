"""Which dead letters are meant. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from common.deadletters import DeadLetter
from common.errors import ConfigurationError
from common.subjects import Names, safe

_AGE = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS = (86400, 3600, 60, 1)
Group = tuple[str, str, str]
"""What letters are counted by: whose they are, the trigger or event, and the reason."""


@dataclass(frozen=True, slots=True)
class Found:
    """A letter in the stream: its sequence, when it was parked (seconds since 1970) and how many bytes the event has."""

    sequence: int
    parked: float
    size: int
    letter: DeadLetter

    @property
    def group(self) -> Group:
        """Under which heading it is counted."""
        letter = self.letter
        return f"{letter.kind} {letter.namespace}/{letter.owner}", letter.part, letter.reason


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for; what is empty asks for everything. Times are seconds since 1970."""

    sequences: tuple[int, ...] = ()
    kind: str = ""
    namespace: str = ""
    owner: str = ""
    part: str = ""
    reasons: frozenset[str] = frozenset()
    since: float | None = None
    until: float | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing was asked for in particular."""
        return self == Choice()

    @property
    def is_by_subject(self) -> bool:
        """Whether the subject says it all, so that the bus can choose by itself."""
        by_owner = bool(self.namespace) == bool(self.owner)
        return by_owner and not (self.sequences or self.reasons or self.since is not None or self.until is not None)

    def subject(self, names: Names) -> str:
        """Give the narrowest subject that all of them stand on."""
        if not (self.kind or self.part):
            return f"argosy.{names.deadletters}.>"
        owner = safe(f"{self.namespace}/{self.owner}") if self.namespace and self.owner else "*"
        return ".".join(("argosy", names.deadletters, self.kind or "*", owner, safe(self.part) if self.part else "*"))

    def takes(self, found: Found) -> bool:
        """Say whether a letter is meant."""
        letter = found.letter
        asked = (
            (self.kind, letter.kind),
            (self.namespace, letter.namespace),
            (self.owner, letter.owner),
            (self.part, letter.part),
        )
        if any(wanted and wanted != given for wanted, given in asked):
            return False
        if self.sequences and found.sequence not in self.sequences:
            return False
        if self.reasons and letter.reason not in self.reasons:
            return False
        return (self.since is None or found.parked >= self.since) and (self.until is None or found.parked < self.until)


def moment(text: str, now: float) -> float:
    """Read a moment: RFC 3339, or how long ago (`90s`, `30m`, `2h`, `1d12h`). Raises `ConfigurationError`."""
    age = _AGE.fullmatch(text)
    if text and age:
        return now - sum(int(count or 0) * unit for count, unit in zip(age.groups(), _UNITS, strict=True))
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} is neither a time (2026-01-31T12:00:00Z) nor an age (90s, 30m, 2h, 1d12h)"
        ) from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
