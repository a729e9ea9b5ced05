"""IANA time zones: which offset holds when, and which moment a local time is, by Go's rule for gaps and overlaps."""

from dataclasses import dataclass
from datetime import UTC as PYTHON_UTC
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=PYTHON_UTC)
# Python's datetimes end here; two days are left for the offset.
_FIRST = int((datetime(1, 1, 3, tzinfo=PYTHON_UTC) - _EPOCH).total_seconds())
_LAST = int((datetime(9999, 12, 29, tzinfo=PYTHON_UTC) - _EPOCH).total_seconds())


class UnknownZone(ValueError):
    """There is no such time zone; in Go's words."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone; without any rules it is UTC."""

    rules: ZoneInfo | None = None

    @classmethod
    def named(cls, name: str) -> "Zone":
        """Find a zone by its name; `Local` is UTC, as in the pods. Raises `UnknownZone`."""
        if name in {"", "UTC", "Local"}:
            return cls()
        if name.startswith(("/", "\\")) or ".." in name:
            raise UnknownZone("time: invalid location name")
        try:
            return cls(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnknownZone(f"unknown time zone {name}") from error

    def offset(self, seconds: int) -> int:
        """Give the seconds east of Greenwich that hold at a moment."""
        if self.rules is None:
            return 0
        moment = _EPOCH + timedelta(seconds=min(max(seconds, _FIRST), _LAST))
        there = moment.astimezone(self.rules).utcoffset()
        return int(there.total_seconds()) if there is not None else 0

    def to_utc(self, local: int) -> int:
        """Give the moment of a local time, which is given as if it were UTC."""
        first = self.offset(local)
        return local - self.offset(local - first) if first else local


UTC = Zone()
