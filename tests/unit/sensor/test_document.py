"""The three forms of configuration, and every rule that a document must fulfil."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.errors import ConfigurationError
from common.subjects import Names
from sensor import document, plan, rules
from sensor.settings import SensorSettings
from sensor.spec import Sensor
from sensor.triggers import Surroundings
from tests.fakes_sensor import FakeCluster

RESOURCE = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "x-"}}


def sensor(**trigger: Any) -> dict[str, Any]:
    """Write a good document, changed in one place of its trigger."""
    template = {"name": "t", "k8s": {"source": {"resource": RESOURCE}}} | trigger.pop("template", {})
    dependency = {"name": "d", "eventSourceName": "e", "eventName": "f"}
    return {
        "kind": "Sensor",
        "metadata": {"name": "s"},
        "spec": {"dependencies": [dependency], "triggers": [{"template": template} | trigger]},
    }


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


def faults(written: dict[str, Any]) -> tuple[str, ...]:
    """Give what is wrong with a document."""
    with pytest.raises(ConfigurationError) as refused:
        rules.read(written)
    return refused.value.faults


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


@pytest.mark.promise("I3", "I6")
@pytest.mark.parametrize(
    ("trigger", "fault"),
    [
        ({"template": {"name": "a b"}}, "spec.triggers[0].template.name: 'a b' cannot name a trigger"),
        ({"template": {"name": "a/b"}}, "spec.triggers[0].template.name: 'a/b' cannot be the value of a label"),
        ({"template": {"conditions": "x"}}, "spec.triggers[0].template.conditions: column 1: 'x' is not among"),
        ({"template": {"k8s": None}}, "spec.triggers[0].template: invalid trigger t, could not find an implementation"),
        ({"template": {"http": {}}}, "spec.triggers[0].template.http: this version of Argosy does not support"),
        ({"template": {"conditionsReset": [{}]}}, "spec.triggers[0].template.conditionsReset: this version"),
        ({"retryStrategy": {"duration": "10"}}, "spec.triggers[0].retryStrategy.duration: '10' is no duration"),
        ({"retryStrategy": {"duration": "-1s"}}, "spec.triggers[0].retryStrategy.duration: a pause cannot be negative"),
        ({"retryStrategy": {"factor": "2"}}, "spec.triggers[0].retryStrategy.factor: a number is wanted"),
        ({"policy": {"k8s": {"labels": {"a": "b"}}}}, "spec.triggers[0].policy: this version of Argosy does not"),
        ({"rateLimit": {"requestsPerUnit": 1}}, "spec.triggers[0].rateLimit: this version of Argosy does not"),
        ({"dlqTrigger": {"template": {}}}, "spec.triggers[0].dlqTrigger: this version of Argosy does not"),
        ({"argosy": {"maxActive": 3}}, "spec.triggers[0].argosy.maxActive: this version of Argosy does not"),
        ({"argosy": {"startFrom": "yesterday"}}, "spec.triggers[0].argosy.startFrom: "),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_each_fault_has_its_place(trigger: dict[str, Any], fault: str) -> None:
    """What the Go sensor takes and then does not do, and what this version cannot do, is refused with its path."""
    assert any(found.startswith(fault) for found in faults(sensor(**trigger))), faults(sensor(**trigger))


@pytest.mark.parametrize(
    ("dependencies", "fault"),
    [
        ([{"name": "a.b"}], "spec.dependencies[0].name: 'a.b' cannot name a dependency"),
        ([{"name": "Expression"}], "spec.dependencies[0].name: 'Expression' cannot name"),
        ([{"name": "a"}, {"name": "a"}], "spec.dependencies[1].name: duplicate dependency name: a"),
        ([{"name": "a-b"}, {"name": "a_b"}], "spec.dependencies[1].name: 'a_b' and 'a-b' are one name in conditions"),
        ([{"eventName": "a.b"}], "spec.dependencies[0].eventName: 'a.b' cannot be part of a subject"),
        ([{"filters": {"exprs": [{}]}}], "spec.dependencies[0].filters.exprs[0]: one of expr filters is not valid"),
        ([{"transform": {"jq": 1}}], "spec.dependencies[0].transform.jq: Input should be a valid string"),
        ([{"name": "a"}, {"name": "b"}], "spec.triggers[0].template.conditions: a&&b: this version of Argosy does not"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_faults_of_dependencies_have_their_places(dependencies: list[dict[str, Any]], fault: str) -> None:
    """Names that cannot work, twins, and what is not built yet."""
    written = sensor()
    good = written["spec"]["dependencies"][0]
    written["spec"]["dependencies"] = [good | changes for changes in dependencies]
    assert any(found.startswith(fault) for found in faults(written)), faults(written)


def test_all_faults_come_at_once() -> None:
    """Nobody likes to mend a document one fault at a time."""
    assert len(faults({"metadata": {}, "spec": {}})) == 3


def test_what_has_no_effect_here_is_accepted() -> None:
    """Fields of the controller, and those that are always so with us."""
    written = sensor(atLeastOnce=True, retryStrategy={"steps": 3})
    written["spec"] |= {
        "template": {"serviceAccountName": "x"}, "eventBusName": "b", "replicas": 2, "revisionHistoryLimit": 1,
        "errorOnFailedRound": True, "loggingFields": {"a": "b"},
    }  # fmt: skip
    assert rules.read(written).warnings == ()


def test_unknown_fields_are_warned_about() -> None:
    """A misplaced field, which Argo Events drops silently, is told with its path."""
    assert rules.read(sensor(template={"atLeastOnce": True})).warnings == (
        "spec.triggers[0].template.atLeastOnce: unknown field, ignored",
    )


def test_two_triggers_that_meet_in_one_consumer_are_refused() -> None:
    """32 bits are few, and `-` joins the names: `b` + `c-d` and `b-c` + `d` are one consumer (fault F15)."""
    written = sensor()
    names = [("c-d", "x"), ("d", "y")]
    written["spec"]["dependencies"] = [
        {"name": "d", "eventSourceName": "e", "eventName": "f"},
        {"name": "c-d", "eventSourceName": "e", "eventName": "f"},
    ]
    template = written["spec"]["triggers"][0]["template"]
    written["spec"]["triggers"] = [
        {"template": template | {"name": "b", "conditions": "c-d"}},
        {"template": template | {"name": "b-c", "conditions": "d"}},
    ]
    assert names
    with pytest.raises(ConfigurationError, match="meet in one consumer"):
        plan.plan(rules.read(written).value, Surroundings("s", "ns", FakeCluster()), Names())
