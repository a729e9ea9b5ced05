"""One connected client of the bus: dialled with what the secrets hold now, and hung up within a bound.

The library's own reconnecting is not used. It logs in with the secrets that it got first, waits without a limit for the end of
a connection that nobody answers on, and stops for good over an error that it does not expect. Here a lost connection is
dropped, socket and all, and another one is dialled.
"""

import asyncio
from collections.abc import Awaitable, Callable
from ssl import SSLContext
from typing import Any

import nats.errors
from nats.aio.client import Client

from common.bus.config import BusConfig
from common.errors import Refused, ServiceError, Unavailable

PING_INTERVAL = 5.0
"""Seconds between pings; two unanswered ones end the connection, so that a silent server is noticed within 15 s."""
CONNECT_TIMEOUT = 5.0
"""Seconds for one server to answer."""
DIAL_TIMEOUT = 20.0
"""Seconds for one of the servers to be connected."""
CLOSE_TIMEOUT = 3.0
"""Seconds for what is buffered to reach the server, and for the connection to end."""

_LOGIN_WORDS = ("authorization", "authentication")
_CERTIFICATE_WORDS = ("certificate", "handshake failure", "unknown ca")
_KEPT = 3

OnError = Callable[[Exception], Awaitable[None]]
OnLost = Callable[[], Awaitable[None]]


async def dial(config: BusConfig, title: str, *, on_error: OnError, on_lost: OnLost) -> Client:
    """Connect to one of the servers. Raises `Refused` where it does not accept us or cannot be trusted, else `Unavailable`.

    The callbacks hear of what happens after that.
    """
    options = _options(config)
    client = Client()
    heard: list[str] = []
    connected = False

    async def on_fault(error: Exception) -> None:
        if connected:
            await on_error(error)
        heard.append(_text(error))

    try:
        async with asyncio.timeout(DIAL_TIMEOUT):
            # The client's annotations say int; it hands these to asyncio, which takes fractions.
            await client.connect(
                servers=list(config.servers),
                name=title,
                connect_timeout=CONNECT_TIMEOUT,  # type: ignore[arg-type]
                allow_reconnect=False,
                # Each server of the list is tried, and then it is our turn again.
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                ping_interval=PING_INTERVAL,  # type: ignore[arg-type]
                max_outstanding_pings=2,
                flush_timeout=CONNECT_TIMEOUT,
                error_cb=on_fault,
                disconnected_cb=on_lost,
                **options,
            )
        if config.tls is not None and config.tls.verify:
            _meets_tls(options["tls"])
        connected = True
    except (nats.errors.Error, TimeoutError, OSError, ValueError) as error:
        raise _away(config, [*heard[-_KEPT:], _text(error)]) from error
    finally:
        if not connected:
            await hang_up(client)
    return client


def _options(config: BusConfig) -> dict[str, Any]:
    """Give how we log in and how TLS is spoken, from the files as they are now."""
    options: dict[str, Any] = config.login.options()
    if config.tls is not None:
        context = config.tls.context()
        options |= {"tls": context, "tls_handshake_first": config.tls.first}
        if config.tls.verify:
            for name in options.keys() & {"password", "token"}:
                options[name] = _behind_tls(context, options[name])
    return options


def _behind_tls(context: SSLContext, secret: str) -> Callable[[], str]:
    """Give the secret away only when the connection is safe: a server decides by itself whether it wants TLS."""

    def give() -> str:
        _meets_tls(context)
        return secret

    return give


def _meets_tls(context: SSLContext) -> None:
    if not context.session_stats()["connect_good"]:
        raise nats.errors.Error("the server offers no TLS, and without it nothing is said")


def _away(config: BusConfig, texts: list[str]) -> ServiceError:
    where = ",".join(config.servers)
    for text in texts:
        if any(word in text.lower() for word in _LOGIN_WORDS):
            return Refused(f"{where} does not accept our login ({config.login.title}): {text}")
        if any(word in text.lower() for word in _CERTIFICATE_WORDS):
            return Refused(f"{where} and we do not trust each other: {text}")
    return Unavailable(f"{where} is away: {texts[0]}")


def _text(error: Exception) -> str:
    return str(error).removeprefix("nats: ").strip("'\" ") or type(error).__name__


async def hang_up(client: Client) -> None:
    """Send what is buffered (acks, above all), then close: within `CLOSE_TIMEOUT`, and whatever the server does."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            if client.is_connected:
                # The ping of a flush overtakes what is still buffered; that of a second one does not.
                await client.flush(timeout=2)
                await client.flush(timeout=2)
                await client.close()
    except (nats.errors.Error, TimeoutError, OSError):
        # The server went first; what it did not get is redelivered.
        pass
    finally:
        _abort(client)


def _abort(client: Client) -> None:
    """Let go of the socket at once: one that waits for a silent server would stay for a quarter of an hour."""
    transport = client._transport  # noqa: SLF001 - the library has no call for it
    for name in ("_io_writer", "_bare_io_writer"):
        writer = getattr(transport, name, None)
        if writer is not None:
            writer.transport.abort()
