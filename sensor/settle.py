"""What becomes of an event that did not go through: again later, or to the dead letters.

Only what is about this very event counts as an attempt; outages, missing permissions and full buses never come here.
"""

from dataclasses import dataclass

from common import backoff
from common.errors import Failed, Rejected
from common.outcome import Park, Retry
from sensor.spec import Backoff

ATTEMPTS, FIRST, CAP = 5, 1.0, 60.0
"""Without a retryStrategy: how many attempts, and the seconds between them."""
DELIVERIES = 50
"""An event that was delivered so often, and never came to an attempt, takes its pod down: it is parked."""
EXHAUSTED = "retries_exhausted"
KILLER = "process_killer"
POLICY = "policy_failed"
DLQ = "dlq_failed"
REASONS = (
    EXHAUSTED,
    KILLER,
    POLICY,
    DLQ,
    "join_overflow",
    "trigger_changed",
    "unreadable",
    "filter_error",
    "transform_error",
    "script_timeout",
    "script_died",
    "parameter",
    "rejected",
    "too_large",
    "name_taken",
)
"""Why events are parked: the label of the metric and of the dead letter."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """How often, and with which pauses, an event is tried."""

    backoff: Backoff | None = None

    @property
    def attempts(self) -> int:
        """How many attempts there are in all."""
        return self.backoff.attempts if self.backoff else ATTEMPTS

    def pause(self, attempt: int, draw: float) -> float:
        """Seconds after the `attempt`-th failure; `draw` is a number in [0, 1)."""
        if self.backoff:
            return self.backoff.delay(attempt, draw)
        return backoff.delay(attempt, first=FIRST, cap=CAP, jitter=draw)


def failed(strategy: Strategy, attempt: int, error: Failed, draw: float) -> Retry | Park:
    """Decide after the `attempt`-th failed attempt."""
    if attempt >= strategy.attempts:
        return Park(error.exhausted or EXHAUSTED, f"{attempt} attempts, the last one: {error}")
    return Retry(strategy.pause(attempt, draw), f"attempt {attempt} of {strategy.attempts}: {error}")


def rejected(error: Rejected) -> Park:
    """Park what can never succeed."""
    return Park(error.reason, str(error))


def kills(deliveries: int, attempts: int) -> bool:
    """Say whether an event was delivered so often without a word about it that it must be what ends the process."""
    return deliveries - attempts > DELIVERIES
