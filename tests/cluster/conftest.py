"""What the tests of triggers at the real API server share."""

from pathlib import Path

import pytest

from argosy.servers.apiserver import ApiServer
from tests.cluster.acting import Acting


@pytest.fixture
def acting(kube: ApiServer, namespace: str, tmp_path: Path) -> Acting:
    """Give a namespace of this test's own, with the administrator's rights."""
    return Acting(kube, namespace, kube.kubeconfig(tmp_path / "admin"))
