"""The HTTP client that all triggers of a sensor share. A door to aiohttp, as are the cluster's and Argo Server's.

The library's own redirects, cookies, .netrc, decompression and default headers stay off: what leaves is what was written.
"""

import asyncio
import io
import ipaddress
import ssl
import urllib.request
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import aiohttp
from yarl import URL

from common.errors import Failed, Refused, Unavailable
from sensor.triggers.http import redirects
from sensor.triggers.http.request import Request
from sensor.triggers.http.url import Url
from sensor.triggers.mounted import Stamp
from sensor.triggers.tls import Tls

REST_BYTES, REST_SECONDS = 2**18, 1.0
"""How much of an answer's body is read so that its connection can be used again, and for how long; it is not looked at."""
LONGEST_HEADER = 2**20
"""Bytes of a header in an answer; a longer one breaks the answer, and the request would be made for ever."""
LARGE = 2**19
"""Bytes of a body above which it is sent in pieces: in one piece it would hold up everybody else."""
_SKIPPED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer of a chain of redirects: its status, and what Retry-After says."""

    status: int
    retry_after: str = ""


class Session:
    """One pool of connections, by server and TLS; `open_session` makes it for `sensor.triggers.shared`."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client
        self._contexts: dict[Tls, tuple[tuple[Stamp, ...], ssl.SSLContext]] = {}

    async def send(self, request: Request, tls: Tls | None, timeout: float) -> Answer:  # noqa: ASYNC109 - of all of it
        """Send a request and follow redirects.

        Raises `Unavailable` where no answer comes, `Refused` where a server cannot be trusted or a TLS file is missing, and
        `Failed` where redirects lead nowhere.
        """
        trust = None if tls is None else self._context(tls)
        deadline = asyncio.get_running_loop().time() + timeout
        current = request
        for _ in range(redirects.MOST + 1):
            try:
                async with asyncio.timeout_at(deadline):
                    response = await self._ask(current, trust)
            except TimeoutError as error:
                raise Unavailable(f"no answer from {current.url.place} within {timeout:g} s") from error
            except aiohttp.ClientConnectorCertificateError as error:
                raise Refused(f"{current.url.origin} is not trusted: {error.certificate_error}") from error
            except aiohttp.InvalidURL as error:
                raise Failed(f"{current.url.place} cannot be asked") from error
            except (aiohttp.ClientError, OSError) as error:
                raise Unavailable(f"{current.url.place} does not answer: {_short(error)}") from error
            headers = response.headers
            await _let_go(response)
            following = redirects.follow(request, current, response.status, headers.get("Location", ""))
            if following is None:
                return Answer(response.status, headers.get("Retry-After", ""))
            current = following
        raise Failed(f"{request.url.place} leads through more than {redirects.MOST} redirects")

    async def _ask(self, request: Request, trust: ssl.SSLContext | None) -> aiohttp.ClientResponse:
        return await self._client.request(
            request.method,
            URL.build(scheme=request.url.scheme, authority=request.url.host, path=request.url.target, encoded=True),
            data=_sendable(request.body),
            skip_auto_headers=_SKIPPED,
            allow_redirects=False,
            ssl=True if trust is None else trust,
            proxy=_proxy(request.url) if trust is None else None,
            middlewares=(partial(_as_written, request),),
        )

    def _context(self, tls: Tls) -> ssl.SSLContext:
        """Give the context of a trigger; it is made anew when one of its files changed. Raises `Refused`."""
        stamp = tls.stamp()
        kept = self._contexts.get(tls)
        if kept is None or kept[0] != stamp:
            kept = self._contexts[tls] = (stamp, tls.context())
        return kept[1]


async def open_session(stack: AsyncExitStack) -> Session:
    """Open it, to be closed with the stack."""
    client = aiohttp.ClientSession(
        # How many requests are in flight is bounded by what the sensor has in hand.
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        auto_decompress=False,
        trust_env=False,
        max_line_size=LONGEST_HEADER,
        max_field_size=LONGEST_HEADER,
    )
    return Session(await stack.enter_async_context(client))


async def _as_written(
    request: Request, asked: aiohttp.ClientRequest, go_on: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Write the method and the headers as they are: the library itself would take `X-A` and `x-a` for one name."""
    asked.method = request.method
    asked.headers["Host"] = request.host
    for name, value in request.headers.items():
        asked.headers.add(name, value)
    return await go_on(asked)


async def _let_go(response: aiohttp.ClientResponse) -> None:
    """Give the connection back; one whose answer is long or slow is closed with what is left of it."""
    left = REST_BYTES
    try:
        async with asyncio.timeout(REST_SECONDS):
            async for piece in response.content.iter_any():
                left -= len(piece)
                if left < 0:
                    break
    except (TimeoutError, aiohttp.ClientError, OSError):
        # The status has come, and that is the answer.
        pass
    finally:
        response.release()


def _sendable(body: bytes | None) -> bytes | io.BytesIO | None:
    return io.BytesIO(body) if body is not None and len(body) > LARGE else body


def _proxy(url: Url) -> str | None:
    """Give the proxy that the environment names for an address; as in Go there is none on the way to ourselves."""
    proxies = urllib.request.getproxies_environment()
    found = proxies.get(url.scheme)
    if not found or _is_local(url.hostname) or urllib.request.proxy_bypass(url.host, proxies):
        return None
    return found if "://" in found else f"http://{found}"


def _is_local(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _short(error: BaseException) -> str:
    """Word an error of the client library, whose own texts may show a whole address."""
    cause = getattr(error, "os_error", error)
    words = getattr(cause, "strerror", None)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
