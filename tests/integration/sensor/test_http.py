"""The `http` trigger against a real server: good and bad answers, slow ones, and none."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from common import documents
from common.errors import Failed, Unavailable
from sensor.gate import Gate, Gates
from sensor.ports import Cluster, Fired
from sensor.spec import Trigger, TriggerTemplate
from sensor.triggers import Surroundings, prepared
from sensor.triggers.sources import Folders
from sensor.triggers.template import TemplatedTrigger
from tests.integration.sensor.http_site import World, firing, opened, parameter, status


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give servers, folders and surroundings; all is closed in order, and nothing is left to the garbage collector."""
    async with opened(tmp_path) as world:
        yield world
    gc.collect()


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
