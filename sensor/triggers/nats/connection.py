"""Connections to the NATS servers of triggers; several triggers share one. The only door to nats-py among the triggers.

A lost connection is not brought back behind our back: it is dropped, and the next message opens another, with the secrets as
they are then.
"""

import asyncio
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import nats.errors
from nats.aio.client import Client, RawCredentials

from common.errors import Refused, Rejected, Unavailable
from sensor.triggers.mounted import Mounted
from sensor.triggers.tls import Tls

CONNECT_SECONDS, FLUSH_SECONDS = 5.0, 5.0
"""Seconds for a connection to be made, and for the server to say that it has a message."""
CLOSE_SECONDS = 1.0
"""Seconds for a connection to be closed."""
PING_SECONDS = 5.0
"""Seconds between pings; two unanswered ones end the connection."""
_MOST_HEADERS = 256
"""Bytes of a message's headers, at most, which the server counts as well."""
_LOGIN_WORDS = ("authorization", "authentication")
_CREDENTIALS = re.compile(r"BEGIN NATS USER JWT-+\s+\S+\s.*BEGIN USER NKEY SEED-+\s+(?P<seed>\S+)\s", re.DOTALL)


class Denied(Refused):
    """We may not publish to a subject."""


@dataclass(frozen=True, slots=True)
class Login:
    """How we say who we are; at most one way is given, or it stands in the address."""

    user: Mounted | None = None
    password: Mounted | None = None
    token: Mounted | None = None
    nkey: Mounted | None = None
    credential: Mounted | None = None

    def options(self) -> dict[str, Any]:
        """Read what the client's connect takes. Raises `Refused`."""
        options: dict[str, Any] = {}
        if self.user is not None or self.password is not None:
            options = {"user": _text(self.user), "password": _text(self.password)}
        elif self.token is not None:
            options = {"token": _text(self.token)}
        elif self.nkey is not None:
            options = {"nkeys_seed_str": _seed(_text(self.nkey), self.nkey)}
        elif self.credential is not None:
            text = _text(self.credential)
            found = _CREDENTIALS.search(text)
            if found is None:
                raise Refused(f"{self.credential} is no credentials file of NATS")
            _seed(found["seed"], self.credential)
            options = {"user_credentials": RawCredentials(text)}
        return options


@dataclass(frozen=True, slots=True)
class Server:
    """A server, or the servers of a cluster. `addresses` may hold logins; `title` is without them, for errors and logs."""

    addresses: tuple[str, ...] = field(repr=False)
    title: str
    login: Login = Login()
    tls: Tls | None = None


@dataclass(eq=False, slots=True)
class _Sending:
    """A message under way, and what the server said against it."""

    subject: str
    denied: bool = False
    stuck: bool = False


class Connection:
    """One connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client = Client()
        self._sending: set[_Sending] = set()
        self._errors: list[str] = []

    @property
    def alive(self) -> bool:
        """Whether it can be used."""
        return self._client.is_connected

    async def open(self) -> None:
        """Connect. Raises `Unavailable`, or `Refused` where the server does not accept us."""
        options = self._server.login.options()
        tls = None if self._server.tls is None else self._server.tls.context()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._client.connect(
                    servers=list(self._server.addresses),
                    name="argosy sensor",
                    tls=tls,
                    allow_reconnect=False,
                    # Each server of the list is tried, and then it is our turn again.
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    # No message stays with the library: it would be overtaken by the ping of the flush behind it.
                    pending_size=1,
                    flush_timeout=FLUSH_SECONDS,
                    ping_interval=PING_SECONDS,  # type: ignore[arg-type] # handed to asyncio, which takes fractions
                    max_outstanding_pings=2,
                    error_cb=self._on_error,
                    **options,
                )
        except (nats.errors.Error, TimeoutError, OSError, ValueError) as error:
            await self.close()
            raise self._away(error) from error
        if tls is not None and not tls.session_stats()["connect_good"]:
            await self.close()
            raise Refused(f"{self._server.title} does not offer TLS, which the trigger asks for")

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> None:
        """Publish, and wait until the server has it.

        Raises `Unavailable`; `Denied` where we may not publish; `Rejected("too_large")`.
        """
        if len(payload) + _MOST_HEADERS > self._client.max_payload:
            what = f"{len(payload)} bytes for {subject} are more than {self._server.title} takes"
            raise Rejected("too_large", f"{what} ({self._client.max_payload} with headers)")
        sending = _Sending(subject)
        self._sending.add(sending)
        try:
            await self._client.publish(subject, payload, headers=dict(headers))
            _pass_on_cancellation()
            # The server answers in order: what it has against the message it has said before this comes back.
            await self._client.flush(timeout=FLUSH_SECONDS)  # type: ignore[arg-type] # as above
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise self._away(error) from error
        finally:
            self._sending.discard(sending)
        if sending.denied:
            raise Denied(f"{self._server.title} does not let us publish to {subject}")
        if sending.stuck or not self.alive:
            raise Unavailable(f"{self._server.title}: the message did not get through")

    async def close(self) -> None:
        """Close it; what is lost with it was never called a success."""
        with suppress(nats.errors.Error, TimeoutError, OSError):
            # After a failed handshake the library would wait for an end of the connection that nobody announces.
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._client.close()

    async def _on_error(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        self._errors = [*self._errors[-2:], text]
        for sending in self._sending:
            sending.stuck |= isinstance(error, nats.errors.FlushTimeoutError)
            # The library gives the server's words in lower case.
            if f'"{sending.subject.lower()}"' in text.lower():
                sending.denied = True

    def _away(self, error: Exception) -> Unavailable | Refused:
        texts = [*self._errors, str(error) or type(error).__name__]
        if any(word in text.lower() for text in texts for word in _LOGIN_WORDS):
            return Refused(f"{self._server.title} does not accept our login")
        if "certificate verify failed" in " ".join(texts).lower():
            return Refused(f"{self._server.title} is not trusted: {texts[0]}")
        return Unavailable(f"{self._server.title} is away: {texts[0]}")


async def open_connection(server: Server, stack: AsyncExitStack) -> Connection:
    """Open one, to be closed with the stack."""
    connection = Connection(server)
    await connection.open()
    stack.push_async_callback(connection.close)
    return connection


def _pass_on_cancellation() -> None:
    """Raise the CancelledError that the library swallows while it writes."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _seed(text: str, source: Mounted) -> str:
    """Look at the seed of a key before the client does, which fails over a bad one in ways of its own. Raises `Refused`."""
    import nkeys  # noqa: PLC0415 - large, and rarely needed

    try:
        nkeys.from_seed(bytearray(text.strip().encode())).wipe()
    except nkeys.NkeysError:
        raise Refused(f"{source} holds no seed of a NATS key") from None
    return text


def _text(source: Mounted | None) -> str:
    return "" if source is None else source.text() or ""
