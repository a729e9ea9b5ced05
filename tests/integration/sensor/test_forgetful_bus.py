"""A bus that does not know any more what it has delivered: its disk was full, or its machine lost power."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.integration.sensor.rig import Rig, eventually
from tests.integration.sensor.test_joins import document, pairs, publish


class Forgetful:
    """A bus of its own, whose consumers can be set back to where they stood when this was made."""

    def __init__(self, rig: Rig) -> None:
        """Note where they stand: no pod may run."""
        (self._kept,) = (rig.nats.folder / "store").glob(f"**/{rig.stream}/obs")
        self._copy = rig.folder / "consumers"
        self._nats = rig.nats
        self._nats.process.stop()
        shutil.copytree(self._kept, self._copy)
        self._nats.start()

    def forget(self, *names: str) -> None:
        """Stop the server, set these consumers back, and start it."""
        self._nats.process.stop()
        for name in names:
            shutil.rmtree(self._kept / name)
            shutil.copytree(self._copy / name, self._kept / name)
        self._nats.start()


def name_of(rig: Rig, event: str) -> str:
    """Name the consumer of an event."""
    [name] = [c.name for c in rig.consumers() if c.config.filter_subject.endswith(f".{event}")]
    return str(name)


@pytest.mark.promise("B3")
def test_an_event_whose_workflow_is_gone_does_not_fire_again(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """Ten events come as if for the first time, and their Workflows were deleted meanwhile: the ledger's end tells of them.

    Without `lately` in `Attempting._once` this fails with ten Workflows.
    """
    rig = Rig(tmp_path, own_nats(), kube, stream, namespace)
    rig.sensor().start().process.stop(deadline=60)
    bus, name = Forgetful(rig), name_of(rig, "created")
    rig.publish(range(10))
    sensor = rig.sensor().start()
    eventually("ten Workflows", lambda: rig.count() == 10)
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    sensor.process.stop(deadline=60)
    for workflow in rig.workflows():
        rig.kube.client.delete(f"{rig.path}/{workflow['metadata']['name']}")

    bus.forget(name)
    assert rig.unread() == 10
    again = rig.sensor().start()
    eventually("they came again", lambda: rig.unread() == 0)
    assert again.total("argosy_sensor_redeliveries_total") == 0
    again.counts(10, outcome="duplicate")
    assert rig.count() == 0
    rig.end()


@pytest.mark.promise("B3", "I7")
def test_an_event_that_joined_does_not_join_again(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """The server has lost what its consumer had acked, so a bill comes as if for the first time: it takes no other order.

    Without `uncounted` in the pipeline this fails: the bill makes a second Workflow, and the next bill waits for ever.
    """
    rig = Rig(tmp_path, own_nats(), kube, stream, namespace)
    rig.sensor(document(rig, join="inOrder")).start().process.stop(deadline=60)
    bus, name = Forgetful(rig), name_of(rig, "billed")

    publish(rig, "created", 0, 1)
    publish(rig, "billed", 0)
    sensor = rig.sensor(document(rig, join="inOrder")).start()
    eventually("the first Workflow", lambda: rig.count() == 1)
    eventually("the second order waits", lambda: rig.unread() == 0)
    sensor.process.stop(deadline=60)

    bus.forget(name)
    assert rig.unread() == 1
    again = rig.sensor(document(rig, join="inOrder")).start()
    eventually("the bill came again", lambda: rig.unread() == 0)
    assert again.total("argosy_sensor_redeliveries_total") == 0
    publish(rig, "billed", 1)
    eventually("the second Workflow", lambda: rig.count() == 2)
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    assert pairs(rig) == [("created 0", "billed 0"), ("created 1", "billed 1")]
    rig.end()
