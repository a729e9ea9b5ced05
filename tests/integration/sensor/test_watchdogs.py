"""Whatever happens to the bus and to what we have on it: delivery goes on within 30 s, again and again, in the same pod."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats.errors
import pytest
from nats.js.errors import NotFoundError

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig
from common.bus import dial as dialling
from common.bus.register import Place
from common.bus.streams import prepare_events
from common.errors import Unavailable
from common.health import Condition
from common.subjects import Names
from sensor.consume import Channel, Consumer, wire
from sensor.metrics import TriggerMetrics
from sensor.ports import Delivery
from tests.integration.sensor.rig import Rig, Sensor, eventually
from tests.servers.natscluster import NatsCluster

ROUNDS = 5
SEED = 20260101
RESUMES = 30.0
"""Seconds from the bus being back until what waited has fired."""
FEW = 10
"""Events of one step."""


def fired(rig: Rig, total: int) -> None:
    """Wait until all have fired, and check that each did so once."""
    eventually(f"{total} Workflows", lambda: rig.count() == total, RESUMES)
    assert rig.values() == sorted(f"body {n}" for n in range(total))


def publish(rig: Rig, *numbers: int) -> None:
    """Publish under the events' own ids until the bus has taken all of them."""
    end = time.monotonic() + RESUMES
    while True:
        try:
            rig.publish(numbers)
        except (nats.errors.Error, TimeoutError, OSError):
            assert time.monotonic() < end
            time.sleep(0.2)
        else:
            return


@pytest.mark.promise("C1")
def test_the_consumer_is_deleted(rig: Rig) -> None:
    """Five times, with events before and after: it is made again at its floor, and what had fired is known to the ledger.

    Without `durable.ensure` at each session (a consumer made once, at the start) this fails.
    """
    sensor = rig.sensor().start()
    for step in range(ROUNDS):
        publish(rig, *range(step * 2 * FEW, step * 2 * FEW + FEW))
        name = rig.consumers()[0].name
        rig.on_bus(lambda client, name=name: client.jetstream().delete_consumer(rig.stream, name))
        publish(rig, *range(step * 2 * FEW + FEW, (step + 1) * 2 * FEW))
        fired(rig, (step + 1) * 2 * FEW)
    assert sensor.process.alive
    assert rig.dead() == []


@pytest.mark.promise("C1")
def test_the_stream_is_deleted(rig: Rig) -> None:
    """Five times: the sensor makes it again without a source at hand, and misses no event of the new one.

    Without `Bus.look_again` nobody makes it; without the stream's birth in the register the first events are skipped.
    """
    sensor = rig.sensor().start()
    total = 0
    for _ in range(ROUNDS):
        publish(rig, *range(total, total + FEW))
        total += FEW
        fired(rig, total)
        rig.on_bus(lambda client: client.jetstream().delete_stream(rig.stream))
        eventually("the stream is there again", lambda: there(rig), RESUMES)
    eventually("ready", lambda: sensor.says("readyz"))
    assert sensor.process.alive


def there(rig: Rig) -> bool:
    """Say whether the stream is there."""
    with contextlib.suppress(NotFoundError):
        rig.on_bus(lambda client: client.jetstream().stream_info(rig.stream))
        return True
    return False


