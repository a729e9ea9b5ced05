"""The API server: discovery, create, get, change, delete, list, watch, and the question whether we may.

kubernetes_asyncio brings the configuration and keeps the token fresh; the requests go through a session of our own over its
connector, because its own looks for .netrc and proxies in a thread at each request, has no timeout, and cannot send JSON that
is written already.
"""

import asyncio
import io
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import orjson

from common.errors import Refused, Rejected, ServiceError, Unavailable
from sensor import answers, clusterconfig
from sensor.clusterconfig import SERVICE_TOKEN_FILENAME
from sensor.metrics import ApiMetrics
from sensor.ports import APPLY, Listing, Missing, Target

TOTAL_TIMEOUT, CONNECT_TIMEOUT = 10.0, 3.0
"""Seconds for a whole request, and for the connection it may need."""
RELOAD_EVERY = 10.0
"""Seconds between two looks at the kubeconfig when our token is not accepted."""
WATCH_TIMEOUT, WATCH_GRACE = 20, 5.0
"""Seconds after which a watch is to end in peace, and what it is given beyond that until it is cut."""
PAGE = 100
"""Objects in one page of a list."""
LARGE = 2**19
"""Bytes of a body above which it is sent in pieces."""
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_VERSION = re.compile(r"(?:[a-z0-9][-a-z0-9]*(?:\.[a-z0-9][-a-z0-9]*)*/)?[a-z0-9]+")
_APPLY = "?fieldManager=argosy&force=true"
_OK, _NOT_FOUND, _UNAUTHORIZED, _FIRST_FAULT = 200, 404, 401, 400


def reachable_from(kubeconfig: Path | None, environment: Mapping[str, str]) -> str | None:
    """Say what is missing before the cluster can be reached at all, or None."""
    if kubeconfig is not None:
        return None if kubeconfig.is_file() else f"KUBECONFIG: {kubeconfig} is no file"
    if environment.get("KUBERNETES_SERVICE_HOST") and Path(SERVICE_TOKEN_FILENAME).is_file():
        return None
    return "KUBECONFIG: required outside of a cluster (inside, the pod needs a ServiceAccount's token)"


