"""The `http` trigger of the area `triggers`: the request as it comes to a real server, byte by byte."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from common import documents
from common.errors import Failed, ServiceError, Unavailable
from sensor.ports import Cluster, Firing
from sensor.spec import Trigger
from sensor.triggers import Surroundings, construct
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders
from tests.conformance import builders

DIGEST = "0f" * 32
SERVER = "http://server"
MOUNTS = "/argo-events/"
Answer = Mapping[str, Any]


@dataclass
class Noting:
    """A server that notes what comes, byte by byte, and always answers the same."""

    status: int
    requests: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            # Something else than HTTP knocked, or nothing came.
            writer.close()
            return
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        method, uri, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("Content-Length", 0)))
        self.requests.append({"method": method, "uri": uri, "headers": headers, "body": body.decode()})
        writer.write(f"HTTP/1.1 {self.status} Whatever\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


def run(given: Any) -> Answer:  # noqa: ANN401 - the corpus
    """Fire once at a server of the case's own."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_run(given, Path(folder)))


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401 - the corpus
    """Compare what came to the server, and whether the policy was content."""
    request = dict(expected["request"])
    request["headers"] = _compared(request["headers"])
    return (
        request == got["request"]
        and expected["status"] == got["status"]
        and ("policyError" in expected) == ("policyError" in got)
    )


FUNCTIONS = {"http": (run, same)}


async def _run(given: Any, folder: Path) -> Answer:  # noqa: ANN401 - the corpus
    for path, text in (given.get("files") or {}).items():
        file = folder / path.removeprefix(MOUNTS)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for path, text in (given.get("filesBase64") or {}).items():
        file = folder / path.removeprefix(MOUNTS)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(text))
    noting = Noting(given.get("response") or 200)
    server = await asyncio.start_server(noting, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        answer = await _fire(given, folder, f"http://{host}")
    if not noting.requests:
        return answer
    request = noting.requests[0]
    headers = request["headers"]
    assert headers.pop("Idempotency-Key") == DIGEST
    request["host"] = headers.pop("Host").replace(host, "<server>")
    request["headers"] = _compared(headers)
    return {**answer, "request": request, "status": noting.status}


async def _fire(given: Any, folder: Path, address: str) -> Answer:  # noqa: ANN401 - the corpus
    given = _pointed(given, address)
    trigger = documents.parse(Trigger, given["trigger"]).value
    assert trigger.template is not None
    shared = Shared()
    folders = Folders(folder / "config", folder / "secrets")
    # Nothing here asks a cluster.
    around = Surroundings(given["sensor"], given["namespace"], cast("Cluster", None), folders, shared)
    made = construct(trigger.template, trigger.policy, around, "trigger.template")
    async with shared:
        try:
            await made.fire(Firing(DIGEST, builders.events(given), 0.0))
        except (Failed, Unavailable) as error:
            return {"policyError" if "is not allowed" in str(error) else "error": str(error)}
        except ServiceError as error:
            return {"error": str(error)}
    return {}


def _pointed(value: Any, address: str) -> Any:  # noqa: ANN401 - the corpus
    """Put the server's own address where the case says `http://server`."""
    if isinstance(value, dict):
        return {key: _pointed(each, address) for key, each in value.items()}
    if isinstance(value, list):
        return [_pointed(each, address) for each in value]
    return value.replace(SERVER, address) if isinstance(value, str) else value


def _compared(headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out what the client library may choose."""
    free = {"User-Agent", "Accept-Encoding"}
    return {name: value for name, value in headers.items() if name not in free and (name, value) != ("Content-Length", "0")}
