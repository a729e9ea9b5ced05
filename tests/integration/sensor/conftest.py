"""What the tests of the sensor on real servers share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.integration.sensor.rig import Rig


@pytest.fixture
def rig(nats_server: NatsServer, kube: ApiServer, namespace: str, stream: str, tmp_path: Path) -> Iterator[Rig]:
    """Give the shared servers with names of this test's own."""
    rig = Rig(tmp_path, nats_server, kube, stream, namespace)
    yield rig
    rig.end()
