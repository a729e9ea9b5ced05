"""Argo Events' Backoff: a duration in nanoseconds or as Go writes it, a factor and a jitter as numbers.

Source: pkg/shared/util/retry.go of github.com/argoproj/argo-events v1.9.11. What it would fail over when the trigger fires
(fault F53: the trigger never runs) is refused when the document is read.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from common.documents import Model
from common.sprig import SprigError
from common.sprig.durations import parse_duration
from common.sprig.powers import power
from sensor.spec.numbers import Int32

DEFAULT_STEPS = 5
_LONGEST = 2**63 - 1
"""Nanoseconds, as an int64 holds them."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often to try, and how long to wait in between: `first` seconds, times `factor` each time, plus jitter."""

    attempts: int
    first: float
    factor: float
    jitter: float

    def delay(self, attempt: int, draw: float) -> float:
        """Seconds after the `attempt`-th failure (from 1), at most what a duration can hold; `draw` is a number in [0, 1)."""
        growth = power(self.factor, attempt - 1) if self.factor else 1.0
        pause = self.first * growth if self.first else 0.0
        return min(max(0.0, pause * (1 + draw * self.jitter) if self.jitter > 0 else pause), _LONGEST / 1e9)


def go_duration(text: str) -> float:
    """Read a duration as Go writes it, in seconds. Raises `ValueError`."""
    try:
        return int(parse_duration(text)) / 1e9
    except SprigError as error:
        wanted = 'a number and a unit are wanted, as in "10s" or "1m30s", at most 292 years in all'
        raise ValueError(f"{text!r} is no duration: {wanted}") from error


def _duration(value: object) -> object:
    if isinstance(value, str):
        go_duration(value)
    elif isinstance(value, bool) or not isinstance(value, int) or not -_LONGEST - 1 <= value <= _LONGEST:
        raise ValueError("nanoseconds as a whole number are wanted, or a text such as 10s")
    return value


def _amount(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is wanted, without quotes")  # noqa: TRY004 - pydantic's way
    return value


class BackoffSpec(Model):
    """The document's form; `values()` is what it means."""

    steps: Int32 = 0
    duration: Annotated[Any, BeforeValidator(_duration)] = None
    factor: Annotated[Any, BeforeValidator(_amount)] = None
    jitter: Annotated[Any, BeforeValidator(_amount)] = None

    def values(self) -> Backoff:
        """Fill in Argo Events' defaults: 5 attempts, 1 s, factor 1, jitter 1."""
        first = 1.0
        if self.duration is not None:
            first = go_duration(self.duration) if isinstance(self.duration, str) else self.duration / 1e9
        return Backoff(
            attempts=self.steps if self.steps > 0 else DEFAULT_STEPS,
            first=first,
            factor=1.0 if self.factor is None else float(self.factor),
            jitter=1.0 if self.jitter is None else float(self.jitter),
        )
