"""What has been fired: an append-only stream, one record of 20 bytes a firing, on 4,096 subjects by the hash.

The hot path only appends. A look-up reads one subject, a few dozen records, by direct gets: in one request from NATS 2.11 on,
one record at a time before (ADR-31 of nats-io/nats-architecture-and-design).
"""

import asyncio
from collections.abc import AsyncIterator

import nats.errors
import orjson
from nats.aio.msg import Msg

from common.bus import Bus
from common.bus.streams import prepare_ledger
from common.errors import Unavailable

RECORD = 20
"""Bytes of the hash in a record."""
BATCH = 256
TIMEOUT = 5.0
"""Seconds for one page of a look-up."""
_END, _NOT_FOUND, _NOBODY = "204", "404", "503"


class BusLedger:
    """See `sensor.ports.Ledger`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def append(self, digest: str) -> None:
        """Remember a firing."""
        await self._bus.publish(self._bus.names.ledger_entry(digest), bytes.fromhex(digest)[:RECORD])

    async def holds(self, digest: str) -> bool:
        """Say whether a firing is remembered."""
        record = bytes.fromhex(digest)[:RECORD]
        try:
            async for found in self._records(self._bus.names.ledger_entry(digest)):
                if found == record:
                    return True
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise Unavailable(f"the ledger cannot be read: {str(error) or type(error).__name__}") from error
        return False

    async def _records(self, subject: str) -> AsyncIterator[bytes]:
        start = 1
        while True:
            page = await self._page(subject, start)
            for message in page:
                yield message.data
            last = page[-1].headers if page else None
            if not last or last.get("Nats-Num-Pending") == "0":
                return
            start = int(last["Nats-Sequence"]) + 1

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

    async def _missing(self) -> None:
        """Make the ledger anew if somebody took it away; what it knew is gone, what comes is remembered."""
        await prepare_ledger(self._bus.jetstream, self._bus.names, self._bus.config)
        raise Unavailable("the ledger was gone and has been made anew")
