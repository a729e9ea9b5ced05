"""Argo Server's REST interface, for the two operations that only it can do: retry and resubmit.

Retrying rewrites the state of a Workflow's nodes and deletes pods, by rules that change with each release of Argo Workflows;
its server brings those of its own release. The only door to aiohttp for it.
Source: pkg/apiclient/workflow/workflow.proto and server/utils/errors.go of github.com/argoproj/argo-workflows v3.7 and v4.
"""

import ssl
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from common.errors import ConfigurationError, Failed, Refused, Rejected, ServiceError, Unavailable

TIMEOUT, CONNECT_TIMEOUT = 30.0, 3.0
"""Seconds for a whole request, and for the connection it may need: a retry deletes pods before it answers."""
LONGEST = 256
"""Characters of a remote text that reach an error."""
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_AWAY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class ArgoServer:
    """Where Argo Server is, and how to log in: the token's file is read at each request, so it may be renewed."""

    url: str
    token_file: Path | None = None
    ca_file: Path | None = None
    is_insecure: bool = False


def argo_server(url: str, token_file: Path | None, ca_file: Path | None, *, is_insecure: bool) -> ArgoServer | None:
    """Read the settings; None where no server is named. Raises `ConfigurationError`, naming the setting."""
    if not url:
        return None
    parsed = _url(url)
    if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host or parsed.query_string or parsed.fragment:
        raise ConfigurationError("ARGO_SERVER_URL: an address such as https://argo-server.argo:2746 is wanted")
    if parsed.user or parsed.password:
        raise ConfigurationError("ARGO_SERVER_URL: no user belongs in it: ARGO_SERVER_TOKEN_FILE names the token")
    return ArgoServer(url.rstrip("/"), token_file, ca_file, is_insecure)


class Client:
    """Requests to one server; `open_client` makes it for `sensor.triggers.shared`."""

    def __init__(self, server: ArgoServer, session: aiohttp.ClientSession) -> None:
        self._server = server
        self._session = session

    async def workflow(self, verb: str, namespace: str, name: str, more: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do something with a Workflow (`retry`, `resubmit`); gives the Workflow that it answers with.

        Raises `Unavailable` where no answer comes, `Refused` where it lets nobody do this, `Failed` where it says no to this
        Workflow, as it is now or as it answers (500), and `Rejected` for a name that can be none.
        """
        url = f"{self._server.url}/api/v1/workflows/{_segment(namespace)}/{_segment(name)}/{verb}"
        body = orjson.dumps({"namespace": namespace, "name": name, **more})
        try:
            async with self._session.put(
                URL(url, encoded=True), data=body, headers=_JSON | self._login(), ssl=self._trust(), allow_redirects=False
            ) as response:
                content = await response.read()
        except TimeoutError as error:
            raise Unavailable(f"no answer from Argo Server within {TIMEOUT:g} s") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise Refused(f"Argo Server is not trusted: {error.certificate_error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"Argo Server is away: {type(error).__name__}") from error
        answer = _object(content)
        if response.ok and answer:
            return answer
        raise _meaning(response.status, answer, content, response.headers.get("Retry-After", ""))

    def _login(self) -> dict[str, str]:
        path = self._server.token_file
        if path is None:
            return {}
        try:
            token = path.read_text().strip().removeprefix("Bearer ")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"ARGO_SERVER_TOKEN_FILE: {path} cannot be read: {type(error).__name__}") from error
        return {"Authorization": f"Bearer {token}"}

    def _trust(self) -> ssl.SSLContext | bool:
        if self._server.is_insecure:
            return False
        if self._server.ca_file is None:
            return True
        try:
            return ssl.create_default_context(cafile=str(self._server.ca_file))
        except OSError as error:
            raise Refused(f"ARGO_SERVER_CA_FILE: {self._server.ca_file} cannot be read: {type(error).__name__}") from error


async def open_client(server: ArgoServer, stack: AsyncExitStack) -> Client:
    """Open it, to be closed with the stack."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=CONNECT_TIMEOUT)
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout, trust_env=False)
    return Client(server, await stack.enter_async_context(session))


def _meaning(status: int, answer: Mapping[str, Any], content: bytes, retry_after: str) -> ServiceError:
    """Give the error that an answer stands for; a JSON body with a code is the server's own, and about this Workflow."""
    text = str(answer.get("message") or content[: 4 * LONGEST].decode("utf-8", "replace"))
    what = f"Argo Server answers {status}: {' '.join(text.split())[:LONGEST]}"
    if status in _AWAY:
        return Unavailable(what, after=float(retry_after) if retry_after.isdecimal() else None)
    if "code" in answer and status not in {401, 403}:
        return Failed(what)
    return Refused(what)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _segment(name: str) -> str:
    if name in {"", ".", ".."} or "/" in name or "%" in name:
        raise Rejected("rejected", f"{name!r} can be the name of no object")
    return quote(name, safe="")


def _url(text: str) -> URL | None:
    try:
        return URL(text)
    except ValueError:
        return None
