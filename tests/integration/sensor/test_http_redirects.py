"""The `http` trigger and servers that send it elsewhere."""

import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from common.errors import Failed
from tests.integration.sensor.http_site import Answering, World, firing, opened, parameter, status


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give servers, folders and surroundings; all is closed in order, and nothing is left to the garbage collector."""
    async with opened(tmp_path) as world:
        yield world
    gc.collect()


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
