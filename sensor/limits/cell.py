"""One value on the bus that all replicas change by compare-and-set, and when the bus stored it, by the bus' own clock.

It is a key of a bucket, read from the leader of its stream: a follower may be behind, and who counts must not be.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import nats.errors
import orjson
from nats.js.errors import APIError, NotFoundError

from common.bus import Bus
from common.errors import Unavailable

_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_WRONG_LAST_SEQUENCE = 10071
"""JetStream: wrong last sequence (server/errors.json)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The value as JSON, its revision (0 where there is none yet), and when it was stored: seconds since 1970."""

    value: Any = None
    revision: int = 0
    at: float = 0.0


class Cell(Protocol):
    """One value that is shared."""

    async def read(self) -> Stored:
        """Give it as it is now. Raises `Unavailable`."""

    async def write(self, value: Any, over: int) -> int | None:  # noqa: ANN401 - any JSON
        """Put a value over that revision and give the new one; None if somebody was faster. Raises `Unavailable`.

        After `Unavailable` it may have been written all the same.
        """


class BusCell:
    """A key of a bucket; see `Cell`."""

    def __init__(self, bus: Bus, bucket: str, key: str) -> None:
        self._bus = bus
        self._stream = f"KV_{bucket}"
        self._subject = f"$KV.{bucket}.{key}"

    async def read(self) -> Stored:
        """Give it as it is now."""
        try:
            found = await self._bus.jetstream.get_last_msg(self._stream, self._subject)
        except NotFoundError:
            return Stored()
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error
        stored = found.time.timestamp() if found.time else 0.0
        return Stored(orjson.loads(found.data or b"null"), found.seq or 0, stored)

    async def write(self, value: Any, over: int) -> int | None:  # noqa: ANN401 - any JSON
        """Put a value over that revision."""
        try:
            made = await self._bus.jetstream.publish(self._subject, orjson.dumps(value), headers={_EXPECTED: str(over)})
        except APIError as error:
            if error.err_code == _WRONG_LAST_SEQUENCE:
                return None
            raise _unavailable(error) from error
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error
        return made.seq


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"the bucket of limits cannot be reached: {str(error) or type(error).__name__}")
