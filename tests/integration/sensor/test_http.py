"""The `http` trigger against real servers: good and bad answers, slow ones, none, TLS, redirects, rotated secrets."""

# ruff: noqa: ANN401 - documents are any JSON

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from common import documents
from common.errors import Failed, Refused, Unavailable
from sensor.gate import Gate, Gates
from sensor.ports import Cluster, Fired, Firing
from sensor.spec import Trigger, TriggerTemplate
from sensor.triggers import Surroundings, construct, prepared
from sensor.triggers.http.trigger import HttpTrigger
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders
from sensor.triggers.template import TemplatedTrigger
from tests.fakes_sensor import event
from tests.servers.certificates import Authority, Pair

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


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give servers, folders and surroundings; all is closed in order, and nothing is left to the garbage collector."""
    async with _opened(tmp_path) as world:
        yield world
    gc.collect()


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[World]:
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


# -------------------------------------------------------------------------------------------------------------- answers


async def test_a_request_comes_as_it_was_written(world: World) -> None:
    """The whole way: method, address, headers, body, and the hash by which the server can tell repetitions."""
    site = await world.site(status(200))
    trigger = world.trigger(f"{site.url}/p?q=1", headers={"X-A": "1"}, payload=[parameter("k")])
    assert await trigger.fire(firing()) == Fired("fired", f"POST {site.url}/p: 200")
    [noted] = site.noted
    assert (noted.method, noted.path, noted.body) == ("POST", "/p?q=1", b'{"k":"hello"}')
    assert noted.headers == {
        "Host": f"127.0.0.1:{site.port}",
        "X-A": "1",
        "Idempotency-Key": "d0" * 32,
        "Content-Length": "13",
    }


@pytest.mark.parametrize("code", [200, 204, 301, 404, 429, 500, 503])
async def test_without_a_policy_any_status_is_a_success(world: World, code: int) -> None:
    """As in Argo Events, whose documents rely on it."""
    site = await world.site(status(code, Retry_After="7"))
    assert (await world.trigger(site.url).fire(firing())).how == "fired"


@pytest.mark.parametrize("code", [201, 400, 401, 404, 500, 502, 503])
async def test_a_status_that_is_not_allowed_is_an_attempt(world: World, code: int) -> None:
    """A 5xx too: many a server answers it to one body that it does not like, and that must not stop the others."""
    site = await world.site(status(code))
    with pytest.raises(Failed, match=f"status {code} is not allowed") as caught:
        await world.trigger(site.url, [200]).fire(firing())
    assert caught.value.exhausted == "policy_failed"


@pytest.mark.parametrize(("code", "after"), [(429, "7"), (503, "7"), (429, "")])
async def test_a_server_that_asks_for_less_is_no_attempt(world: World, code: int, after: str) -> None:
    """429, and 503 with Retry-After, are about the server, unless the document allows them."""
    site = await world.site(status(code, **({"Retry_After": after} if after else {})))
    with pytest.raises(Unavailable) as caught:
        await world.trigger(site.url, [200]).fire(firing())
    assert caught.value.after == (float(after) if after else None)
    assert (await world.trigger(site.url, [200, code]).fire(firing())).how == "fired"


async def test_the_gate_waits_as_long_as_the_server_asks(world: World) -> None:
    """Retry-After reaches the breaker: the event is sent again when the pause is over, and no sooner."""
    answers = [status(503, Retry_After="1"), status(200)]

    async def next_answer(request: web.Request) -> web.StreamResponse:
        return await answers.pop(0)(request)

    site = await world.site(next_answer)
    stop = asyncio.Event()
    gates = Gates(Gate.stop(stop, lambda _: None), None)
    started = asyncio.get_running_loop().time()
    trigger = world.trigger(site.url, [200])
    assert (await gates.run(lambda: trigger.fire(firing()))).how == "fired"
    assert asyncio.get_running_loop().time() - started >= 1


async def test_a_server_that_is_away_is_no_attempt(world: World) -> None:
    """Nobody listens: the trigger waits, and the text names the server and nothing secret."""
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:1/x does not answer: ") as caught:
        await world.trigger("http://user:hunter2@127.0.0.1:1/x?token=hunter2").fire(firing())
    assert "hunter2" not in str(caught.value)


async def test_a_name_that_nobody_knows_is_no_attempt(world: World) -> None:
    """DNS comes back too."""
    with pytest.raises(Unavailable):
        await world.trigger("http://no-such-host.invalid/").fire(firing())


async def test_a_slow_server_is_no_attempt(world: World) -> None:
    """`timeout` is for all of it, in seconds."""

    async def sleep(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    site = await world.site(sleep)
    with pytest.raises(Unavailable, match="within 1 s"):
        await world.trigger(site.url, timeout=1).fire(firing())


async def test_a_connection_that_breaks_is_no_attempt(world: World) -> None:
    """The server may have had the request: it comes again, with the same key."""

    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    site = await world.site(cut)
    with pytest.raises(Unavailable):
        await world.trigger(site.url).fire(firing())


async def test_an_answer_that_is_no_http_is_no_attempt(world: World) -> None:
    """Another protocol at the port is a fault of the target's."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        with pytest.raises(Unavailable):
            await world.trigger(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/").fire(firing())


async def test_trouble_where_only_an_event_leads_is_an_attempt(world: World) -> None:
    """An event that names a server of its own must not hold up the others."""
    trigger = world.trigger("http://127.0.0.1:2/", parameters=[parameter("url", value="http://127.0.0.1:1/")])
    with pytest.raises(Failed, match=r"http://127\.0\.0\.1:1/ does not answer"):
        await trigger.fire(firing())
    path = world.trigger("http://127.0.0.1:1/", parameters=[parameter("url", value="http://127.0.0.1:1/other")])
    with pytest.raises(Unavailable):
        await path.fire(firing())


async def test_answers_leave_no_connection_open(world: World) -> None:
    """The Go sensor leaks a connection for each answer (F18): here one is used again, whatever the answer holds."""
    ports: set[Any] = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername"))
        return web.Response(body=b"x" * 100_000)

    site = await world.site(answer)
    trigger = world.trigger(site.url)
    for number in range(20):
        await trigger.fire(firing(f"{number}"))
    assert len(ports) == 1


async def test_an_endless_answer_is_cut_off(world: World) -> None:
    """The status is the answer; a body without end costs neither memory nor time."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 2**16)

    site = await world.site(endless)
    async with asyncio.timeout(10):
        assert (await world.trigger(site.url).fire(firing())).how == "fired"


async def test_a_dripping_answer_is_cut_off(world: World) -> None:
    """One that never ends and says nearly nothing is left after a second."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.1)

    site = await world.site(drip)
    async with asyncio.timeout(10):
        assert (await world.trigger(site.url).fire(firing())).how == "fired"


@pytest.mark.parametrize("size", [0, 1, 2**19 + 1, 5 * 2**20])
async def test_large_bodies_arrive_whole(world: World, size: int) -> None:
    """They are sent in pieces, so that nobody else waits for them."""
    site = await world.site(status(200))
    trigger = world.trigger(site.url, payload=[parameter("")])
    await trigger.fire(firing(data=b'{"body":"' + b"x" * size + b'"}'))
    assert site.noted[0].body == b"x" * size


async def test_a_large_body_is_whole_when_the_library_sends_it_again(world: World) -> None:
    """A kept connection that the server closes without an answer makes it send a PUT once more, from the start."""
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = True
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            bodies.append(await reader.readexactly(length))
            if not first:
                writer.transport.abort()
                return
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            first = False

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        trigger = world.trigger(
            f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", method="PUT", payload=[parameter("")]
        )
        data = b'{"body":"' + b"x" * 2**20 + b'"}'
        await trigger.fire(firing(data=data))
        await trigger.fire(firing(data=data))
    assert [len(body) for body in bodies] == [2**20, 2**20, 2**20]


# ------------------------------------------------------------------------------------------------------------ redirects


def moved(code: int, location: str) -> Answering:
    """Answer a request for / with a redirect, and any other with 200."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=code, headers={"Location": location}) if request.path == "/" else web.Response()

    return answer


@pytest.mark.parametrize(("code", "method", "body"), [(302, "GET", b""), (307, "POST", b'{"k":"hello"}')])
async def test_redirects_are_followed(world: World, code: int, method: str, body: bytes) -> None:
    """Over real connections, with the method and the body that the status asks for; the last answer counts."""
    site = await world.site(moved(code, "/new?x=1"))
    await world.trigger(site.url, [200], payload=[parameter("k")]).fire(firing())
    assert [(noted.method, noted.path, noted.body) for noted in site.noted] == [
        ("POST", "/", b'{"k":"hello"}'),
        (method, "/new?x=1", body),
    ]


async def test_ten_redirects_are_enough(world: World) -> None:
    """A circle is an attempt, not a hang."""
    site = await world.site(status(307, Location="/again"))
    with pytest.raises(Failed, match="more than 10 redirects"):
        await world.trigger(site.url).fire(firing())
    assert len(site.noted) == 11


async def test_secrets_stay_with_their_server(world: World) -> None:
    """A redirect to another host takes neither the login nor a secure header along."""
    other = await world.site(status(200))
    site = await world.site(moved(307, f"http://localhost:{other.port}/new"))
    world.mount("s", k="hunter2")
    secure = [{"name": "X-Token", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    trigger = world.trigger(site.url, secureHeaders=secure, basicAuth={"username": {"name": "s", "key": "k"}})
    await trigger.fire(firing())
    assert {"X-Token", "Authorization"} <= set(site.noted[0].headers)
    assert not {"X-Token", "Authorization"} & set(other.noted[0].headers)


# ------------------------------------------------------------------------------------------------------ secrets and TLS


async def test_a_rotated_secret_is_taken_up(world: World) -> None:
    """No restart: the next request has the new value; a secret that is taken away stops the trigger."""
    site = await world.site(status(200))
    world.mount("s", user="me\n", password="one")
    auth = {"username": {"name": "s", "key": "user"}, "password": {"name": "s", "key": "password"}}
    trigger = world.trigger(site.url, basicAuth=auth)
    await trigger.fire(firing())
    world.mount("s", password="two")
    await trigger.fire(firing())
    assert [noted.headers["Authorization"] for noted in site.noted] == ["Basic bWU6b25l", "Basic bWU6dHdv"]
    (world.folder / "s" / "password").unlink()
    with pytest.raises(Refused, match="<secret s/password> cannot be read"):
        await trigger.fire(firing())


async def test_an_optional_secret_may_be_missing(world: World) -> None:
    """Its header is left out."""
    site = await world.site(status(200))
    secure = [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}}]
    await world.trigger(site.url, secureHeaders=secure).fire(firing())
    assert "X" not in site.noted[0].headers


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make an authority."""
    return Authority(tmp_path / "authority")


def serving(pair: Pair, clients: Path | None = None) -> ssl.SSLContext:
    """Make the TLS of a server; `clients` is the authority whose certificates it asks for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(clients) if clients else None)
    context.load_cert_chain(pair.cert, pair.key)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


CA = {"caCertSecret": {"name": "tls", "key": "ca"}}


async def test_a_server_is_trusted_by_the_mounted_authority(world: World, authority: Authority) -> None:
    """With it, and not without: an untrusted server stops the trigger, for it is no fault of the event's."""
    site = await world.site(status(200), tls=serving(authority.issue("server")))
    world.mount("tls", ca=authority.ca.read_bytes())
    assert (await world.trigger(site.url, tls=CA).fire(firing())).how == "fired"
    with pytest.raises(Refused, match=r"https://127\.0\.0\.1:\d+ is not trusted: .*certificate verify failed"):
        await world.trigger(site.url).fire(firing())


async def test_a_certificate_for_another_host_is_refused(world: World, authority: Authority) -> None:
    """The right authority and the wrong name is no trust."""
    site = await world.site(status(200), tls=serving(authority.issue("server", hosts=("elsewhere",))))
    world.mount("tls", ca=authority.ca.read_bytes())
    with pytest.raises(Refused, match="is not trusted"):
        await world.trigger(site.url, tls=CA).fire(firing())


async def test_insecure_skip_verify_trusts_anybody(world: World, authority: Authority) -> None:
    """As the document says; the files beside it are not even looked at."""
    site = await world.site(status(200), tls=serving(authority.issue("server")))
    trigger = world.trigger(site.url, tls={"insecureSkipVerify": True, **CA})
    assert (await trigger.fire(firing())).how == "fired"


async def test_a_client_certificate_is_shown(world: World, authority: Authority) -> None:
    """A server that asks for one gets the mounted one."""
    site = await world.site(status(200), tls=serving(authority.issue("server"), clients=authority.ca))
    client = authority.issue("sensor")
    world.mount("tls", ca=authority.ca.read_bytes(), cert=client.cert.read_bytes(), key=client.key.read_bytes())
    both = {"clientCertSecret": {"name": "tls", "key": "cert"}, "clientKeySecret": {"name": "tls", "key": "key"}}
    await world.trigger(site.url, tls=CA | both).fire(firing())
    assert site.noted[0].peer["subject"] == ((("commonName", "sensor"),),)
    with pytest.raises(Unavailable):
        await world.trigger(site.url, tls=CA).fire(firing())


async def test_a_rotated_authority_is_taken_up(world: World, authority: Authority, tmp_path: Path) -> None:
    """The connection that was trusted before goes, and the new file decides."""
    site = await world.site(status(200), tls=serving(authority.issue("server")))
    other = Authority(tmp_path / "other")
    world.mount("tls", ca=other.ca.read_bytes())
    trigger = world.trigger(site.url, tls=CA)
    with pytest.raises(Refused, match="is not trusted"):
        await trigger.fire(firing())
    world.mount("tls", ca=authority.ca.read_bytes() + b"\n")
    assert (await trigger.fire(firing())).how == "fired"


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\xff"])
async def test_a_file_that_is_no_authority_stops_the_trigger(world: World, content: bytes) -> None:
    """It never falls back to trusting the system's authorities."""
    world.mount("tls", ca=content)
    with pytest.raises(Refused, match="<secret tls/ca>"):
        await world.trigger("https://127.0.0.1:1/", tls=CA).fire(firing())


@pytest.mark.parametrize(("cert", "key"), [(b"", b""), (b"junk", b"junk")])
async def test_files_that_are_no_certificate_stop_the_trigger(world: World, cert: bytes, key: bytes) -> None:
    """The text names both."""
    world.mount("tls", cert=cert, key=key)
    both = {"clientCertSecret": {"name": "tls", "key": "cert"}, "clientKeySecret": {"name": "tls", "key": "key"}}
    with pytest.raises(Refused, match="<secret tls/cert> and <secret tls/key>"):
        await world.trigger("https://127.0.0.1:1/", tls=both).fire(firing())


# ---------------------------------------------------------------------------------------------------------------- proxy


async def test_the_proxy_of_the_environment_is_used(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Go, which reads HTTP_PROXY and NO_PROXY; a trigger with TLS of its own goes straight."""
    proxy = await world.site(status(200))
    monkeypatch.setenv("http_proxy", proxy.url)
    await world.trigger("http://far.invalid/x", headers={"X": "1"}).fire(firing())
    assert proxy.noted[0].headers["Host"] == "far.invalid"
    monkeypatch.setenv("no_proxy", "far.invalid")
    with pytest.raises(Unavailable):
        await world.trigger("http://far.invalid/x").fire(firing())


# ------------------------------------------------------------------------------------------ parameters of the template


async def test_trouble_where_a_template_leads_only_this_event_is_an_attempt(world: World) -> None:
    """Parameters of the whole template name servers too: what is not the document's own holds up nobody else."""
    written = {"name": "t", "http": {"url": "http://127.0.0.1:1/own"}}
    template = documents.parse(TriggerTemplate, written).value
    around = Surroundings("orders", "argo", cast("Cluster", None), Folders(world.folder, world.folder), world.shared)

    def templated(address: str) -> TemplatedTrigger:
        entries = documents.parse(Trigger, {"parameters": [parameter("http.url", value=address)]}).value.parameters
        return TemplatedTrigger(template, prepared(entries, "parameters"), None, around, "template")

    with pytest.raises(Failed, match=r"http://127\.0\.0\.1:2/ does not answer"):
        await templated("http://127.0.0.1:2/").fire(firing())
    with pytest.raises(Unavailable):
        await templated("http://127.0.0.1:1/other").fire(firing())
