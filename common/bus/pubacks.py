"""Publish and wait for the PubAck, many at a time, over one subscription for all confirmations.

The client's own `publish_async` never ends when the server answers an error (nats-io/nats.py#985), and its `publish`
makes a request of its own for each message; one inbox and one future a message do both right and in a third of the time.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import nats.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from common.errors import Missing, Rejected, Unavailable

_TOO_LARGE = 10054
"""JetStream: "message size exceeds maximum allowed" (server/errors.json of nats-server)."""
_NO_RESPONDERS = "503"
_HEADER_FRAME = b"NATS/1.0\r\n\r\n"

SWEEP = 0.25
"""Seconds between two looks at which confirmations are late: a timer for each message costs more than its future."""


@dataclass(frozen=True, slots=True)
class PubAck:
    """The server's word that a message is stored. `duplicate`: it was stored before, under the same `Nats-Msg-Id`."""

    stream: str
    seq: int
    duplicate: bool


class PubAcks:
    """The publisher of one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._waiting: dict[str, _Waiting] = {}
        self._count = 0
        self._loop = asyncio.get_running_loop()
        self._sweep: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Subscribe to the confirmations."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._on_answer)

    def abandon(self, why: str) -> None:
        """Fail everything that waits: its confirmation went with the connection. The same id is published again."""
        for waiting in self._waiting.values():
            waiting.fail(why)

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None, timeout: float) -> PubAck:  # noqa: ASYNC109 - a deadline of the bus, not of the caller
        """Publish one message and wait until it is stored. Raises `Unavailable`, or `Rejected("too_large")`."""
        size = len(payload) + _size(headers)
        if size > self._client.max_payload:
            # The server would close the connection; the limit counts headers and payload together.
            raise Rejected("too_large", f"{size} bytes, but the bus takes {self._client.max_payload} (max_payload)")
        self._count += 1
        token = str(self._count)
        waiting = self._waiting[token] = _Waiting(self._loop.create_future(), self._loop.time() + timeout, timeout)
        if self._sweep is None:
            self._sweep = self._loop.call_later(SWEEP, self._look)
        try:
            await self._client.publish(
                subject, payload, reply=f"{self._inbox}.{token}", headers=dict(headers) if headers else None
            )
            answer = await waiting.answer
        except (nats.errors.Error, OSError) as error:
            raise Unavailable(f"the bus is away: {type(error).__name__}") from error
        finally:
            del self._waiting[token]
        return _read(answer)

    async def _on_answer(self, message: Msg) -> None:
        waiting = self._waiting.get(message.subject.rpartition(".")[2])
        if waiting is not None and not waiting.answer.done():
            waiting.answer.set_result(message)

    def _look(self) -> None:
        now = self._loop.time()
        for waiting in self._waiting.values():
            if now >= waiting.end:
                waiting.fail(f"no confirmation from the bus within {waiting.seconds:g} s")
        self._sweep = self._loop.call_later(SWEEP, self._look) if self._waiting else None


class _Waiting:
    """A publish that waits for its confirmation until `end`, so many seconds in all."""

    __slots__ = ("answer", "end", "seconds")

    def __init__(self, answer: asyncio.Future[Msg], end: float, seconds: float) -> None:
        self.answer = answer
        self.end = end
        self.seconds = seconds

    def fail(self, why: str) -> None:
        """Raise `Unavailable` in whoever waits."""
        if not self.answer.done():
            self.answer.set_exception(Unavailable(why))


def _size(headers: Mapping[str, str] | None) -> int:
    if not headers:
        return 0
    return len(_HEADER_FRAME) + 4 * len(headers) + len("".join((*headers, *headers.values())).encode())


def _read(answer: Msg) -> PubAck:
    if not answer.data:
        status = (answer.headers or {}).get("Status", "")
        if status == _NO_RESPONDERS:
            raise Missing("no stream listens to this subject")
        raise Unavailable(f"the bus answered {status or 'nothing'}")
    try:
        document = orjson.loads(answer.data)
    except orjson.JSONDecodeError as error:
        raise Unavailable("the bus answered no JSON") from error
    fault = document.get("error")
    if fault:
        detail = f"{fault.get('description', 'error')} ({fault.get('err_code', fault.get('code', '?'))})"
        if fault.get("err_code") == _TOO_LARGE:
            raise Rejected("too_large", detail)
        raise Unavailable(detail)
    return PubAck(document.get("stream", ""), document.get("seq", 0), bool(document.get("duplicate")))