@pytest.mark.timeout(240)
@pytest.mark.promise("C1", "I4")
def test_the_leader_of_the_stream_is_killed(
    own_cluster: Callable[..., NatsCluster], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """Five times under load, three copies, three nodes: everything fires once within 30 s, and no pod restarts."""
    cluster = own_cluster()
    rig = Rig(tmp_path, next(iter(cluster.servers.values())), kube, stream, namespace)
    draw, total = random.Random(SEED), 0
    try:
        pods = [rig.sensor(NATS_URL=cluster.url, NATS_REPLICAS="3", SENSOR_ACK_WAIT="5").start() for _ in range(2)]
        for _ in range(ROUNDS):
            publish(rig, *range(total, total + FEW))
            time.sleep(draw.uniform(0, 0.1))
            cluster.kill_leader(stream)
            publish(rig, *range(total + FEW, total + 2 * FEW))
            total += 2 * FEW
            fired(rig, total)
        assert all(pod.process.alive for pod in pods)
    finally:
        for pod in rig.sensors:
            pod.process.stop()


@pytest.mark.timeout(240)
@pytest.mark.promise("C1", "C5", "C6")
def test_the_bus_is_killed(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """Five times under load: everything fires once; the log stays short and the open sockets few all the while.

    Without `Seldom`, and without hanging up each lost connection, the counts at the end fail.
    """
    server = own_nats(jetstream="sync_interval: always")
    rig = Rig(tmp_path, server, kube, stream, namespace)
    draw, total, most = random.Random(SEED), 0, 0
    try:
        sensor = rig.sensor(SENSOR_ACK_WAIT="5").start()
        publish(rig, 0)
        fired(rig, 1)
        total, usual, began, said = 1, sockets(sensor, server.port), time.monotonic(), len(lines(sensor))
        for _ in range(ROUNDS):
            publish(rig, *range(total, total + FEW))
            time.sleep(draw.uniform(0, 0.1))
            server.process.kill()
            end = time.monotonic() + draw.uniform(1, 2)
            while time.monotonic() < end:
                most = max(most, sockets(sensor, server.port))
                assert sensor.says("livez")
            server.start()
            publish(rig, *range(total + FEW, total + 2 * FEW))
            total += 2 * FEW
            fired(rig, total)
        assert usual == 1
        assert most <= 2
        trouble = [line for line in lines(sensor)[said:] if line["level"] == "warning"]
        names = {line["event"].partition(".")[0] for line in trouble}
        consumers = 2
        # Each consumer says for itself that it was detached.
        assert len(trouble) <= (len(names) + consumers) * ((time.monotonic() - began) // 10 + 1), trouble
    finally:
        rig.end()


def sockets(sensor: Sensor, port: int) -> int:
    """Count the connections that a pod has to a port."""
    own = set()
    for file in Path(f"/proc/{sensor.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # it has just been closed
            own.add(str(file.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and f"socket:[{row[9]}]" in own for row in rows)


def lines(sensor: Sensor) -> list[dict[str, str]]:
    """Read its log."""
    return [json.loads(line) for line in sensor.process.log.read_text().splitlines()]


# ------------------------------------------------------------------------------------------- with watchdogs that look often


@dataclass
class Scene:
    """A consumer at work over a real bus, and what it got."""

    bus: Bus
    consumer: Consumer
    got: list[int]

    async def carries(self, number: int) -> None:
        """Publish until it is stored, and wait until it has come."""
        async with asyncio.timeout(RESUMES):
            while True:
                with contextlib.suppress(Unavailable):
                    await self.bus.publish(
                        f"{self.bus.names.prefix}.a.b", b"%d" % number, {"Nats-Msg-Id": str(number)}, timeout=1
                    )
                    break
                await asyncio.sleep(0.1)
            while number not in self.got:  # noqa: ASYNC110 - what is waited for is another process
                await asyncio.sleep(0.02)


@asynccontextmanager
async def working(monkeypatch: pytest.MonkeyPatch, *servers: str, stream: str, pings: float = 0.5) -> AsyncIterator[Scene]:
    """Run a bus and a consumer whose signs of life come every half second instead of every 5 to 10."""
    monkeypatch.setattr(wire, "HEARTBEAT", 0.5)
    monkeypatch.setattr(dialling, "PING_INTERVAL", pings)
    monkeypatch.setattr(wire, "SILENCE", 1.25)
    monkeypatch.setattr(wire, "EXPIRES", 2.0)
    got: list[int] = []

    async def prepare(bus: Bus) -> None:
        await prepare_events(bus.jetstream, bus.names, bus.config)

    async def handle(delivery: Delivery) -> None:
        got.append(int(delivery.envelope.body))
        await delivery.ack()

    async def find() -> Place:
        return Place("group-1", 0)

    bus = Bus(BusConfig(servers=servers), Names(stream, stream), title="test", prepare=prepare, condition=Condition("bus", "-"))
    consumer = Consumer(
        bus,
        Channel(stream, f"{stream}.a.b", "group-1", "ns", "s", "t", ack_wait=3.0),
        slots=8,
        handle=handle,
        allowed=lambda: True,
        find=find,
        condition=Condition("consumer", "-"),
        metrics=TriggerMetrics("ns", "s", "watchdogs", ()),
    )
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bus.run())
        tasks.create_task(consumer.run(stop))
        yield Scene(bus, consumer, got)
        stop.set()
        running.cancel()


@pytest.mark.promise("C1", "C2")
async def test_a_subscription_that_died_alone(nats_server: NatsServer, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server forgets our interest and the connection lives; five times. Without `Pull.silent` this fails."""
    # Rare pings: a loop that was late for two of them would make the whole connection anew.
    async with working(monkeypatch, nats_server.url, stream=stream, pings=5.0) as scene:
        for number in range(ROUNDS):
            await scene.carries(number)
            generation, client, pull = scene.bus.generation, scene.bus.client, scene.consumer._pull
            assert pull
            assert pull._subscription
            await client._send_unsubscribe(pull._subscription._id)
        await scene.carries(ROUNDS)
        assert scene.bus.generation == generation


@pytest.mark.promise("C2")
async def test_a_bus_that_hangs(own_nats: Callable[..., NatsServer], stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps its sockets and answers nothing; five times. Without the pings' deadline this fails."""
    server = own_nats()
    async with working(monkeypatch, server.url, stream=stream) as scene:
        for number in range(ROUNDS):
            await scene.carries(number)
            server.suspend()
            async with asyncio.timeout(30):
                while scene.bus.connected:  # noqa: ASYNC110 - what is waited for is another process
                    await asyncio.sleep(0.05)
            server.resume()
        await scene.carries(ROUNDS)


@pytest.mark.promise("C2")
async def test_a_node_that_takes_nothing_more(
    own_nats: Callable[..., NatsServer], stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs with words of ours under way to it, which nobody takes: the next address is used, the old end not waited for.

    The library waits for it without a limit and says nothing meanwhile: without the look at the connection (`LOOK`) this fails.
    """
    lost, other = own_nats(), own_nats()
    async with working(monkeypatch, lost.url, stream=stream) as scene:
        await scene.carries(0)
        lost.suspend()
        scene.bus.client._transport.write(b"PING\r\n" * 5_000_000)
        scene.bus.config = BusConfig(servers=(other.url,))
        await scene.carries(1)
        lost.resume()
