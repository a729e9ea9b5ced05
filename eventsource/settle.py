"""What becomes of a message in SQS once its outcome is known. Pure: `pipeline` does it."""

from dataclasses import dataclass

from common import backoff
from common.outcome import Done, Outcome, Park

RETRY_FIRST, RETRY_CAP = 5.0, 900.0
"""Seconds after which a message that failed is seen again: for the first receive, and at most."""


@dataclass(frozen=True, slots=True)
class Delete:
    """It has arrived: take it out of the queue."""


@dataclass(frozen=True, slots=True)
class Release:
    """Give it back; it is seen again after so many whole seconds."""

    after: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Keep it no longer and do nothing: it is seen again when its lease ends."""


@dataclass(frozen=True, slots=True)
class ParkThenDelete:
    """Put it into the dead letters, and only then out of the queue."""

    reason: str
    detail: str


Action = Delete | Release | Leave | ParkThenDelete


def settle(outcome: Outcome, *, lease_held: bool, leave_poison: bool) -> Action:
    """Decide. `leave_poison` is the document's `dlq: true`: the queue's own redrive takes what can never succeed."""
    if not lease_held:
        return Leave()
    if isinstance(outcome, Done):
        return Delete()
    if isinstance(outcome, Park):
        return Leave() if leave_poison else ParkThenDelete(outcome.reason, outcome.detail)
    return Release(max(0, round(outcome.after)))


def pause(receive_count: int, jitter: float) -> float:
    """Seconds until a message that failed is seen again: longer each time, so that the queue's redrive has its turn."""
    return backoff.delay(receive_count, first=RETRY_FIRST, cap=RETRY_CAP, jitter=jitter)
