"""What has been fired: an append-only stream, one record of 20 bytes a firing, on 4,096 subjects by the hash.

The hot path only appends. A look-up reads one subject, a few dozen records, by direct gets: in one request from NATS 2.11 on,
one record at a time before (ADR-31 of nats-io/nats-architecture-and-design). Those are answered by any copy of the ledger, also
by one that is behind; so the leader is asked first how far there is to read.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import NoReturn

import nats.errors
import orjson
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from common.bus import Bus
from common.bus.streams import prepare_ledger
from common.errors import Unavailable

RECORD = 20
"""Bytes of the hash in a record."""
BATCH = 256
LATELY = 10_000
"""How many of the last firings are known without a look-up: more than a bus that was killed forgets to have delivered."""
TIMEOUT = 5.0
"""Seconds for one page of a look-up, and for a copy to catch up."""
BREATH = 0.02
"""Seconds until a copy that was behind is asked again."""
_NO_MESSAGE = 10037
"""JetStream: no message found (server/errors.json)."""
_END, _NOT_FOUND, _NOBODY = "204", "404", "503"


class BusLedger:
    """See `sensor.ports.Ledger`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lately: frozenset[bytes] = frozenset()
        self._generation = -1
        self._one = asyncio.Lock()

    async def append(self, digest: str) -> None:
        """Remember a firing."""
        await self._bus.publish(self._bus.names.ledger_entry(digest), bytes.fromhex(digest)[:RECORD])

    async def holds(self, digest: str) -> bool:
        """Say whether a firing is remembered."""
        record = bytes.fromhex(digest)[:RECORD]
        try:
            return await self._found(self._bus.names.ledger_entry(digest), record)
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise Unavailable(f"the ledger cannot be read: {str(error) or type(error).__name__}") from error

    async def lately(self, digest: str) -> bool:
        """Say whether a firing is among the last ones before we were connected: read once, then asked without the bus."""
        async with self._one:
            generation = self._bus.generation
            if self._generation != generation:
                try:
                    self._lately = await self._last(LATELY)
                except (nats.errors.Error, TimeoutError, OSError) as error:
                    raise Unavailable(f"the ledger cannot be read: {str(error) or type(error).__name__}") from error
                self._generation = generation
        return bytes.fromhex(digest)[:RECORD] in self._lately

    async def _last(self, count: int) -> frozenset[bytes]:
        names = self._bus.names
        try:
            state = (await self._bus.jetstream.stream_info(names.ledger)).state
        except NotFoundError:
            return await self._missing()
        start = max(state.first_seq, state.last_seq - count + 1)
        end = state.last_seq if state.messages else 0
        return frozenset([record async for record in self._records(names.every_ledger_entry, end, start=start)])

    async def _found(self, subject: str, record: bytes) -> bool:
        try:
            last = await self._bus.jetstream.get_last_msg(self._bus.names.ledger, subject)
        except NotFoundError as error:
            if error.err_code == _NO_MESSAGE:
                return False
            return await self._missing()
        if last.data == record:
            return True
        async for found in self._records(subject, last.seq or 0):
            if found == record:
                return True
        return False

    async def _records(self, subject: str, end: int, *, start: int = 1) -> AsyncIterator[bytes]:
        """Give the records of a subject from a sequence on, up to one that is there."""
        patience = asyncio.get_running_loop().time() + TIMEOUT
        while start <= end:
            page = await self._page(subject, start)
            for message in page:
                yield message.data
            if page:
                start = int((page[-1].headers or {})["Nats-Sequence"]) + 1
            elif asyncio.get_running_loop().time() > patience:
                raise TimeoutError("a copy of the ledger is behind")
            else:
                await asyncio.sleep(BREATH)

    async def _page(self, subject: str, start: int) -> list[Msg]:
        """Get the records of a subject from a sequence on, as many as the server gives at once."""
        client = self._bus.client
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox)
        request = orjson.dumps({"seq": start, "next_by_subj": subject, "batch": BATCH})
        found: list[Msg] = []
        try:
            await client.publish(f"$JS.API.DIRECT.GET.{self._bus.names.ledger}", request, reply=inbox)
            async with asyncio.timeout(TIMEOUT):
                while True:
                    message = await subscription.next_msg(timeout=None)
                    status = (message.headers or {}).get("Status", "")
                    if status == _NOBODY:
                        await self._missing()
                    if status in {_END, _NOT_FOUND}:
                        return found
                    found.append(message)
                    if "Nats-Num-Pending" not in (message.headers or {}):
                        # A server before 2.11 knows no batches.
                        return found
        finally:
            await subscription.unsubscribe()

    async def _missing(self) -> NoReturn:
        """Make the ledger anew if somebody took it away; what it knew is gone, what comes is remembered."""
        await prepare_ledger(self._bus.jetstream, self._bus.names, self._bus.config)
        raise Unavailable("the ledger was gone and has been made anew")
