"""Bad documents and settings: exit 2, one line a fault with its place, before anything is opened."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

RESOURCE = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}}


def document(**template: Any) -> dict[str, Any]:
    """Write a good Sensor, changed in one place."""
    k8s = {"source": {"resource": RESOURCE}}
    return {
        "kind": "Sensor",
        "metadata": {"name": "s"},
        "spec": {
            "dependencies": [{"name": "d", "eventSourceName": "e", "eventName": "f"}],
            "triggers": [{"template": {"name": "t", "k8s": k8s} | template}],
        },
    }


def start(tmp_path: Path, written: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a sensor that nothing answers: a port that nobody listens on would keep it running."""
    path = tmp_path / "sensor.yaml"
    path.write_text(written if isinstance(written, str) else yaml.safe_dump(written))
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("{}")
    settings = {"NATS_URL": "nats://127.0.0.1:1", "KUBECONFIG": str(kubeconfig), "METRICS_PORT": "0"}
    return subprocess.run(
        [sys.executable, "-m", "sensor"],
        env={**os.environ, **settings, "SENSOR_FILE": str(path), **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.promise("I3")
@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("a: [", "SENSOR_FILE: "),
        (document(conditions="d && x"), "spec.triggers[0].template.conditions: column 6: 'x' is not among the dependencies"),
        (document(k8s={"source": {"resource": RESOURCE}, "operation": "replace"}), "spec.triggers[0].template.k8s.operation: "),
        (document(k8s={"source": {"inline": "{"}}), "spec.triggers[0].template.k8s.source.inline: "),
        (document(k8s={"source": {"file": {"path": "/none"}}}), "spec.triggers[0].template.k8s.source.file: /none"),
        (document(kafka={"topic": "x"}), "spec.triggers[0].template.kafka: this version of Argosy does not support"),
    ],
    ids=["yaml", "conditions", "operation", "inline", "file", "kind"],
)  # fmt: skip
def test_a_bad_document_ends_with_2_and_one_line(tmp_path: Path, written: object, line: str) -> None:
    """The operator reads what is wrong and where; nothing was opened."""
    ended = start(tmp_path, written)
    assert ended.returncode == 2, ended.stderr
    assert line in ended.stderr or ended.stderr.startswith(f"{tmp_path}"), ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert ended.stdout.count("bus") == 0


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"SENSOR_OBJECT": "e30="}, "SENSOR_OBJECT and SENSOR_FILE: give one of them"),
        ({"SENSOR_IN_FLIGHT": "0"}, "SENSOR_IN_FLIGHT: "),
        ({"KUBECONFIG": "/none"}, "KUBECONFIG: /none is no file"),
        ({"NATS_URL": ""}, "NATS_URL: required"),
        ({"SENSOR_OPTIONS": '{"triggers": {"x": {}}}'}, "SENSOR_OPTIONS: triggers.x: the document has no such trigger"),
        ({"SENSOR_FILE": "", "SENSOR_NAME": "s"}, "SENSOR_DEPENDENCY: "),
        ({"SENSOR_FILE": ""}, "SENSOR_OBJECT, SENSOR_FILE or SENSOR_NAME: one of them is required"),
    ],
    ids=["two", "range", "kubeconfig", "bus", "options", "dependency", "nothing"],
)
def test_a_bad_setting_ends_with_2_and_names_the_variable(tmp_path: Path, environment: dict[str, str], line: str) -> None:
    """The variable that is wrong is named, not a class of ours."""
    ended = start(tmp_path, document(), **environment)
    assert ended.returncode == 2, ended.stderr
    assert line in ended.stderr, ended.stderr
