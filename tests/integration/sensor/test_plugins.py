"""The example of a plug-in, installed from its folder, in a real sensor process that needs no cluster."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from argosy.servers.nats import NatsServer
from tests.integration.sensor.rig import Rig, Sensor, eventually

EXAMPLE = Path(__file__).parents[3] / "examples" / "plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example into a folder of its own, as setuptools does it, without any index."""
    folder = tmp_path_factory.mktemp("plugin")
    target = folder / "site"
    target.mkdir()
    shutil.copytree(EXAMPLE, folder / "source")
    commands = ["egg_info", "--egg-base", str(target), "install_lib", "--install-dir", str(target)]
    setup = [sys.executable, "-W", "ignore", "-c", "import setuptools; setuptools.setup()", "-q", *commands]
    subprocess.run(setup, cwd=folder / "source", check=True)
    return target


@pytest.fixture
def sensor(nats_server: NatsServer, stream: str, tmp_path: Path, installed: Path) -> Iterator[Sensor]:
    """Prepare a sensor whose only trigger is the plug-in's; the journal is beside its document."""
    path = tmp_path / "sensor.yaml"
    path.write_text(yaml.safe_dump(document(tmp_path / "journal.jsonl")))
    settings = {
        "NATS_URL": nats_server.url,
        "NATS_STREAM": stream,
        "NATS_SUBJECT_PREFIX": stream,
        "SENSOR_FILE": str(path),
        "PYTHONPATH": str(installed),
    }
    sensor = Sensor(tmp_path, settings, "sensor")
    yield sensor
    sensor.process.stop(deadline=60)


def document(journal: Path, kind: str = "jsonlines") -> dict[str, Any]:
    """Write a Sensor."""
    parameter = {"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "order"}
    template = {"name": "journal", "argosy": {kind: {"path": str(journal), "payload": [parameter]}}}
    return {
        "kind": "Sensor",
        "metadata": {"name": "orders"},
        "spec": {
            "dependencies": [{"name": "order", "eventSourceName": "orders", "eventName": "created"}],
            "triggers": [{"template": template}],
        },
    }


def test_the_example_runs_in_a_sensor(sensor: Sensor, nats_server: NatsServer, stream: str, tmp_path: Path) -> None:
    """Ten events are ten lines, each with the hash of its firing; what the file cannot take yet waits for it."""
    journal = tmp_path / "journal.jsonl"
    journal.mkdir()
    sensor.start()
    # No test here has an API server, and the hand that puts events onto the bus needs none.
    Rig(tmp_path, nats_server, None, stream, "none").publish(range(10))  # type: ignore[arg-type]
    eventually("the trigger waits for its file", lambda: "Is a directory" in sensor.process.log.read_text())
    journal.rmdir()
    eventually("ten lines", lambda: journal.is_file() and len(journal.read_text().splitlines()) == 10)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert sorted(line["payload"]["order"] for line in lines) == sorted(f"body {number}" for number in range(10))
    assert len({line["firing"] for line in lines}) == 10


@pytest.mark.promise("I3")
def test_a_document_whose_plug_in_is_not_installed_is_refused(sensor: Sensor) -> None:
    """Exit 2 with the place, before any connection."""
    environment = sensor.process.env | {"PYTHONPATH": ""}
    ended = subprocess.run(sensor.process.command, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 2
    assert "spec.triggers[0].template.argosy.jsonlines: " in ended.stderr + ended.stdout
