"""At most so many in any window of time: the arithmetic of `rateLimit`. Pure.

A log of the last permits is kept, each with the latest moment at which it may be used. A new one may be used from when the
permit N before it cannot be used any more, plus the window: so every N-th permits are at least a window apart, and N such rows
of permits are all there is, whoever used them and whichever were never used. (GCRA with a burst of N lets 2N - 1 through.)
A permit of the log stands for a block of requests where N is large, so the log stays small.
"""

from dataclasses import dataclass, replace

BLOCKS = 64
"""How many permits the log holds at most."""
SLACK, SLACK_CAP = 0.02, 1.0
"""What is added to a window, as a share of it and in seconds at most: requests are not equally long on their way, and clocks
that tell of them may count whole seconds."""
AHEAD = 2.0
"""Seconds before its time at which a permit may be taken at the earliest."""
LATEST = 5.0
"""Seconds after its first moment until which a permit may be used at most."""


@dataclass(frozen=True, slots=True)
class Window:
    """`count` requests in any `unit` seconds."""

    unit: float
    count: int

    @property
    def block(self) -> int:
        """Requests that one permit of the log stands for."""
        return -(-self.count // BLOCKS)

    @property
    def blocks(self) -> int:
        """Permits in one window."""
        return self.count // self.block

    @property
    def length(self) -> float:
        """Seconds from the last use of one permit to the first of the one a whole window later."""
        return self.unit + min(SLACK * self.unit, SLACK_CAP)


@dataclass(frozen=True, slots=True)
class Permit:
    """A block of requests that may be sent from one moment to another, by the bus' clock in seconds since 1970."""

    begin: float
    end: float
    left: int


@dataclass(frozen=True, slots=True)
class Log:
    """The ends of the last permits, in the order in which they were taken."""

    ends: tuple[float, ...] = ()

    def begins(self, window: Window) -> float:
        """Give the moment from which the next permit may be used; 0 for at once."""
        return self.ends[-window.blocks] + window.length if len(self.ends) >= window.blocks else 0.0

    def take(self, window: Window, now: float, width: float) -> tuple["Log", Permit]:
        """Take the next permit. `now` is the latest that it may be, `width` for how many seconds the permit holds."""
        begin = self.begins(window)
        end = max(begin, now) + min(width, LATEST)
        return Log((*self.ends, end)[-window.blocks :]), Permit(begin, end, window.block)

    def sane(self, now: float) -> "Log":
        """Give the log for a clock that was set back: no permit can end later than it could be taken for."""
        latest = now + AHEAD + LATEST
        return replace(self, ends=tuple(min(end, latest) for end in self.ends))

    def soon(self, window: Window, now: float) -> int:
        """Count the requests that may be sent within `AHEAD` seconds."""
        taken = sum(end + window.length > now + AHEAD for end in self.ends[-window.blocks :])
        return (window.blocks - taken) * window.block
