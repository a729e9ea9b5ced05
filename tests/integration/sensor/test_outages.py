"""While the API server or the bus is away, or says no, nothing is lost, nothing is parked, and no process restarts."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.integration.sensor.rig import Rig, Sensor, eventually
from tests.servers.toxiproxy import Toxiproxy

AWAY = 20
"""Seconds of an outage."""
WARM, UNHEARD = 60, 5
"""Events that open connections, and events whose answers are swallowed on them."""


def balanced(rig: Rig, sensor: Sensor, total: int) -> None:
    """Check the books after an outage: everything once, nothing parked, nobody restarted."""
    eventually(f"{total} Workflows", lambda: rig.count() == total, 60)
    eventually("nothing unread", lambda: rig.unread() == 0, 60)
    assert rig.values() == sorted(f"body {n}" for n in range(total))
    assert rig.dead() == []
    assert sensor.process.alive
    sensor.counts(sensor.total("argosy_sensor_messages_received_total"))


@pytest.mark.promise("A4", "C6")
def test_an_api_server_that_is_away_costs_nothing(
    nats_server: NatsServer, own_kube: Callable[[], ApiServer], stream: str, tmp_path: Path
) -> None:
    """Events wait in hand and on the bus; ready says no and live says yes meanwhile."""
    kube = own_kube()
    kube.client.namespace("test")
    rig = Rig(tmp_path, nats_server, kube, stream, "test")
    try:
        sensor = rig.sensor().start()
        rig.publish(range(50))
        kube.kill()
        rig.publish(range(50, 300))
        eventually("ready says no", lambda: not sensor.says("readyz"))
        began = time.monotonic()
        while time.monotonic() - began < AWAY:
            assert sensor.says("livez")
            assert not sensor.says("readyz")
            time.sleep(1)
        kube.start()
        balanced(rig, sensor, 300)
        eventually("ready again", lambda: sensor.says("readyz"), 60)
        assert sensor.total("argosy_sensor_redeliveries_total") == 0
    finally:
        rig.end()


@pytest.mark.promise("A4", "C3", "C6")
def test_a_role_that_is_taken_away_stops_the_trigger_and_costs_nothing(rig: Rig) -> None:
    """A missing permission is about the trigger, not about an event: it waits, says so, and goes on by itself."""
    sensor = rig.sensor().start()
    rig.publish(range(20))
    rig.at_rest(20)
    rig.revoke()
    rig.publish(range(20, 200))
    eventually("ready says why", lambda: "forbidden" in sensor.read("readyz"))
    sensor.counts(1, "argosy_sensor_trigger_stopped")
    time.sleep(AWAY)
    assert sensor.says("livez")
    rig.grant()
    balanced(rig, sensor, 200)
    eventually("ready again", lambda: sensor.says("readyz"), 60)
    sensor.counts(0, "argosy_sensor_trigger_stopped")


def test_a_role_that_is_missing_at_the_start_is_waited_for(rig: Rig) -> None:
    """A pod that comes before its Role becomes ready when the Role comes, without a restart."""
    config = rig.kubeconfig()
    rig.revoke()
    sensor = rig.sensor(KUBECONFIG=config).start(wait=False)
    eventually("ready says what is missing", lambda: "may not create Workflow" in sensor.read("readyz"))
    eventually("the consumer", lambda: "consumer.attached" in sensor.process.tail())
    rig.publish(range(5))
    rig.grant()
    eventually("5 Workflows", lambda: rig.count() == 5, 60)
    eventually("ready", lambda: sensor.says("readyz"), 60)
    assert rig.dead() == []


@pytest.mark.promise("B2")
def test_an_answer_that_is_cut_off_makes_no_second_workflow(rig: Rig, toxiproxy: Toxiproxy) -> None:
    """The API server commits and its answers never arrive: the same names are asked for again, and found to be ours."""
    proxy = toxiproxy.proxy(rig.kube.port)
    sensor = rig.sensor(KUBECONFIG=rig.through(proxy)).start()
    rig.publish(range(WARM))
    rig.at_rest(WARM)
    toxic = proxy.timeout(0, stream="downstream")
    rig.publish(range(WARM, WARM + UNHEARD))
    eventually("Workflows that nobody heard of", lambda: rig.count() == WARM + UNHEARD)
    proxy.remove(toxic)
    proxy.cut()
    proxy.restore()
    balanced(rig, sensor, WARM + UNHEARD)
    sensor.counts(UNHEARD, outcome="duplicate")


@pytest.mark.promise("B2")
def test_kill_between_create_and_ack_makes_no_second_workflow(rig: Rig, toxiproxy: Toxiproxy) -> None:
    """Workflows are there, no ack was sent, the pod is killed: its successor finds them by name and acks."""
    proxy = toxiproxy.proxy(rig.kube.port)
    first = rig.sensor(KUBECONFIG=rig.through(proxy), SENSOR_ACK_WAIT="3").start()
    rig.publish(range(WARM))
    rig.at_rest(WARM)
    proxy.timeout(0, stream="downstream")
    rig.publish(range(WARM, WARM + UNHEARD))
    eventually("Workflows that nobody heard of", lambda: rig.count() == WARM + UNHEARD)
    first.process.kill()
    second = rig.sensor(SENSOR_ACK_WAIT="3").start()
    balanced(rig, second, WARM + UNHEARD)
    # Not exactly so many: with so short a patience the bus may give one to a slow pod twice.
    eventually("it found them", lambda: second.total("argosy_sensor_outcomes_total", outcome="duplicate") >= UNHEARD)
    assert second.total("argosy_sensor_outcomes_total", outcome="fired") == 0


@pytest.mark.promise("C1", "C6")
def test_a_bus_that_restarts_is_found_again(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """Delivery resumes after the bus was killed under load, without a restart of the pod, a loss or a double."""
    nats = own_nats()
    rig = Rig(tmp_path, nats, kube, stream, namespace)
    try:
        sensor = rig.sensor(SENSOR_ACK_WAIT="5").start()
        rig.publish(range(300))
        nats.kill()
        eventually("ready says no", lambda: not sensor.says("readyz"))
        time.sleep(3)
        assert sensor.says("livez")
        nats.start()
        rig.publish(range(300, 400))
        balanced(rig, sensor, 400)
    finally:
        rig.end()


@pytest.mark.promise("C2")
def test_a_bus_that_hangs_is_noticed(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """A server that keeps its connections and answers nothing is left and found again."""
    nats = own_nats()
    rig = Rig(tmp_path, nats, kube, stream, namespace)
    try:
        sensor = rig.sensor(SENSOR_ACK_WAIT="5").start()
        rig.publish(range(5))
        eventually("5 Workflows", lambda: rig.count() == 5)
        nats.suspend()
        eventually("ready says no", lambda: not sensor.says("readyz"), 40)
        assert sensor.says("livez")
        nats.resume()
        rig.publish(range(5, 10))
        balanced(rig, sensor, 10)
    finally:
        rig.end()


@pytest.mark.promise("A9", "C5")
def test_an_outage_is_told_briefly_and_ends_with_sigterm(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """With the bus away there is at most one line per component in 10 s, and SIGTERM still ends in good order, soon."""
    nats = own_nats()
    rig = Rig(tmp_path, nats, kube, stream, namespace)
    try:
        sensor = rig.sensor().start()
        rig.publish(range(20))
        rig.at_rest(20)
        before = len(sensor.process.log.read_text().splitlines())
        nats.kill()
        time.sleep(AWAY)
        lines = sensor.process.log.read_text().splitlines()[before:]
        components = {json.loads(line)["event"].partition(".")[0] for line in lines}
        assert len(lines) <= len(components) * (AWAY // 10 + 1), lines
        # One that has not ended by then is killed, and gives no 0.
        assert sensor.process.stop(deadline=12) == 0
    finally:
        rig.end()


@pytest.mark.promise("C1", "C2")
def test_a_subscription_that_died_alone_is_made_anew(rig: Rig, toxiproxy: Toxiproxy) -> None:
    """The connection is there and the server forgot what we asked for: the silence is noticed, and delivery goes on."""
    proxy = toxiproxy.proxy(rig.nats.port)
    sensor = rig.sensor(NATS_URL=f"nats://{proxy.address}").start()
    rig.publish(range(5))
    eventually("5 Workflows", lambda: rig.count() == 5)
    proxy.cut()
    proxy.restore()
    rig.publish(range(5, 10))
    balanced(rig, sensor, 10)
