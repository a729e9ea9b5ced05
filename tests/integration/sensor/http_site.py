"""A server that notes what it is asked, and an `http` trigger in front of it."""

# ruff: noqa: ANN401 - documents are any JSON

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from common import documents
from sensor.ports import Cluster, Firing
from sensor.spec import Trigger
from sensor.triggers import Surroundings, construct
from sensor.triggers.http.trigger import HttpTrigger
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders
from tests.fakes_sensor import event

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Noted:
    """What a server was asked, and by which client certificate."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    peer: Any


@dataclass
class Site:
    """A server that notes what comes; `answer` says what it answers."""

    answer: Answering
    port: int = 0
    scheme: str = "http"
    noted: list[Noted] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Note the request and answer it."""
        certificate = request.transport.get_extra_info("peercert") if request.transport else None
        noted = Noted(request.method, request.path_qs, dict(request.headers), await request.read(), certificate)
        self.noted.append(noted)
        return await self.answer(request)


def status(code: int, **headers: str) -> Answering:
    """Answer always the same."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()}, text="x")

    return answer


@dataclass
class World:
    """The servers, the mounted folders and the sensor's surroundings of one test."""

    folder: Path
    stack: AsyncExitStack
    shared: Shared = field(default_factory=Shared)

    async def site(self, answer: Answering, *, tls: ssl.SSLContext | None = None) -> Site:
        """Start a server."""
        site = Site(answer, scheme="https" if tls else "http")
        application = web.Application(client_max_size=2**26)
        application.router.add_route("*", "/{anything:.*}", site.handle)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        site.port = runner.addresses[0][1]
        return site

    def mount(self, name: str, **keys: str | bytes) -> None:
        """Mount a Secret, or change it."""
        (self.folder / name).mkdir(exist_ok=True)
        for key, value in keys.items():
            (self.folder / name / key).write_bytes(value.encode() if isinstance(value, str) else value)

    def trigger(self, url: str, allow: list[int] | None = None, **http: Any) -> HttpTrigger:
        """Make a trigger as a document would."""
        policy = {} if allow is None else {"policy": {"status": {"allow": allow}}}
        written = {"template": {"name": "t", "http": {"url": url} | http}} | policy
        trigger = documents.parse(Trigger, written).value
        assert trigger.template is not None
        folders = Folders(self.folder, self.folder)
        around = Surroundings("orders", "argo", cast("Cluster", None), folders, self.shared)
        return cast("HttpTrigger", construct(trigger.template, trigger.policy, around, "template"))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[World]:
    """Open what a test needs, and close all of it in order."""
    async with AsyncExitStack() as stack:
        world = World(folder, stack)
        await stack.enter_async_context(world.shared)
        yield world


def firing(digest: str = "d0" * 32, data: bytes = b'{"body":"hello"}') -> Firing:
    """Make a firing."""
    return Firing(digest, {"order": event(data=data)}, 0.0)


def parameter(dest: str, **src: Any) -> dict[str, Any]:
    """Write one parameter."""
    return {"src": {"dependencyName": "order"} | (src or {"dataKey": "body"}), "dest": dest}
