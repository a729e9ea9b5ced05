"""`argosy pause` and `argosy resume` on real servers: who obeys, how soon, and that nothing is lost."""

import time
from threading import Thread

import pytest
from typer.testing import CliRunner, Result

from argosy.cli import app
from tests.integration.sensor.rig import Rig, Sensor, eventually


def argosy(rig: Rig, *words: str) -> Result:
    """Run the tool against the test's bus."""
    bus = ["--url", rig.nats.url, "--stream", rig.stream]
    return CliRunner().invoke(app, [*words, *bus], env={"POD_NAMESPACE": rig.namespace})


@pytest.mark.promise("D4")
def test_a_pause_under_load_stops_all_replicas_within_a_second_and_loses_nothing(rig: Rig) -> None:
    """Three replicas at work: a second after the pause no Workflow is made; they stay ready; after resume all of them are.

    Take `Limits.paused` out (let it be None) to see it fail.
    """
    sensors = [rig.sensor(SENSOR_IN_FLIGHT="8").start() for _ in range(3)]
    load = Thread(target=lambda: [(rig.publish(range(n, n + 10)), time.sleep(0.1)) for n in range(0, 400, 10)])
    load.start()
    eventually("some Workflows", lambda: rig.count() > 20)
    paused = argosy(rig, "pause", "orders")
    assert (paused.exit_code, paused.output) == (0, f"{rig.namespace}/orders: the whole sensor is paused\n")
    time.sleep(1)
    count = rig.count()
    time.sleep(2)
    assert rig.count() == count, "fired during the pause"
    load.join()
    assert rig.count() == count < 400
    for sensor in sensors:
        assert sensor.says("readyz")
        assert rests(sensor)
        assert "paused by an operator" in sensor.read("")
    assert argosy(rig, "resume", "orders").exit_code == 0
    rig.at_rest(400, 60)
    assert rig.values() == sorted(f"body {n}" for n in range(400))
    assert rig.dead() == []
    sensors[0].counts(0, "argosy_sensor_paused")


def rests(sensor: Sensor) -> bool:
    """Say whether a pod knows that it is paused, and has nothing in hand any more."""
    paused = sensor.total("argosy_sensor_paused", trigger_name="workflow") == 1
    return paused and sensor.total("argosy_sensor_messages_in_flight") == 0


@pytest.mark.promise("D4")
def test_a_pause_outlives_the_pods(rig: Rig) -> None:
    """What is paused is known before anything is fetched: a pod that starts, or was killed, fires nothing."""
    first = rig.sensor().start()
    assert argosy(rig, "pause", "orders/workflow").exit_code == 0
    eventually("the pause", lambda: first.total("argosy_sensor_paused") == 1)
    first.process.kill()
    rig.publish(range(20))
    second = rig.sensor().start()
    time.sleep(1.5)
    assert rig.count() == 0
    assert second.says("readyz")
    assert argosy(rig, "resume", "orders/workflow").exit_code == 0
    eventually("all Workflows", lambda: rig.count() == 20)


def test_one_trigger_is_paused_and_its_sibling_goes_on(rig: Rig) -> None:
    """Both are of one sensor and read the same events; a misspelt name pauses nothing and says so."""
    document = rig.document()
    other = {**document["spec"]["triggers"][0]["template"], "name": "other"}
    document["spec"]["triggers"].append({"template": other})
    sensor = rig.sensor(document).start()
    assert argosy(rig, "pause", "orders/other").exit_code == 0
    misspelt = argosy(rig, "pause", "orders/otter")
    assert misspelt.exit_code == 1
    assert "orders has no trigger otter, but other, workflow" in misspelt.output
    assert argosy(rig, "pause").output == f"{rig.namespace}/orders: paused: other\n"
    sensor.counts(1, "argosy_sensor_paused", trigger_name="other")
    rig.publish(range(10))
    eventually("ten Workflows", lambda: rig.count() == 10)
    time.sleep(1)
    labels = {w["metadata"]["labels"]["events.argoproj.io/trigger"] for w in rig.workflows()}
    assert labels == {"workflow"}
    assert argosy(rig, "resume", "orders").exit_code == 0
    assert argosy(rig, "pause").output == "nothing is paused\n"
    eventually("the others", lambda: rig.count() == 20)


def test_what_is_paused_as_a_whole_is_not_resumed_in_parts(rig: Rig) -> None:
    """Whoever resumes one trigger learns that it stays paused; a sensor that never was is paused only by force."""
    assert argosy(rig, "pause", "orders").exit_code == 1
    assert argosy(rig, "pause", "orders", "--force").exit_code == 0
    part = argosy(rig, "resume", "orders/workflow")
    assert part.exit_code == 1
    assert "the whole sensor orders is paused: resume that" in part.output
    assert argosy(rig, "pause", "/workflow").exit_code == 2
