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
        self._waiting: dict[str, asyncio.Future[Msg]] = {}
        self._count = 0

    async def open(self) -> None:
        """Subscribe to the confirmations."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._on_answer)

    def abandon(self, why: str) -> None:
        """Fail everything that waits: its confirmation went with the connection. The same id is published again."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Unavailable(why))

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None, timeout: float) -> PubAck:  # noqa: ASYNC109 - a deadline of the bus, not of the caller
        """Publish one message and wait until it is stored. Raises `Unavailable`, or `Rejected("too_large")`."""
        size = len(payload) + _size(headers)
        if size > self._client.max_payload:
            # The server would close the connection; the limit counts headers and payload together.
            raise Rejected("too_large", f"{size} bytes, but the bus takes {self._client.max_payload} (max_payload)")
        self._count += 1
        token = str(self._count)
        future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[token] = future
        try:
            async with asyncio.timeout(timeout):
                await self._client.publish(
                    subject, payload, reply=f"{self._inbox}.{token}", headers=dict(headers) if headers else None
                )
                answer = await future
        except TimeoutError as error:
            raise Unavailable(f"no confirmation from the bus within {timeout:g} s") from error
        except (nats.errors.Error, OSError) as error:
            raise Unavailable(f"the bus is away: {type(error).__name__}") from error
        finally:
            del self._waiting[token]
        return _read(answer)

    async def _on_answer(self, message: Msg) -> None:
        future = self._waiting.get(message.subject.rpartition(".")[2])
        if future is not None and not future.done():
            future.set_result(message)


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
