"""When `conditionsReset` lets go of what waits: the moments of several schedules as one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sensor.dependencies.cron import Schedule

_MINUTE = 60.0
_SECOND = timedelta(seconds=1)
"""A schedule's `previous` leaves the very second out that it is asked about."""


class Resets:
    """Moments are seconds since 1970."""

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        self._schedules = schedules
        # No cron is finer than a minute, and events come in order.
        self._of_minute = lru_cache(maxsize=64)(self._last)

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self._schedules)

    def last(self, moment: float) -> float:
        """Give the last reset at or before a moment; 0 where there is none."""
        return self._of_minute(int(moment // _MINUTE)) if self._schedules else 0.0

    def next(self, moment: float) -> float | None:
        """Give the first reset after a moment."""
        ticks = [tick for each in self._schedules if (tick := each.next(_time(moment)))]
        return min(ticks).timestamp() if ticks else None

    def _last(self, minute: int) -> float:
        ticks = [tick for each in self._schedules if (tick := each.previous(_time(minute * _MINUTE) + _SECOND))]
        return max(ticks).timestamp() if ticks else 0.0


def _time(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
