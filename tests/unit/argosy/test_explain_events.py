"""What `argosy explain` takes as an event, and what it says about files that it cannot read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from argosy.cli import app
from tests.unit.argosy.explained import BODY, create, dependency, message, sensor

MESSAGE_ID = "0b1f9c1e-1111-4222-8333-444455556666"
EVENT_ID = MESSAGE_ID.replace("-", "")
SENSOR = sensor([dependency("o")], create(BODY))
TWO = sensor([dependency("o"), dependency("p", "paid")], create(BODY, conditions="o || p"))
SQS = {"MessageId": MESSAGE_ID, "ReceiptHandle": "r", "MD5OfBody": "m", "Body": "text"}

Ask = Callable[..., Result]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Write a sensor and events into files, and explain them."""

    def run(document: object, *events: object, options: tuple[str, ...] = (), stdin: str | None = None) -> Result:
        sensors = document if isinstance(document, list) else [document]
        (tmp_path / "sensor.yaml").write_text("---\n".join(yaml.safe_dump(each) for each in sensors))
        files = []
        for number, content in enumerate(events):
            path = tmp_path / f"{number}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            files.append(str(path))
        return CliRunner().invoke(
            app, ["explain", str(tmp_path / "sensor.yaml"), *(files or ["-"]), *options], input=stdin, env={"COLUMNS": "300"}
        )

    return run


def _report(result: Result) -> dict[str, Any]:
    assert result.exit_code in {0, 1}, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def _body(result: Result) -> str:
    (said,) = _report(result)["triggers"][0]["steps"][0]["dependencies"]
    return str(said["run"]["request"]["object"]["spec"]["arguments"]["parameters"][0]["value"])


JSON = ("-o", "json")


@pytest.mark.parametrize(
    "event",
    [
        SQS,
        {"Messages": [SQS]},
        [SQS],
        {"messageId": MESSAGE_ID, "messageAttributes": None, "body": "text", "metadata": {"a": "b"}},
        json.loads(message(1, "text", id=EVENT_ID)),
        json.loads(message(1, "text", id=EVENT_ID)) | {"data_base64": None, "data": {"body": "text"}},
    ],
    ids=["message", "answer", "list", "data", "event", "event with data"],
)
def test_an_event_in_any_of_its_forms_is_the_same_event(ask: Ask, event: object) -> None:
    """Whatever one has at hand will do: what SQS answers, what stands on the bus, or the data out of it."""
    if isinstance(event, dict) and event.get("data_base64", "") is None:
        del event["data_base64"]
    result = ask(SENSOR, event, options=JSON)
    (arrival,) = _report(result)["events"]
    assert (arrival["id"], arrival["source"], arrival["subject"]) == (EVENT_ID, "orders", "placed")
    assert _body(result) == "text"


def test_standard_input_is_a_file(ask: Ask) -> None:
    """`aws sqs receive-message | argosy explain sensor.yaml -` needs no file in between."""
    result = ask(SENSOR, options=JSON, stdin=json.dumps({"Messages": [SQS, SQS | {"MessageId": "other"}]}))
    assert [arrival["place"] for arrival in _report(result)["events"]] == ["-[0]", "-[1]"]


def test_standard_input_is_read_once_only(ask: Ask) -> None:
    """A second `-` would find nothing and confuse."""
    result = ask(SENSOR, options=("--eventsource", "-"), stdin="")
    assert (result.exit_code, result.stderr) == (2, "-: standard input can be read once only\n")


@pytest.mark.parametrize(
    ("options", "subject"),
    [(("-d", "p"), "paid"), (("--source", "orders", "--event", "placed"), "placed")],
    ids=["dependency", "source and event"],
)
def test_a_message_of_one_of_several_dependencies_is_said_to_be(ask: Ask, options: tuple[str, ...], subject: str) -> None:
    """A bare message does not say where it comes from."""
    report = _report(ask(TWO, SQS, options=(*options, *JSON)))
    assert report["events"][0]["subject"] == subject


def test_each_message_can_be_of_another_dependency(ask: Ask) -> None:
    """For a join, the events of several queues come together; one that says it itself needs no option."""
    options = ("-d", "p", "-d", "o", *JSON)
    report = _report(ask(TWO, SQS, message(7, "x"), SQS, options=options))
    assert [arrival["subject"] for arrival in report["events"]] == ["paid", "placed", "placed"]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ((), "0.json: whose event is it? Say --dependency, one of o, p"),
        (("-d", "x"), "--dependency: the sensor has no 'x', but o, p"),
        (("-d", "o", "-d", "p", "-d", "o"), "--dependency: 3 given for 2 events: one, or one for each"),
        (("--source", "orders"), "--source, --event: give both, or --dependency in their place"),
    ],
)
def test_a_message_that_may_be_anybodys_is_asked_about(ask: Ask, options: tuple[str, ...], fault: str) -> None:
    """Guessing would explain the wrong thing."""
    result = ask(TWO, SQS, SQS, options=options)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"{fault}\n")


def _event_source(**entry: object) -> dict[str, Any]:
    sqs = {"region": "us-east-1", "queue": "q", **entry}
    return {"kind": "EventSource", "metadata": {"name": "orders"}, "spec": {"sqs": {"placed": sqs}}}


def test_the_event_source_beside_the_sensor_makes_the_event(ask: Ask) -> None:
    """With its document at hand, `jsonBody` counts; without it, that is said."""
    event = SQS | {"Body": '{"n": 1}'}
    assert _body(ask([SENSOR, _event_source(jsonBody=True)], event, options=JSON)) == '{"n":1}'
    without = ask(SENSOR, event)
    assert "the document of event source orders is not here: the body is taken as text" in without.stdout


