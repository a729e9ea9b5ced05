"""The three forms of configuration end in the same document."""

import base64
import json
from pathlib import Path

import pytest

from common.errors import ConfigurationError
from common.settings import read
from eventsource.document import load
from eventsource.settings import EventSourceSettings
from eventsource.spec import EventSource

DOCUMENT = {
    "metadata": {"name": "aws-sqs"},
    "spec": {"sqs": {"orders": {"region": "us-east-1", "queue": "q", "waitTimeSeconds": 20}}},
}
VARIABLES = {
    "EVENTSOURCE_NAME": "aws-sqs",
    "EVENTSOURCE_EVENT": "orders",
    "SQS_QUEUE": "q",
    "AWS_REGION": "us-east-1",
    "SQS_WAIT_TIME_SECONDS": "20",
}


def loaded(monkeypatch: pytest.MonkeyPatch, **variables: str) -> EventSource:
    """Load the document from these variables alone."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load(read(EventSourceSettings)).value


def faults(monkeypatch: pytest.MonkeyPatch, **variables: str) -> tuple[str, ...]:
    """Load what must be refused and give the faults."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(monkeypatch, **variables)
    return caught.value.faults


def encoded(document: object) -> str:
    """Write a document as Argo Events' controller does."""
    return base64.b64encode(json.dumps(document).encode()).decode()


def test_all_forms_make_the_same_document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Variables alone, the controller's object and a file among other documents."""
    file = tmp_path / "source.yaml"
    file.write_text("kind: Sensor\n---\nkind: EventSource\n" + json.dumps(DOCUMENT)[1:-1].replace('"metadata"', "metadata", 1))
    file.write_text("---\nkind: Sensor\n---\n" + json.dumps({"kind": "EventSource", **DOCUMENT}))
    from_variables = loaded(monkeypatch, **VARIABLES)
    monkeypatch.undo()
    from_object = loaded(monkeypatch, EVENTSOURCE_OBJECT=encoded(DOCUMENT))
    monkeypatch.undo()
    from_file = loaded(monkeypatch, EVENTSOURCE_FILE=str(file))
    assert from_variables == from_object
    assert from_variables.spec == from_file.spec


@pytest.mark.promise("I3")
@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({}, "EVENTSOURCE_OBJECT, EVENTSOURCE_FILE or EVENTSOURCE_NAME: one of them is required"),
        ({**VARIABLES, "SQS_QUEUE": ""}, "SQS_QUEUE: required without a document, but missing"),
        ({**VARIABLES, "SQS_WAIT_TIME_SECONDS": "21"}, "SQS_WAIT_TIME_SECONDS: Input should be less than or equal to 20"),
        ({"EVENTSOURCE_OBJECT": "{"}, "EVENTSOURCE_OBJECT: not base64"),
        ({"EVENTSOURCE_FILE": "/nowhere.yaml"}, "EVENTSOURCE_FILE: /nowhere.yaml cannot be read"),
        ({"EVENTSOURCE_OBJECT": "e30=", "EVENTSOURCE_FILE": "x"}, "EVENTSOURCE_OBJECT and EVENTSOURCE_FILE: give one of them"),
        ({"EVENTSOURCE_OBJECT": encoded({**DOCUMENT, "spec": {}})}, "spec.sqs: no queue is named"),
        ({**VARIABLES, "EVENTSOURCE_VISIBILITY_TIMEOUT": "0"}, "EVENTSOURCE_VISIBILITY_TIMEOUT: Input should be greater"),
        ({**VARIABLES, "EVENTSOURCE_BODY_ENCODING": "hex"}, "EVENTSOURCE_BODY_ENCODING: Input should be 'text' or 'base64'"),
        ({**VARIABLES, "EVENTSOURCE_OPTIONS": "["}, "EVENTSOURCE_OPTIONS: not JSON"),
        (
            {**VARIABLES, "EVENTSOURCE_OPTIONS": '{"events":{"x":{}}}'},
            "EVENTSOURCE_OPTIONS: events.x: the document has no such",
        ),
    ],
)
def test_a_fault_names_its_variable(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], fault: str) -> None:
    """Whoever reads the line knows where to look."""
    (told,) = faults(monkeypatch, **variables)
    assert told.startswith(fault)


def test_a_wait_that_cannot_be_is_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pod runs, and says what it took instead."""
    given = {"metadata": {"name": "n"}, "spec": {"sqs": {"a": {"region": "r", "queue": "q", "waitTimeSeconds": 300}}}}
    for name, value in {"EVENTSOURCE_OBJECT": encoded(given)}.items():
        monkeypatch.setenv(name, value)
    assert load(read(EventSourceSettings)).warnings == ("spec.sqs.a.waitTimeSeconds: 300 is not possible, 20 is taken",)


def test_options_are_the_argosy_blocks_of_the_drop_in_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the controller strips comes in a variable and meets the same checks, with the place in the document."""
    options = json.dumps({"events": {"orders": {"idempotencyKey": "id"}}})
    assert faults(monkeypatch, EVENTSOURCE_OBJECT=encoded(DOCUMENT), EVENTSOURCE_OPTIONS=options) == (
        "spec.sqs.orders.argosy.idempotencyKey: 'id' must begin with body or messageAttributes",
    )
