"""The rig of the end-to-end tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.endtoend.rig import Rig
from tests.servers.sqs import Queue


@pytest.fixture
def rig(tmp_path: Path, own_nats: Callable[..., NatsServer], kube: ApiServer, queue: Queue, namespace: str) -> Iterator[Rig]:
    """Give a bus of this test's own, and a queue and a namespace on the shared servers."""
    rig = Rig(tmp_path, own_nats(), kube, queue, namespace)
    yield rig
    rig.end()


@pytest.fixture
def own_rig(
    tmp_path: Path, own_nats: Callable[..., NatsServer], own_kube: Callable[[], ApiServer], queue: Queue
) -> Iterator[Rig]:
    """Give a bus and an API server of this test's own, to be taken away."""
    kube = own_kube()
    kube.client.namespace("orders")
    rig = Rig(tmp_path, own_nats(), kube, queue, "orders")
    yield rig
    rig.end()
