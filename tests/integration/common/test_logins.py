"""Every way to log in to the bus, on one node and on three: right, wrong, and made right while we run (G1)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import ServiceUnavailableError

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from common.bus import Bus, bus_config
from common.bus import dial as dialling
from common.health import Condition
from common.settings import BusSettings, read
from common.subjects import Names
from tests.endtoend.forms import files
from tests.endtoend.rig import Rig
from tests.integration.common import logins
from tests.integration.common.live import everything, until
from tests.servers.certificates import Authority
from tests.servers.natscluster import NatsCluster
from tests.servers.sqs import Queue


@asynccontextmanager
async def connecting(
    monkeypatch: pytest.MonkeyPatch, url: str, settings: Mapping[str, str], **more: str
) -> AsyncIterator[tuple[Bus, Condition]]:
    """Run a bus by variables, as a pod has them."""
    with monkeypatch.context() as patch:
        for name, value in {"NATS_URL": url, **settings, **more}.items():
            patch.setenv(name, value)
        config = bus_config(read(BusSettings))
    condition = Condition("bus", "starting")
    bus = Bus(config, Names("events", "events"), title="test", prepare=everything, condition=condition)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bus.run())
        try:
            yield bus, condition
        finally:
            running.cancel()


async def carries(bus: Bus, text: bytes) -> bool:
    """Publish an event and get it back."""
    subject = bus.names.event("orders", "created")
    await bus.publish(subject, text)
    config = ConsumerConfig(inactive_threshold=30, deliver_policy=DeliverPolicy.LAST)
    subscription = await bus.jetstream.pull_subscribe(subject, stream="events", config=config)
    [message] = await _fetched(subscription)
    return bool(message.data == text)


async def _fetched(subscription: JetStreamContext.PullSubscription) -> list[Msg]:
    """Fetch the event; a consumer of several nodes has no leader in its first moment."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await subscription.fetch(1, timeout=10)
            except ServiceUnavailableError:
                await asyncio.sleep(0.1)


