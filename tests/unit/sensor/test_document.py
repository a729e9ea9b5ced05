"""The three forms of configuration."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.errors import ConfigurationError
from sensor import document
from sensor.settings import SensorSettings
from sensor.spec import Sensor
from tests.unit.sensor.sensors import RESOURCE, sensor


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Sensor:
    """Read the document that an environment gives."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return document.load(SensorSettings()).value


def resource(read: Sensor) -> dict[str, Any]:
    """Give the object of the only trigger."""
    template = read.spec.triggers[0].template
    assert template
    assert template.k8s
    assert template.k8s.source
    assert template.k8s.source.resource is not None
    return template.k8s.source.resource


def test_file_and_object_are_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """YAML in a file, and base64 of JSON in a variable."""
    path = tmp_path / "sensor.yaml"
    path.write_text("kind: EventSource\n---\n" + yaml.safe_dump(sensor()))
    one = load(monkeypatch, SENSOR_FILE=str(path))
    monkeypatch.delenv("SENSOR_FILE")
    assert load(monkeypatch, SENSOR_OBJECT=base64.b64encode(json.dumps(sensor()).encode()).decode()) == one


def test_options_are_the_blocks_of_the_document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What Argo Events' controller would strip comes in a variable of its own."""
    path = tmp_path / "sensor.yaml"
    path.write_text(yaml.safe_dump(sensor()))
    read = load(monkeypatch, SENSOR_FILE=str(path), SENSOR_OPTIONS='{"triggers": {"t": {"startFrom": "oldest"}}}')
    path.write_text(yaml.safe_dump(sensor(argosy={"startFrom": "oldest"})))
    monkeypatch.delenv("SENSOR_OPTIONS")
    assert load(monkeypatch, SENSOR_FILE=str(path)).spec.triggers == read.spec.triggers


@pytest.mark.parametrize(
    ("arguments", "dest"),
    [
        ([{"name": "a"}, {"name": "message", "value": "x"}], "spec.arguments.parameters.1.value"),
        ([{"name": "a"}], "spec.arguments.parameters.1.value"),
        (None, "spec.arguments.parameters.0.value"),
    ],
    ids=["there", "added", "all-made"],
)
def test_a_workflow_file_and_the_name_of_a_parameter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[dict[str, str]] | None, dest: str
) -> None:
    """The seed's case: the parameter is found by its name, or added."""
    path = tmp_path / "workflow.yaml"
    workflow = RESOURCE | ({"spec": {"arguments": {"parameters": arguments}}} if arguments else {})
    path.write_text(yaml.safe_dump(workflow))
    variables = {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "e/f", "WORKFLOW_FILE": str(path), "PARAMETER_NAME": "message"}
    read = load(monkeypatch, **variables)
    template = read.spec.triggers[0].template
    assert template
    assert template.k8s
    assert template.k8s.parameters[0].dest == dest
    named = resource(read)["spec"]["arguments"]["parameters"]
    assert named[int(dest.split(".")[3])]["name"] == "message"
    assert (read.spec.dependencies[0].event_source_name, read.spec.dependencies[0].event_name) == ("e", "f")


def test_the_name_of_a_template_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A WorkflowTemplate by name, and the name of its parameter."""
    variables = {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "e/f", "WORKFLOW_TEMPLATE": "etl", "PARAMETER_NAME": "message"}
    made = resource(load(monkeypatch, **variables))
    assert made["metadata"] == {"generateName": "etl-"}
    assert made["spec"]["workflowTemplateRef"] == {"name": "etl"}
    assert made["spec"]["arguments"]["parameters"] == [{"name": "message"}]


@pytest.mark.parametrize(
    "variables",
    [
        {"SENSOR_NAME": "s"},
        {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "e"},
        {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "e/f"},
        {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "e/f", "WORKFLOW_TEMPLATE": "t"},
        {
            "SENSOR_NAME": "s",
            "SENSOR_DEPENDENCY": "e/f",
            "WORKFLOW_TEMPLATE": "t",
            "PARAMETER_NAME": "a",
            "PARAMETER_DEST": "b",
        },
        {"SENSOR_NAME": "s", "SENSOR_DEPENDENCY": "e/f", "WORKFLOW_FILE": "/none"},
        {"SENSOR_OBJECT": "!"},
        {"SENSOR_OBJECT": "W10="},
        {"SENSOR_OBJECT": "e30=", "SENSOR_OPTIONS": "{"},
        {"SENSOR_OBJECT": "e30=", "SENSOR_OPTIONS": "[]"},
        {},
    ],
)
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Half a configuration is refused with the variable that is wrong."""
    with pytest.raises(ConfigurationError, match=r"SENSOR_|WORKFLOW_|PARAMETER_|document"):
        load(monkeypatch, **variables)
