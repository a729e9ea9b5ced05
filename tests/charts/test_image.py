"""The image: built from the checkout, and started as Kubernetes would start it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from argosy.servers.process import Unavailable
from tests.charts import image as images
from tests.charts.image import Image

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Build it once; skipped, in CI too, where buildah cannot be had or is not let."""
    builder = images.Builder(tmp_path_factory.mktemp("image"))
    try:
        builder.prepare(images.base(print))
    except Unavailable as error:
        pytest.skip(str(error))
    yield builder.build()
    builder.remove()


@pytest.mark.parametrize("missing", ["buildah", "debootstrap"])
def test_where_it_cannot_be_had_it_is_skipped_and_says_why(missing: str, tmp_path: Path) -> None:
    """Its tools are not everywhere, nor are the rights they need: that is no fault, in CI either, and it is never silent."""
    for tool in {"buildah", "debootstrap", "unshare"} - {missing}:
        (tmp_path / tool).write_text("#!/bin/sh\n")
        (tmp_path / tool).chmod(0o755)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", __file__, "-k", "says_what_it_is"]
    done = subprocess.run(
        command, cwd=images.ROOT, env={"PATH": str(tmp_path), "CI": "true"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 skipped" in done.stdout
    assert f"the image is built with buildah and debootstrap, and {missing} is not on the PATH" in done.stdout


def test_it_says_what_it_is(image: Image) -> None:
    """A user by number, labels, the port; no shell between process 1 and its signals."""
    assert image.config["User"] == "10001:10001"
    assert "Entrypoint" not in image.config
    labels = image.config["Labels"]
    assert labels["org.opencontainers.image.version"] == "1.2.3"
    assert labels["org.opencontainers.image.revision"] == "abc"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert "7777/tcp" in image.config["ExposedPorts"]


def test_only_tmp_can_be_written_to(image: Image) -> None:
    """The container of these tests is what it claims to be."""
    code, said = image.run("sh", "-c", "touch /tmp/x && id -u && touch /x")
    assert code != 0
    assert said.splitlines()[0] == "10001"
    assert "Read-only file system" in said


@pytest.mark.parametrize("command", ["eventsource", "eventsource-service", "sensor", "sensor-service"])
def test_it_starts_by_each_of_its_commands(image: Image, command: str) -> None:
    """Our names and those that Argo Events' controller calls; without a document each says what is missing."""
    code, said = image.run(command)
    assert code == 2
    assert "one of them is required" in said


def test_it_holds_the_tool_and_the_bus(image: Image) -> None:
    """`argosy` for operators, `nats-server` for the chart; no pip, no compiler's leavings."""
    assert image.run("argosy", "--version") == (0, "argosy 0.1.0\n")
    code, said = image.run("nats-server", "--version")
    assert (code, said[:13]) == (0, "nats-server: ")
    assert image.run("python", "-c", "import pip")[0] != 0
    assert not list(Path(image.root, "src").glob("*"))


def test_the_demo_runs_in_it(image: Image) -> None:
    """The whole pipeline, both services in it, as its own user and with a root that is read-only."""
    code, said = image.run("sh", "-c", "argosy demo --messages 20")
    assert code == 0, said


def test_the_build_file_names_both_architectures() -> None:
    """One build for amd64 and arm64; the base comes by argument."""
    bake = (images.ROOT / "docker" / "bake.hcl").read_text()
    assert 'platforms  = ["linux/amd64", "linux/arm64"]' in bake
    dockerfile = (images.ROOT / "docker" / "Dockerfile").read_text()
    assert dockerfile.count("FROM ${BASE}") == 2
