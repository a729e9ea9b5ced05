"""What time it is by the bus: the pod's own clock is never asked, only how long ago something was.

What was written and found stored at T was stored between the write and its confirmation; so it is now T plus at least what
passed since the confirmation, and at most what passed since the write. `monotonic` values are in seconds, of any origin.
"""

from dataclasses import dataclass

DRIFT = 2e-4
"""By which share our clock may run faster or slower than the bus': twice what crystals do."""
OLD = 30.0
"""Seconds after which a sample counts no more: the machine may have slept, which monotonic clocks do not tell."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Something was stored at `at` by the bus, between two moments of ours."""

    at: float
    written: float
    confirmed: float

    def lower(self, monotonic: float) -> float:
        """Give the earliest that it may be."""
        return self.at + (monotonic - self.confirmed) / (1 + DRIFT)

    def upper(self, monotonic: float) -> float:
        """Give the latest that it may be."""
        return self.at + (monotonic - self.written) / (1 - DRIFT)

    def is_old(self, monotonic: float) -> bool:
        """Say whether it is time for another one."""
        return monotonic - self.confirmed > OLD

    def width(self, monotonic: float) -> float:
        """Give how unsure that is, in seconds."""
        return self.upper(monotonic) - self.lower(monotonic)


@dataclass(slots=True)
class Clock:
    """The best of the samples."""

    best: Sample | None = None

    def seen(self, sample: Sample, monotonic: float) -> None:
        """Take a sample, if it tells more than the one that we have."""
        if self.best is None or self.best.is_old(monotonic) or sample.width(monotonic) <= self.best.width(monotonic):
            self.best = sample

    def not_before(self, at: float, monotonic: float) -> None:
        """Hear of something that was stored at `at` before now: a clock that was set forward has to be asked anew."""
        if self.best is not None and self.best.upper(monotonic) < at:
            self.best = None