class KubernetesCluster:
    """One API server: `async with KubernetesCluster(kubeconfig) as cluster`."""

    def __init__(self, kubeconfig: Path | None, *, in_flight: int) -> None:
        self._kubeconfig = kubeconfig
        self._in_flight = in_flight
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}
        self._metrics = ApiMetrics()
        self._configuration: Any = None
        self._transport: Any = None
        self._session: aiohttp.ClientSession | None = None
        self._loaded = 0.0
        self._opening, self._discovery = asyncio.Lock(), asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
        if self._transport is not None:
            await self._transport.close()

    # ------------------------------------------------------------------------------------------------------- the port

    async def create(self, target: Target, namespace: str, body: bytes) -> None:
        """Create an object; see `sensor.ports.Cluster`."""
        path, plural = await self._path(target, namespace)
        try:
            await self._call("POST", path, body, plural)
        except Missing:
            # The kind may have been taken away or moved: it is looked up anew the next time.
            self._kinds.pop(target.api_version, None)
            raise

    async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Get an object, or None."""
        path, plural = await self._path(target, namespace, name)
        return await self._call("GET", path, None, plural, missing=True)

    async def update(self, target: Target, namespace: str, name: str, body: bytes) -> None:
        """Put an object in the place of another."""
        path, plural = await self._path(target, namespace, name)
        await self._call("PUT", path, body, plural)

    async def patch(self, target: Target, namespace: str, name: str, body: bytes, strategy: str) -> None:
        """Change an object."""
        path, plural = await self._path(target, namespace, name)
        query = _APPLY if strategy == APPLY else ""
        await self._call("PATCH", path + query, body, plural, content_type=strategy)

    async def delete(self, target: Target, namespace: str, name: str) -> bool:
        """Delete an object, or find that there is none."""
        path, plural = await self._path(target, namespace, name)
        return await self._call("DELETE", path, None, plural, missing=True) is not None

    async def listed(self, target: Target, namespace: str, selector: str) -> Listing:
        """List objects, page by page."""
        path, plural = await self._path(target, namespace)
        objects: list[Mapping[str, Any]] = []
        more = ""
        while True:
            query = {"labelSelector": selector, "limit": PAGE} | ({"continue": more} if more else {})
            page = await self._call("GET", f"{path}?{urlencode(query)}", None, plural) or {}
            objects += page.get("items") or ()
            metadata = page.get("metadata") or {}
            more = str(metadata.get("continue") or "")
            if not more:
                return Listing(objects, str(metadata.get("resourceVersion") or ""))

    async def watched(
        self, target: Target, namespace: str, selector: str, version: str
    ) -> AsyncGenerator[tuple[str, Mapping[str, Any]], None]:
        """Watch objects until the server ends it in peace."""
        path, plural = await self._path(target, namespace)
        query = {"watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": WATCH_TIMEOUT}
        query |= {"labelSelector": selector, "resourceVersion": version}
        started, code = time.monotonic(), "error"
        timeout = aiohttp.ClientTimeout(total=WATCH_TIMEOUT + WATCH_GRACE, sock_connect=CONNECT_TIMEOUT)
        try:
            session, url, headers = await self._ready(f"{path}?{urlencode(query)}")
            async with session.get(url, headers=headers, timeout=timeout, **self._proxy()) as response:
                code = str(response.status)
                if response.status != _OK:
                    raise answers.meaning(answers.read(response.status, await response.read()))
                async for line in _lines(response.content):
                    yield _change(line)
        except TimeoutError as error:
            code = "timeout"
            raise Unavailable("a watch at the API server did not end in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"the API server is away: {_short(error)}") from error
        finally:
            self._metrics.seen("WATCH", plural, code, time.monotonic() - started)

    async def namespaced(self, target: Target) -> bool:
        """Say whether objects of this kind live in a namespace."""
        return (await self._resource(target))[1]

    async def allowed(self, target: Target, namespace: str, verb: str) -> bool:
        """Ask whether we may do this; nobody needs a permission to ask."""
        plural, namespaced = await self._resource(target)
        group = target.api_version.rpartition("/")[0]
        attributes = {"verb": verb, "group": group, "resource": plural, "namespace": namespace if namespaced else ""}
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
        body = orjson.dumps({**review, "spec": {"resourceAttributes": attributes}})
        answer = await self._call("POST", _REVIEW, body, "selfsubjectaccessreviews")
        return bool(((answer or {}).get("status") or {}).get("allowed"))

    # ------------------------------------------------------------------------------------------------------ discovery

    async def _path(self, target: Target, namespace: str, name: str | None = None) -> tuple[str, str]:
        """Give the path of a collection, or of one object in it, and the plural of the kind."""
        plural, namespaced = await self._resource(target)
        root = _root(target.api_version)
        path = f"{root}/namespaces/{_segment(namespace)}/{plural}" if namespaced else f"{root}/{plural}"
        return (path if name is None else f"{path}/{_segment(name)}"), plural

    async def _resource(self, target: Target) -> tuple[str, bool]:
        """Look the kind up, once: its plural, and whether it lives in a namespace."""
        kinds = self._kinds.get(target.api_version, {})
        if target.kind not in kinds:
            kinds = await self._discovered(target)
        if target.kind not in kinds:
            raise Missing(f"the API server knows no {target.kind} of {target.api_version}")
        return kinds[target.kind]

    async def _discovered(self, target: Target) -> dict[str, tuple[str, bool]]:
        async with self._discovery:
            kinds = self._kinds.get(target.api_version, {})
            if target.kind in kinds:
                # Somebody else asked while we waited.
                return kinds
            found = await self._call("GET", _root(target.api_version), None, "discovery", missing=True)
            listed = (found or {}).get("resources") or ()
            kinds = {r["kind"]: (r["name"], bool(r["namespaced"])) for r in listed if "/" not in r["name"]}
            self._kinds[target.api_version] = kinds
            return kinds

    # ------------------------------------------------------------------------------------------------------- requests

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes | None,
        resource: str,
        *,
        missing: bool = False,
        content_type: str = "",
    ) -> Mapping[str, Any] | None:
        """Make one request. Raises what the answer means; `missing`: a 404 is an answer too (None)."""
        started = time.monotonic()
        code = "error"
        try:
            session, url, headers = await self._ready(path)
            if content_type:
                headers["Content-Type"] = content_type
            async with session.request(method, url, data=_sendable(body), headers=headers, **self._proxy()) as response:
                code = str(response.status)
                content = await response.read()
                retry_after = response.headers.get("Retry-After", "")
        except TimeoutError as error:
            code = "timeout"
            raise Unavailable(f"no answer from the API server within {TOTAL_TIMEOUT:g} s", crowded=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"the API server is away: {_short(error)}") from error
        finally:
            self._metrics.seen(method, resource, code, time.monotonic() - started)
        if response.status < _FIRST_FAULT and response.status >= _OK:
            return None if method == "POST" and resource != "selfsubjectaccessreviews" else _object(content)
        if missing and response.status == _NOT_FOUND:
            return None
        if response.status == _UNAUTHORIZED:
            await self._reload()
        raise answers.meaning(answers.read(response.status, content, retry_after))

    async def _ready(self, path: str) -> tuple[aiohttp.ClientSession, str, dict[str, str]]:
        session = self._session or await self._open()
        headers = dict(_JSON)
        token = await self._configuration.get_api_key_with_prefix("BearerToken")
        if token:
            headers["Authorization"] = token
        return session, self._configuration.host + path, headers

    def _proxy(self) -> dict[str, Any]:
        proxy = {"proxy": self._configuration.proxy} if self._configuration.proxy else {}
        name = self._configuration.tls_server_name
        return proxy | ({"server_hostname": name} if name else {})

    async def _open(self) -> aiohttp.ClientSession:
        async with self._opening:
            return self._session or await self._opened()

    async def _opened(self) -> aiohttp.ClientSession:
        configuration = clusterconfig.Configuration()
        await self._load(configuration)
        configuration.connection_pool_maxsize = self._in_flight
        self._configuration = configuration
        self._transport = clusterconfig.RESTClientObject(configuration)
        self._session = aiohttp.ClientSession(
            connector=self._transport.pool_manager.connector,
            connector_owner=False,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, sock_connect=CONNECT_TIMEOUT),
            read_bufsize=2**18,
        )
        return self._session

    async def _load(self, configuration: Any) -> None:  # noqa: ANN401 - the library has no types
        self._loaded = time.monotonic()
        try:
            if self._kubeconfig is not None:
                await clusterconfig.load_kube_config(
                    str(self._kubeconfig), client_configuration=configuration, persist_config=False
                )
            else:
                clusterconfig.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        except (clusterconfig.ConfigException, OSError, ValueError, KeyError) as error:
            raise Refused(f"the cluster's configuration cannot be read: {_short(error)}") from error

    async def _reload(self) -> None:
        """Read the credentials anew: the kubeconfig may hold fresh ones; in a cluster the library reads its file itself."""
        if self._kubeconfig is not None and time.monotonic() - self._loaded > RELOAD_EVERY:
            await self._load(self._configuration)


def _sendable(body: bytes | None) -> bytes | io.BytesIO | None:
    """Give a large body as a file, which the library sends in pieces: in one piece it would hold up everybody else."""
    return io.BytesIO(body) if body is not None and len(body) > LARGE else body


def _segment(name: str) -> str:
    """Write a name into a path. Raises `Rejected` for one that would lead anywhere else: events may choose names."""
    if name in {"", ".", ".."} or "/" in name or "%" in name:
        raise Rejected("rejected", f"{name!r} can be the name of no object")
    return quote(name, safe="")


def _root(api_version: str) -> str:
    if not _VERSION.fullmatch(api_version):
        raise Missing(f"the API server knows no {api_version!r}")
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Unavailable("the API server answered no JSON") from error
    return document if isinstance(document, dict) else {}


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Cut what comes into lines; the library's own reader refuses long ones."""
    rest = bytearray()
    async for chunk in content.iter_any():
        *lines, last = chunk.split(b"\n")
        for line in lines:
            yield bytes(rest + line)
            rest.clear()
        rest += last


def _change(line: bytes) -> tuple[str, Mapping[str, Any]]:
    """Read what a watch tells. Raises what an error in it means."""
    event = _object(line)
    found = event.get("object") or {}
    if event.get("type") == "ERROR":
        raise answers.meaning(answers.read(int(found.get("code") or 0), orjson.dumps(found)))
    return str(event.get("type")), found


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[: answers.LONGEST]


__all__ = ["KubernetesCluster", "ServiceError", "reachable_from"]
