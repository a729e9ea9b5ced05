"""A bus that does not know any more what it has delivered: its disk was full, or its machine lost power."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.integration.sensor.rig import Rig, eventually
from tests.integration.sensor.test_joins import document, pairs, publish


@pytest.mark.promise("B3", "I7")
def test_an_event_that_joined_does_not_join_again(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """The server has lost what its consumer had acked, so a bill comes as if for the first time: it takes no other order.

    Without `uncounted` in the pipeline this fails: the bill makes a second Workflow, and the next bill waits for ever.
    """
    nats = own_nats()
    rig = Rig(tmp_path, nats, kube, stream, namespace)
    rig.sensor(document(rig, join="inOrder")).start().process.stop(deadline=60)
    [name] = [c.name for c in rig.consumers() if c.config.filter_subject.endswith(".billed")]
    [counts] = (nats.folder / "store").glob(f"**/{stream}/obs/{name}")
    nats.process.stop()
    shutil.copytree(counts, tmp_path / "counts")
    nats.start()

    publish(rig, "created", 0, 1)
    publish(rig, "billed", 0)
    sensor = rig.sensor(document(rig, join="inOrder")).start()
    eventually("the first Workflow", lambda: rig.count() == 1)
    eventually("the second order waits", lambda: rig.unread() == 0)
    sensor.process.stop(deadline=60)

    nats.process.stop()
    shutil.rmtree(counts)
    shutil.copytree(tmp_path / "counts", counts)
    nats.start()
    assert rig.unread() == 1
    again = rig.sensor(document(rig, join="inOrder")).start()
    eventually("the bill came again", lambda: rig.unread() == 0)
    assert again.total("argosy_sensor_redeliveries_total") == 0
    publish(rig, "billed", 1)
    eventually("the second Workflow", lambda: rig.count() == 2)
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    assert pairs(rig) == [("created 0", "billed 0"), ("created 1", "billed 1")]
    rig.end()
