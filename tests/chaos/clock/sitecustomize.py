"""Makes the clock of a process wrong: on the `PYTHONPATH` of a pod it shifts the time of day by `TEST_CLOCK` seconds.

Monotonic clocks stay as they are, as on a machine whose time is wrong. What C code asks the system by itself (a TLS library
that checks a certificate) is not shifted.
"""

import datetime as dt
import os
import time
from typing import Self

_BY = float(os.environ.get("TEST_CLOCK", "0"))
_real, _time, _time_ns = dt.datetime, time.time, time.time_ns


class _Like(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _real)


class _Shifted(_real, metaclass=_Like):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Self:
        """Give the wrong time."""
        return super().now(tz) + dt.timedelta(seconds=_BY)

    @classmethod
    def utcnow(cls) -> Self:
        """Give the wrong time."""
        return super().utcnow() + dt.timedelta(seconds=_BY)


if _BY:
    time.time = lambda: _time() + _BY
    time.time_ns = lambda: _time_ns() + int(_BY * 1e9)
    dt.datetime = _Shifted  # type: ignore[misc]
