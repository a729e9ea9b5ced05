"""The stream of dead letters as the tool sees it: page by page, without the events' bodies until one is asked for.

A reader of its own (an ephemeral consumer that acks nothing) goes through the stream, so a hundred thousand letters take
no more memory than one page, and no pod notices.
"""

from collections.abc import AsyncIterator, Awaitable
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
IDLE = 60.0
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

    async def chosen(self, choice: Choice, last: int) -> AsyncIterator[list[Found]]:
        """Give the letters that are meant, up to one sequence, in pages and in order; without their bodies."""
        if choice.sequences:
            found = [await self.get(sequence) for sequence in sorted(set(choice.sequences)) if sequence <= last]
            yield [each for each in found if each and choice.takes(each)]
            return
        async for page in self._pages(choice, last):
            wanted = [each for each in page if choice.takes(each)]
            if wanted:
                yield wanted

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
        try:
            return bool(await _asked(self._bus.jetstream.delete_msg(self._name, sequence)))
        except APIError as error:
            if error.err_code in _GONE:
                return False
            raise Unavailable(f"letter {sequence} was not deleted: {error.description}") from error

    async def purge(self, subject: str, last: int) -> None:
        """Delete all letters on these subjects, up to one sequence."""
        await _asked(self._bus.jetstream.purge_stream(self._name, subject=subject, seq=last + 1))

    async def _pages(self, choice: Choice, last: int) -> AsyncIterator[list[Found]]:
        js = self._bus.jetstream
        reader = await _asked(js.pull_subscribe(choice.subject(self._bus.names), stream=self._name, config=_reader(choice)))
        try:
            left = (await _asked(reader.consumer_info())).num_pending or 0
            read = 0
            while left > 0:
                page = await self._page(reader, min(PAGE, left))
                if not page or page[-1].metadata.sequence.consumer != read + len(page):
                    raise Unavailable("the bus did not give all of the letters: ask again")
                read += len(page)
                found = [each for each in map(_found, page) if each.sequence <= last]
                yield found
                is_late = choice.until is not None and found and found[-1].parked >= choice.until
                left = 0 if len(found) < len(page) or is_late else page[-1].metadata.num_pending or 0
        finally:
            await _forget(js, self._name, reader)

    async def _page(self, reader: JetStreamContext.PullSubscription, batch: int) -> list[Msg]:
        return await _asked(reader.fetch(batch, timeout=WITHIN))


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


async def _forget(js: JetStreamContext, stream: str, reader: JetStreamContext.PullSubscription) -> None:
    try:
        name = (await reader.consumer_info()).name
        await reader.unsubscribe()
        await js.delete_consumer(stream, name)
    except (nats.errors.Error, TimeoutError, OSError):
        # It goes by itself after a minute.
        pass


async def _asked(answer: Awaitable[T]) -> T:
    """Wait for an answer of the bus; errors that it gives on purpose pass."""
    try:
        return await answer
    except APIError:
        raise
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus does not answer: {str(error) or type(error).__name__}") from error
