"""What is taken of the Kubernetes library, and what is not."""

import subprocess
import sys

import pytest

from sensor import clusterconfig


def python(code: str) -> str:
    """Run a few lines in a process that has imported nothing yet."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.promise("F4")
def test_the_models_are_not_loaded() -> None:
    """The sensor runs without the library's models, which would cost more memory than all the rest of it."""
    code = "import sys, sensor.app; print(sum(name.startswith('kubernetes_asyncio.client.models') for name in sys.modules))"
    assert python(code) == "0"


def test_the_whole_library_can_be_imported_before_and_after() -> None:
    """Whoever needs the whole library in the same process has it, whichever comes first."""
    ours = "import sensor.clusterconfig as ours"
    whole = "from kubernetes_asyncio import client, config"
    same = "print(client.Configuration is ours.Configuration, client.V1Pod.__name__)"
    assert python(f"{ours}; {whole}; {same}") == "True V1Pod"
    assert python(f"{whole}; {ours}; {same}") == "True V1Pod"


def test_a_configuration_carries_its_transport() -> None:
    """The parts fit together although their package was never run."""
    configuration = clusterconfig.Configuration(host="https://example.test")
    assert configuration.host == "https://example.test"
    assert callable(clusterconfig.load_kube_config)
