"""The stream of dead letters as the tool sees it: page by page, without the events' bodies until one is asked for.

A reader of its own (an ephemeral consumer that acks nothing) goes through the stream, so a hundred thousand letters take
no more memory than one page, and no pod notices.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TypeVar

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from argosy.deadletters.choice import Choice, Found
from common.bus import Bus
from common.deadletters import letter
from common.errors import Missing, Unavailable

PAGE = 500
"""Letters in one page."""
WITHIN = 5.0
"""Seconds for one page."""
IDLE = 600.0
"""Seconds after which the bus forgets a reader that was cut off."""
_SIZE = "Nats-Msg-Size"
_GONE = frozenset({10037, 10043, 10057})
"""JetStream: no message found; sequence not found; message delete failed (server/errors.json)."""
T = TypeVar("T")


class Letters:
    """The dead letters of one stream. All of it raises `Unavailable` where the bus does not answer."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._name = bus.names.deadletters

    async def last(self) -> int:
        """Give the sequence of the latest letter, 0 where there is none. Raises `Missing` without a stream."""
        try:
            info = await _asked(self._bus.jetstream.stream_info(self._name))
        except NotFoundError as error:
            raise Missing(f"there is no stream {self._name} on this bus: is NATS_STREAM right?") from error
        return info.state.last_seq if info.state.messages else 0

    @asynccontextmanager
    async def chosen(self, choice: Choice, last: int) -> AsyncIterator[AsyncIterator[list[Found]]]:
        """Open the letters that are meant, up to one sequence, in pages and in order; without their bodies."""
        async with aclosing(self._named(choice, last) if choice.sequences else self._pages(choice, last)) as pages:
            yield ([found for found in page if choice.takes(found)] async for page in pages)

    async def get(self, sequence: int) -> Found | None:
        """Give one letter, whole; None where there is none."""
        try:
            raw = await _asked(self._bus.jetstream.get_msg(self._name, sequence))
        except NotFoundError:
            return None
        body = raw.data or b""
        stored = raw.time.timestamp() if raw.time else 0.0
        return Found(sequence, stored, len(body), letter.read(raw.subject or "", raw.headers or {}, body))

    async def delete(self, sequence: int) -> bool:
        """Delete a letter; gives False where there was none."""
        # The library's own call overwrites the bytes on the disk first, which takes the server a hundred times as long.
        request = json.dumps({"seq": sequence, "no_erase": True}).encode()
        subject = f"$JS.API.STREAM.MSG.DELETE.{self._name}"
        answer = await _asked(self._bus.client.request(subject, request, timeout=WITHIN))
        fault = json.loads(answer.data).get("error")
        if fault and fault.get("err_code") not in _GONE:
            raise Unavailable(f"letter {sequence} was not deleted: {fault.get('description')}")
        return not fault

    async def purge(self, subject: str, last: int) -> None:
        """Delete all letters on these subjects, up to one sequence."""
        await _asked(self._bus.jetstream.purge_stream(self._name, subject=subject, seq=last + 1))

    async def _named(self, choice: Choice, last: int) -> AsyncGenerator[list[Found], None]:
        for sequence in sorted(set(choice.sequences)):
            found = await self.get(sequence) if sequence <= last else None
            yield [found] if found else []

    async def _pages(self, choice: Choice, last: int) -> AsyncGenerator[list[Found], None]:
        js, config = self._bus.jetstream, _reader(choice)
        reader = await _asked(js.pull_subscribe(choice.subject(self._bus.names), stream=self._name, config=config))
        try:
            read = 0
            while left := await _left(reader):
                page = await _asked(reader.fetch(min(PAGE, left), timeout=WITHIN))
                read += len(page)
                if page[-1].metadata.sequence.consumer != read:
                    raise Unavailable("the bus did not give all of the letters: ask again")
                found = [each for each in map(_found, page) if each.sequence <= last]
                yield found
                if len(found) < len(page) or (choice.until is not None and found[-1].parked >= choice.until):
                    return
        finally:
            await _forget(js, self._name, str(config.name))


def _reader(choice: Choice) -> ConsumerConfig:
    since = None if choice.since is None else datetime.fromtimestamp(choice.since, UTC)
    return ConsumerConfig(
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.ALL if since is None else DeliverPolicy.BY_START_TIME,
        opt_start_time=since,
        headers_only=True,
        mem_storage=True,
        num_replicas=1,
        inactive_threshold=IDLE,
    )


def _found(message: Msg) -> Found:
    headers, at = message.headers or {}, message.metadata
    size = letter.number(headers, _SIZE)
    return Found(at.sequence.stream, at.timestamp.timestamp(), size, letter.read(message.subject, headers, b""))


async def _left(reader: JetStreamContext.PullSubscription) -> int:
    """Ask anew for each page how many letters are to come: others may replay and purge meanwhile."""
    try:
        return (await _asked(reader.consumer_info())).num_pending or 0
    except NotFoundError as error:
        raise Unavailable("the bus has forgotten how far this was: ask again") from error


async def _forget(js: JetStreamContext, stream: str, name: str) -> None:
    # Where that fails it goes by itself after ten minutes.
    with suppress(nats.errors.Error, TimeoutError, OSError):
        await js.delete_consumer(stream, name)


async def _asked(answer: Awaitable[T]) -> T:
    """Wait for an answer of the bus; errors that it gives on purpose pass."""
    try:
        return await answer
    except APIError:
        raise
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus does not answer: {str(error) or type(error).__name__}") from error