@pytest.mark.promise("G1", "C3")
@pytest.mark.parametrize("name", logins.ALL)
async def test_each_way_to_log_in(
    name: str,
    own_nats: Callable[..., NatsServer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A wrong secret: not ready, with the reason and without the secret; made right, it is taken up without a restart.

    Without reading the files at each connect (the library keeps the first ones) this fails.
    """
    login = logins.ALL[name](tmp_path)
    server = own_nats(config=login.server)
    if login.spoil:
        login.spoil()
    async with connecting(monkeypatch, server.url, login.settings) as (bus, condition):
        if login.mend:
            await until(lambda: login.refused in (condition.why or ""))
            tried = server.process.log.read_text().count("error")
            await until(lambda: server.process.log.read_text().count("error") > tried)
            assert not bus.connected
            login.mend()
        await asyncio.wait_for(bus.wait_connected(), 30)
        assert await carries(bus, b"hello")
    said = "".join(capfd.readouterr()) + str(condition.why) + repr(bus.config)
    assert [secret for secret in login.secrets if secret in said] == []


@pytest.mark.promise("G1")
@pytest.mark.parametrize("name", ["user", "jwt"])
async def test_three_nodes(
    name: str, own_cluster: Callable[..., NatsCluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three copies of each stream; a node that goes away takes nothing with it."""
    login = logins.ALL[name](tmp_path)
    assert login.mend
    login.mend()
    cluster = await asyncio.to_thread(own_cluster, config=login.server)
    async with connecting(monkeypatch, cluster.url, login.settings, NATS_REPLICAS="3") as (bus, _):
        await asyncio.wait_for(bus.wait_connected(), 30)
        assert await carries(bus, b"hello")
        assert {info.config.num_replicas for info in await bus.jetstream.streams_info()} == {3}
        met = bus.client.connected_url.port
        next(server for server in cluster.servers.values() if server.port == met).process.kill()
        await until(lambda: not bus.connected)
        await asyncio.wait_for(bus.wait_connected(), 30)
        async with asyncio.timeout(30):
            while not await again(bus):  # noqa: ASYNC110 - what is waited for is another process
                await asyncio.sleep(0.2)


async def again(bus: Bus) -> bool:
    """Try to carry a message; a leader may be under choice."""
    try:
        return await carries(bus, b"again")
    except Exception:  # noqa: BLE001 - whatever is in the way now, the deadline tells
        return False


@pytest.mark.promise("G1")
async def test_a_secret_is_not_said_in_plain_text(
    own_nats: Callable[..., NatsServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that offers no TLS where we ask for it gets no password: without the look before the login this fails."""
    login = logins.user(tmp_path)
    assert login.mend
    login.mend()
    server = own_nats(config=f"{login.server}\ntrace: true")
    more = {"NATS_TLS_CA_FILE": str(Authority(tmp_path / "tls").ca)}
    async with connecting(monkeypatch, server.url, login.settings, **more) as (bus, condition):
        await until(lambda: "offers no TLS" in (condition.why or ""))
        assert not bus.connected
    assert "[CONNECT" not in server.process.log.read_text()


@pytest.mark.promise("G1")
@pytest.mark.parametrize(
    ("variable", "content", "why"),
    [("NATS_CREDS_FILE", "nothing", "is no credentials file"), ("NATS_NKEY_FILE", "nothing", "holds no seed"),
     ("NATS_TOKEN_FILE", "", "cannot be read"), ("NATS_PASSWORD_FILE", "", "cannot be read"),
     ("NATS_TLS_CA_FILE", "", "TLS files of the bus cannot be read"), ("NATS_TLS_CA_FILE", "nothing", "TLS files")],
)  # fmt: skip
async def test_a_secret_that_is_none_is_waited_for(  # noqa: PLR0917 - a row of the table
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, content: str, why: str
) -> None:
    """A file that is not there yet, or holds something else, is a reason and no end of the process."""
    path = tmp_path / "secret"
    if content:
        path.write_text(content)
    async with connecting(monkeypatch, nats_server.url, {variable: str(path), "NATS_USER": "a"}) as (bus, condition):
        await until(lambda: why in (condition.why or ""))
        assert not bus.connected


@pytest.mark.promise("C5", "G1")
async def test_failed_handshakes_leave_no_sockets_behind(
    own_nats: Callable[..., NatsServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is not trusted is tried again and again over a bounded number of sockets.

    The library's close waits for the end of a connection that its handshake has ended already: with it this fails.
    """
    login = logins.tls(tmp_path)
    server = own_nats(config=login.server)
    assert login.spoil
    login.spoil()
    monkeypatch.setattr("common.bus.connection.DIAL_CAP", 0.01)
    before = sockets()
    async with connecting(monkeypatch, server.url, login.settings) as (_, condition):
        await until(lambda: server.process.log.read_text().count("TLS handshake error") > 20)
        assert login.refused in (condition.why or "")
        assert sockets() <= before + 5


def sockets() -> int:
    """Count the files that this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_hanging_up_has_a_bound(own_nats: Callable[..., NatsServer], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hangs with full buffers holds up no new connection and keeps no socket.

    Without the abort at the end this fails.
    """
    server = own_nats()
    async with connecting(monkeypatch, server.url, {}) as (bus, _):
        await bus.wait_connected()
        client, before = bus.client, sockets()
        server.suspend()
        client._transport.write(b"PING\r\n" * 5_000_000)
        async with asyncio.timeout(dialling.CLOSE_TIMEOUT + 10):
            await dialling.hang_up(client)
        await asyncio.sleep(0)
        assert sockets() < before
        server.resume()


@pytest.mark.promise("G1")
@pytest.mark.parametrize("name", ["jwt", "tls_client"])
def test_both_services_log_in(  # noqa: PLR0917 - fixtures
    name: str, own_nats: Callable[..., NatsServer], kube: ApiServer, queue: Queue, namespace: str, tmp_path: Path
) -> None:
    """A message comes through both services, with no secret in either log."""
    login = logins.ALL[name](tmp_path / "login")
    assert login.mend
    login.mend()
    rig = Rig(tmp_path, own_nats(config=login.server), kube, queue, namespace)
    try:
        services = files(rig)
        for service in services:
            service.process.env |= login.settings
            service.start()
        queue.send("hello")
        rig.settled(1)
        assert [w["spec"]["arguments"]["parameters"][0]["value"] for w in rig.workflows()] == ["hello"]
        logs = "".join(service.process.log.read_text() for service in services)
        assert [secret for secret in login.secrets if secret in logs] == []
    finally:
        rig.end()