def test_the_event_source_may_stand_in_a_file_of_its_own(ask: Ask, tmp_path: Path) -> None:
    """Two documents, two files, as many keep them."""
    file = tmp_path / "source.yaml"
    file.write_text(yaml.safe_dump(_event_source(metadata={"shop": "1"}, jsonBody=True)))
    assert _body(ask(SENSOR, SQS | {"Body": "[1, 2]"}, options=("--eventsource", str(file), *JSON))) == "[1,2]"


@pytest.mark.parametrize(
    ("entry", "fate", "why"),
    [
        ({"filter": {"expression": 'body == "other"'}}, "filtered", "filter.expression is false"),
        ({"jsonBody": True}, "parked", "not_json: jsonBody is set and the body is not JSON"),
    ],
    ids=["filter", "not JSON"],
)
def test_what_the_event_source_keeps_back_reaches_no_trigger(ask: Ask, entry: dict[str, Any], fate: str, why: str) -> None:
    """The answer to `why did nothing happen` may stand before the bus."""
    result = ask([SENSOR, _event_source(**entry)], SQS, options=JSON)
    assert result.exit_code == 1
    report = _report(result)
    assert (report["events"][0]["fate"], report["events"][0]["why"]) == (fate, why)
    assert report["triggers"][0]["steps"] == []
    assert f"{fate:<9} by the event source" in ask([SENSOR, _event_source(**entry)], SQS).stdout


def test_attributes_of_a_message_reach_the_event(ask: Ask) -> None:
    """Bytes are base64 in the command line's answer and in the event alike."""
    attributes = {"b": {"BinaryValue": "AAH/", "DataType": "Binary"}, "a": {"StringValue": "x", "DataType": "String"}}
    document = sensor(
        [dependency("o")],
        create(
            {"src": {"dependencyName": "o", "dataKey": "messageAttributes.b.BinaryValue"}, "dest": "spec.b"},
            {"src": {"dependencyName": "o", "dataKey": "messageAttributes.a.StringValue"}, "dest": "spec.a"},
        ),
    )
    report = _report(ask(document, SQS | {"MessageAttributes": attributes}, options=JSON))
    spec = report["triggers"][0]["steps"][0]["dependencies"][0]["run"]["request"]["object"]["spec"]
    assert (spec["b"], spec["a"]) == ("AAH/", "x")


def test_the_data_of_an_event_keeps_its_numbers(ask: Ask) -> None:
    """A file that a person has indented is the same event: the spaces go, the digits stay."""
    data = '{\n "messageId": "m",\n "body": {"n": 1.50, "big": 12345678901234567890123}\n}'
    assert _body(ask(SENSOR, data, options=JSON)) == '{"n":1.50,"big":12345678901234567890123}'


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "0.json: not JSON; wanted is a CloudEvent (specversion), a message of SQS (Body) or the data of an event"),
        ("7", "0.json: wanted is a CloudEvent"),
        ({"order": 1}, "0.json: wanted is a CloudEvent"),
        ([SQS, {}], "0.json[1]: wanted is a CloudEvent"),
        (SQS | {"Body": 5}, "0.json: Body: a text is wanted, not 5"),
        (SQS | {"MessageAttributes": {"a": {"BinaryValue": "?"}}}, "0.json: MessageAttributes.a: not base64"),
        (SQS | {"MessageAttributes": {"a": 1}}, "0.json: MessageAttributes.a: an object is wanted"),
        (SQS | {"Attributes": {"ApproximateReceiveCount": "many"}}, "0.json: ApproximateReceiveCount: a number is wanted"),
        ({"specversion": "9"}, "0.json: the message on the bus is no CloudEvent: specversion: '9'"),
    ],
)
def test_a_file_that_is_no_event_is_refused_with_its_name(ask: Ask, content: object, fault: str) -> None:
    """One line says which file, and what is wanted."""
    result = ask(SENSOR, content)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert fault in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_every_fault_of_the_sensor_is_told_with_file_and_path(ask: Ask, tmp_path: Path) -> None:
    """As `argosy validate` has it: file, document, place, fault."""
    document = sensor([dependency("o")], create(), {"template": {"name": "x", "conditions": "nobody", "log": {}}}, name="")
    result = ask(document, SQS)
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert f"{tmp_path / 'sensor.yaml'}: Sensor/?: metadata.name: required, but missing" in lines
    assert any(": Sensor/?: spec.triggers[1].template.conditions: " in line for line in lines)


@pytest.mark.parametrize("document", [[], [SENSOR, SENSOR]], ids=["none", "two"])
def test_one_sensor_is_explained_at_a_time(ask: Ask, document: object) -> None:
    """Which one is meant is not guessed."""
    result = ask(document, SQS)
    assert result.exit_code == 2
    assert "exactly one Sensor is wanted" in result.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A typo in a name costs no time."""
    result = CliRunner().invoke(app, ["explain", str(tmp_path / "absent.yaml"), "-"], input="{}")
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path / 'absent.yaml'}: No such file or directory\n")


def test_a_warning_about_the_document_is_told(ask: Ask) -> None:
    """A field that nobody reads may be the very reason."""
    document = {**SENSOR, "spec": {**SENSOR["spec"], "dependencys": []}}
    assert "spec.dependencys: unknown field, ignored" in _report(ask(document, SQS, options=JSON))["notes"]
