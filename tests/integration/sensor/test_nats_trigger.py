"""The `nats` trigger against real servers: every way to log in, TLS, permissions, outages, and what the server has."""

# ruff: noqa: ANN401 - documents are any JSON

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import nats
import nkeys
import pytest
from nats.aio.msg import Msg

from argosy.servers.nats import NatsServer
from common import documents
from common.errors import Failed, Refused, Rejected, Unavailable
from sensor.ports import Cluster, Firing
from sensor.spec import TriggerTemplate
from sensor.triggers import Surroundings, construct
from sensor.triggers.nats import NatsTrigger
from sensor.triggers.nats.connection import Denied
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders
from tests.fakes_sensor import event
from tests.servers.certificates import Authority

DIGEST = "d0" * 32
MakeServer = Callable[..., NatsServer]


@dataclass
class World:
    """The mounted folder and the surroundings of one test."""

    folder: Path
    shared: Shared = field(default_factory=Shared)

    def mount(self, name: str, **keys: str | bytes) -> None:
        """Mount a Secret, or change it."""
        (self.folder / name).mkdir(exist_ok=True)
        for key, value in keys.items():
            (self.folder / name / key).write_bytes(value.encode() if isinstance(value, str) else value)

    def trigger(self, url: str, **more: Any) -> NatsTrigger:
        """Make a trigger as a document would."""
        written = {"url": url, "subject": "orders.done", "payload": [parameter("k")]} | more
        template = documents.parse(TriggerTemplate, {"name": "t", "nats": written}).value
        around = Surroundings("orders", "argo", cast("Cluster", None), Folders(self.folder, self.folder), self.shared)
        return cast("NatsTrigger", construct(template, None, around, "template"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give folders and surroundings; connections are closed at the end."""
    world = World(tmp_path)
    async with world.shared:
        yield world


def parameter(dest: str, **src: Any) -> dict[str, Any]:
    """Write one parameter."""
    return {"src": {"dependencyName": "order"} | (src or {"dataKey": "body"}), "dest": dest}


def firing(data: bytes = b'{"body":"hello"}', digest: str = DIGEST) -> Firing:
    """Make a firing."""
    return Firing(digest, {"order": event(data=data)}, 0.0)


def secret(key: str) -> dict[str, str]:
    """Name a mounted value."""
    return {"name": "s", "key": key}


async def heard(server: NatsServer, work: Any, *, subject: str, count: int = 1, **login: Any) -> list[Msg]:
    """Listen while something is done, until so many messages have come."""
    client = await nats.connect(server.url, **login)
    subscription = await client.subscribe(subject)
    for _ in range(2):
        # The library's ping overtakes what it still holds back, so only the second one proves the subscription.
        await client.flush()
    await work
    messages = [await subscription.next_msg(20) for _ in range(count)]
    await client.close()
    return messages


def connections(server: NatsServer) -> int:
    """Count the connections that a server has seen."""
    with urllib.request.urlopen(f"{server.monitor_url}/varz") as answer:  # noqa: S310 - our own server
        return int(json.load(answer)["total_connections"])


async def test_a_message_carries_the_payload_and_the_hash(world: World, nats_server: NatsServer) -> None:
    """Whoever listens gets it, and a stream can tell a repetition."""
    trigger = world.trigger(nats_server.url)
    [message] = await heard(nats_server, trigger.fire(firing()), subject="orders.done")
    assert (message.subject, message.data) == ("orders.done", b'{"k":"hello"}')
    assert message.headers == {"Nats-Msg-Id": DIGEST}


async def test_parameters_change_the_subject(world: World, nats_server: NatsServer) -> None:
    """In Argo Events they do not (F10)."""
    trigger = world.trigger(nats_server.url, parameters=[parameter("subject")])
    [message] = await heard(nats_server, trigger.fire(firing(b'{"body":"orders.late"}')), subject="orders.late")
    assert message.subject == "orders.late"


async def test_a_preview_is_the_message(world: World) -> None:
    """It asks no server and shows no login."""
    preview = await world.trigger("nats://user:hunter2@127.0.0.1:1").preview(firing())
    assert preview.action == "publish to orders.done"
    assert preview.request == {
        "url": "nats://127.0.0.1:1",
        "subject": "orders.done",
        "headers": {"Nats-Msg-Id": DIGEST},
        "payload": '{"k":"hello"}',
    }


async def test_a_stream_stores_a_repeated_message_once(world: World, nats_server: NatsServer, stream: str) -> None:
    """The hash is the id that JetStream tells repetitions by."""
    client = await nats.connect(nats_server.url)
    js = client.jetstream()
    await js.add_stream(name=stream, subjects=[f"{stream}.done"])
    trigger = world.trigger(nats_server.url, subject=f"{stream}.done")
    await trigger.fire(firing())
    await trigger.fire(firing())
    await trigger.fire(firing(digest="other"))
    assert (await js.stream_info(stream)).state.messages == 2
    await client.close()


@pytest.mark.parametrize("subject", ["a b", "a..b", "a.*", ">", "a\r\nPUB x 0"])
async def test_an_event_cannot_break_the_subject(world: World, subject: str) -> None:
    """It is parked, before any server is asked."""
    trigger = world.trigger("nats://127.0.0.1:1", parameters=[parameter("subject")])
    with pytest.raises(Rejected, match=r"template\.nats\.subject: "):
        await trigger.fire(firing(json.dumps({"body": subject}).encode()))


# -------------------------------------------------------------------------------------------------------------- outages


async def test_a_server_that_is_away_is_no_attempt_and_comes_back(world: World, own_nats: MakeServer) -> None:
    """The trigger waits, soon and by name; when the server is back the next try reaches it over a new connection."""
    server = own_nats()
    trigger = world.trigger(server.url.replace("//", "//user:hunter2@"))
    await trigger.fire(firing())
    server.kill()
    for _ in range(2):
        async with asyncio.timeout(8):
            with pytest.raises(Unavailable, match=rf"nats://127\.0\.0\.1:{server.port}") as caught:
                await trigger.fire(firing())
        assert "hunter2" not in str(caught.value)
    server.start()
    assert len(await heard(server, trigger.fire(firing()), subject="orders.done")) == 1


async def test_a_silent_server_is_no_attempt(world: World, own_nats: MakeServer) -> None:
    """Without the flush behind it a message into the void would be a success."""
    server = own_nats()
    trigger = world.trigger(server.url)
    await trigger.fire(firing())
    server.suspend()
    try:
        # The signal takes a moment to reach all threads of the server.
        await asyncio.sleep(0.5)
        with pytest.raises(Unavailable):
            await trigger.fire(firing())
    finally:
        server.resume()


async def test_trouble_where_only_an_event_leads_is_an_attempt(world: World) -> None:
    """A server that one event names must not hold up the others."""
    trigger = world.trigger("nats://127.0.0.1:2", parameters=[parameter("url", value="nats://127.0.0.1:1")])
    with pytest.raises(Failed):
        await trigger.fire(firing())


async def test_another_server_of_the_list_is_taken(world: World, nats_server: NatsServer) -> None:
    """One of several that is away is no outage."""
    trigger = world.trigger(f"nats://127.0.0.1:1,{nats_server.url}")
    assert len(await heard(nats_server, trigger.fire(firing()), subject="orders.done")) == 1


async def test_what_the_server_never_takes_is_parked(world: World, own_nats: MakeServer) -> None:
    """The server would cut the connection, for all triggers that share it."""
    server = own_nats(config="max_payload: 1KB")
    trigger = world.trigger(server.url)
    with pytest.raises(Rejected) as caught:
        await trigger.fire(firing(json.dumps({"body": "x" * 1024}).encode()))
    assert caught.value.reason == "too_large"
    assert (await trigger.fire(firing())).how == "fired"


async def test_triggers_share_a_connection(world: World, own_nats: MakeServer) -> None:
    """Many firings of several triggers at once, one connection."""
    server = own_nats()
    triggers = [world.trigger(server.url, subject=f"orders.{number}") for number in range(4)]

    async def work() -> None:
        await asyncio.gather(*(trigger.fire(firing()) for trigger in triggers for _ in range(25)))

    await heard(server, work(), subject="orders.>", count=100)
    assert await asyncio.to_thread(connections, server) == 2, "the listener's and the triggers'"


# --------------------------------------------------------------------------------------------------------------- logins


async def test_user_and_password_log_in_and_rotate(world: World, own_nats: MakeServer) -> None:
    """A wrong one stops the trigger; the right one is read when it is mounted, without a restart."""
    server = own_nats(config='authorization { user: "me", password: "right" }')
    world.mount("s", user="me\n", password="hunter2")
    trigger = world.trigger(server.url, auth={"basic": {"username": secret("user"), "password": secret("password")}})
    with pytest.raises(Refused, match="does not accept our login") as caught:
        await trigger.fire(firing())
    assert "hunter2" not in str(caught.value)
    world.mount("s", password="right")
    work = trigger.fire(firing())
    assert len(await heard(server, work, subject="orders.done", user="me", password="right")) == 1


async def test_a_login_in_the_address_works(world: World, own_nats: MakeServer) -> None:
    """As in Argo Events, though secrets belong into Secrets."""
    server = own_nats(config='authorization { user: "me", password: "right" }')
    assert (await world.trigger(server.url.replace("//", "//me:right@")).fire(firing())).how == "fired"


async def test_a_token_logs_in(world: World, own_nats: MakeServer) -> None:
    """With it, and not without."""
    server = own_nats(config='authorization { token: "right" }')
    world.mount("s", token="right\n")
    assert (await world.trigger(server.url, auth={"token": secret("token")}).fire(firing())).how == "fired"
    with pytest.raises(Refused):
        await world.trigger(server.url).fire(firing())


async def test_an_nkey_logs_in(world: World, own_nats: MakeServer) -> None:
    """The seed stays with us; a text that is no seed stops the trigger and is not shown."""
    seed = nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER)
    public = nkeys.from_seed(bytearray(seed)).public_key.decode()
    server = own_nats(config=f'authorization {{ users: [ {{ nkey: "{public}" }} ] }}')
    world.mount("s", nkey=bytes(seed) + b"\n")
    trigger = world.trigger(server.url, auth={"nkey": secret("nkey")})
    assert (await trigger.fire(firing())).how == "fired"
    world.mount("s", other="SUhunter2")
    with pytest.raises(Refused, match="<secret s/other> holds no seed") as caught:
        await world.trigger(server.url, auth={"nkey": secret("other")}).fire(firing())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "junk", "-----BEGIN NATS USER JWT-----\nx\n"])
async def test_a_credentials_file_that_is_none_stops_the_trigger(world: World, content: str) -> None:
    """The client library would look for its end for ever."""
    world.mount("s", creds=content)
    trigger = world.trigger("nats://127.0.0.1:1", auth={"credential": secret("creds")})
    async with asyncio.timeout(5):
        with pytest.raises(Refused, match="<secret s/creds> is no credentials file"):
            await trigger.fire(firing())


async def test_a_missing_secret_stops_the_trigger(world: World) -> None:
    """It may be mounted later; nothing is parked."""
    with pytest.raises(Refused, match="<secret s/token> cannot be read"):
        await world.trigger("nats://127.0.0.1:1", auth={"token": secret("token")}).fire(firing())


PERMISSIONS = 'authorization { users: [ { user: "me", password: "p", permissions: { publish: "orders.Done" } } ] }'


async def test_a_subject_that_we_may_not_publish_to_stops_the_trigger(world: World, own_nats: MakeServer) -> None:
    """The server says so behind our back and drops the message: that is no success, for any of many at once."""
    server = own_nats(config=PERMISSIONS)
    url = server.url.replace("//", "//me:p@")
    assert (await world.trigger(url, subject="orders.Done").fire(firing())).how == "fired"
    denied = world.trigger(url, subject="orders.Other")
    results = await asyncio.gather(*(denied.fire(firing()) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [Denied] * 5
    assert "orders.Other" in str(results[0])
    assert issubclass(Denied, Refused)
    by_event = world.trigger(url, subject="orders.Done", parameters=[parameter("subject", value="orders.Other")])
    with pytest.raises(Failed):
        await by_event.fire(firing())


# ------------------------------------------------------------------------------------------------------------------ TLS


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make an authority."""
    return Authority(tmp_path / "authority")


def with_tls(authority: Authority, more: str = "") -> str:
    """Write the TLS of a server."""
    pair = authority.issue("server")
    return f'tls {{ cert_file: "{pair.cert}", key_file: "{pair.key}", {more} }}'


CA = {"caCertSecret": {"name": "tls", "key": "ca"}}


async def test_a_server_with_tls_is_trusted_by_the_mounted_authority(
    world: World, own_nats: MakeServer, authority: Authority
) -> None:
    """With it, and not without, unless the document trusts anybody."""
    server = own_nats(config=with_tls(authority))
    world.mount("tls", ca=authority.ca.read_bytes())
    assert (await world.trigger(server.url, tls=CA).fire(firing())).how == "fired"
    assert (await world.trigger(server.url, tls={"insecureSkipVerify": True}).fire(firing())).how == "fired"
    with pytest.raises(Refused, match="is not trusted"):
        await world.trigger(server.url).fire(firing())


async def test_a_client_certificate_is_shown(world: World, own_nats: MakeServer, authority: Authority) -> None:
    """A server that asks for one gets the mounted one."""
    server = own_nats(config=with_tls(authority, f'ca_file: "{authority.ca}", verify: true'))
    client = authority.issue("sensor")
    world.mount("tls", ca=authority.ca.read_bytes(), cert=client.cert.read_bytes(), key=client.key.read_bytes())
    both = {"clientCertSecret": {"name": "tls", "key": "cert"}, "clientKeySecret": {"name": "tls", "key": "key"}}
    assert (await world.trigger(server.url, tls=CA | both).fire(firing())).how == "fired"
    with pytest.raises((Unavailable, Refused)):
        await world.trigger(server.url, tls=CA).fire(firing())


async def test_tls_that_is_asked_for_is_not_done_without(world: World, nats_server: NatsServer) -> None:
    """A server without TLS gets no message from a trigger with it."""
    with pytest.raises(Refused, match="does not offer TLS"):
        await world.trigger(nats_server.url, tls={"enabled": True}).fire(firing())
