"""The `http` trigger with secrets and TLS, which may change while it runs."""

import gc
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.errors import Refused, Unavailable
from tests.integration.sensor.http_site import World, firing, opened, status
from tests.servers.certificates import Authority, Pair


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give servers, folders and surroundings; all is closed in order, and nothing is left to the garbage collector."""
    async with opened(tmp_path) as world:
        yield world
    gc.collect()


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
