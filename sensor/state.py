"""The attempts of events that failed, in a bucket on the bus: they survive restarts, and another pod goes on counting."""

import nats.errors
import orjson
from nats.js.kv import KeyValue

from common.bus import Bus
from common.bus.keys import value_of
from common.errors import Unavailable
from sensor.ports import Tried


class BusAttempts:
    """See `sensor.ports.Attempts`. Nothing is read or written before an event fails."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._bucket: KeyValue | None = None
        self._generation = -1

    async def load(self, digest: str) -> Tried:
        """Give the attempts so far."""
        try:
            found = await value_of(self._bus.jetstream, self._bus.names.attempts, digest)
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error
        known = orjson.loads(found.data) if found else {}
        return Tried(tuple(known.get("at", ())), known.get("exhausted", ""), tuple(known.get("dlq", ())))

    async def save(self, digest: str, tried: Tried) -> None:
        """Remember them."""
        try:
            await (await self._open()).put(digest, orjson.dumps(tried))
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error

    async def forget(self, digest: str) -> None:
        """Forget them."""
        try:
            await (await self._open()).purge(digest)
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _unavailable(error) from error

    async def _open(self) -> KeyValue:
        if self._bucket is None or self._generation != self._bus.generation:
            self._bucket = await self._bus.jetstream.key_value(self._bus.names.attempts)
            self._generation = self._bus.generation
        return self._bucket


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"the attempts cannot be reached: {str(error) or type(error).__name__}")
