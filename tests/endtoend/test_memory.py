"""The same message again, long after: the bus has forgotten its id, its Workflow is gone, and no second one is made (B3)."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.kubeclient import WORKFLOWS
from argosy.servers.nats import NatsServer
from tests.endtoend.forms import files
from tests.endtoend.rig import Rig, eventually
from tests.integration.sensor.rig import Rig as SensorRig
from tests.servers.toxiproxy import Toxiproxy

VISIBILITY = 3


@pytest.mark.promise("B3", "B6")
@pytest.mark.parametrize(
    "extensions",
    [{"sqsreceivecount": "2"}, {"sqsreceivecount": "1", "argosyidempotencykey": "order-1"}],
    ids=["received-again", "idempotency-key"],
)
def test_after_the_bus_has_forgotten_the_id(  # noqa: PLR0917 - fixtures
    own_nats: Callable[..., NatsServer],
    kube: ApiServer,
    namespace: str,
    stream: str,
    tmp_path: Path,
    extensions: dict[str, str],
) -> None:
    """Purged, restarted, published again: stored anew, as after the duplicate window; only the ledger still knows.

    Without the look into the ledger (`Line._once`) this makes five Workflows more and fails.
    """
    nats = own_nats()
    rig = SensorRig(tmp_path, nats, kube, stream, namespace)
    try:
        sensor = rig.sensor().start()
        rig.publish(range(5), extensions=extensions | {"sqsreceivecount": "1"})
        eventually("5 Workflows", lambda: rig.count() == 5, 30)
        eventually("nothing unread", lambda: rig.unread() == 0, 30)
        kube.client.delete(rig.path)
        rig.on_bus(lambda client: client.jetstream().purge_stream(stream))
        nats.kill()
        nats.start()
        eventually("ready", lambda: sensor.says("readyz"), 30)
        rig.publish(range(5), extensions=extensions)
        eventually("5 duplicates", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="duplicate") == 5, 30)
        assert rig.count() == 0
    finally:
        rig.end()


@pytest.mark.promise("B3", "B4")
def test_a_frozen_source_that_wakes_up_late(rig: Rig, toxiproxy: Toxiproxy) -> None:
    """It stops between receive and publish for longer than its lease; another one takes over; then it wakes up.

    The bus has forgotten the id and the Workflow is gone by then. By its own clock the lease is over, so it says nothing more.
    """
    frozen, sensor = files(rig)
    proxy = toxiproxy.proxy(rig.nats.port)
    lease = {"EVENTSOURCE_VISIBILITY_TIMEOUT": str(VISIBILITY)}
    frozen.process.env |= lease | {"NATS_URL": f"nats://{proxy.address}"}
    path = rig.folder / "eventsource.yaml"
    other = rig.service("eventsource", EVENTSOURCE_FILE=str(path), NATS_URL=rig.nats.url, **rig.aws | lease)
    sensor.start()
    frozen.start()
    proxy.timeout(0, stream="upstream")
    rig.queue.send("hello")
    eventually("received", lambda: frozen.total("argosy_source_messages_in_flight") == 1, 30)
    frozen.process.suspend()
    time.sleep(VISIBILITY + 0.5)
    other.start()
    rig.settled(1)
    rig.kube.client.delete(f"{WORKFLOWS}/namespaces/{rig.namespace}/workflows")
    rig.nats.kill()
    rig.nats.start()
    proxy.clear()
    frozen.process.resume()
    eventually("both are ready", lambda: frozen.says("readyz") and other.says("readyz") and sensor.says("readyz"), 60)
    time.sleep(2)
    assert rig.queue.empty()
    assert rig.count() == 0
