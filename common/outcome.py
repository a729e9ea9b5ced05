"""What becomes of a message: the one vocabulary of both services.

A step decides; `settle` acts. No other way out of a pipeline exists, so every message is counted in exactly one of these.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """The message has done its work and may leave the queue or the bus.

    `how` is a label of a closed set (`published`, `duplicate`, `fired`, `filtered`, …): it is counted.
    """

    how: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The message comes again after `after` seconds; `why` is shown to the operator."""

    after: float
    why: str


@dataclass(frozen=True, slots=True)
class Park:
    """The message can never succeed as it is: it goes to the dead letters.

    `reason` is a label of a closed set (`rejected`, `unreadable`, `retries_exhausted`, …): it is counted and filtered by.
    `detail` says what happened in words.
    """

    reason: str
    detail: str


Outcome = Done | Retry | Park
"""Exactly one of these for each delivery of a message."""
