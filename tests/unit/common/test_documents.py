"""Reading documents: places of faults, unknown and unsupported fields, the keys' case."""

import base64
from pathlib import Path

import pytest
from pydantic import Field, field_validator

from common import documents, yamltext
from common.documents import Model, Unsupported
from common.errors import ConfigurationError


class Queue(Model):
    """A part of a document."""

    name: str
    wait_time: int = 3
    role: str = Field("", alias="roleARN")
    filter: Unsupported = None

    @field_validator("wait_time")
    @classmethod
    def _positive(cls, value: int) -> int:
        if value < 0:
            raise ValueError("must not be negative")
        return value


class Thing(Model):
    """A document."""

    queues: dict[str, Queue] = Field(default_factory=dict)
    listed: list[Queue] = Field(default_factory=list)
    maybe: Queue | None = None


def faults(document: object) -> tuple[str, ...]:
    """Give the faults of a document."""
    with pytest.raises(ConfigurationError) as caught:
        documents.parse(Thing, document)
    return caught.value.faults


@pytest.mark.promise("I3")
@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"queues": {"a": {}}}, "queues.a.name: required, but missing"),
        ({"listed": [{"name": "x"}, {"name": 5}]}, "listed[1].name: Input should be a valid string"),
        ({"maybe": {"name": "x", "waitTime": -1}}, "maybe.waitTime: must not be negative"),
        ({"maybe": {"name": "x", "waitTime": "5"}}, "maybe.waitTime: Input should be a valid integer"),
        ({"maybe": {"name": "x", "filter": {"a": 1}}}, "maybe.filter: this version of Argosy does not support it"),
        ([], "document: an object is wanted, not list"),
    ],
)
def test_each_fault_names_its_place(document: object, fault: str) -> None:
    """The author finds the line without reading our code."""
    assert faults(document) == (fault,)


def test_all_faults_are_told_at_once() -> None:
    """Nobody has to correct a document one fault a run."""
    assert len(faults({"queues": {"a": {}, "b": {}}, "maybe": {"name": 1}})) == 3


@pytest.mark.promise("I6")
def test_unknown_fields_are_warned_about_with_their_path() -> None:
    """A misspelt key changes nothing, but is told."""
    parsed = documents.parse(Thing, {"listed": [{"name": "x", "namespce": 1}], "more": 2})
    assert parsed.warnings == ("listed[0].namespce: unknown field, ignored", "more: unknown field, ignored")


def test_keys_match_in_any_case_and_null_means_absent() -> None:
    """Documents are read as Go's encoding/json reads them."""
    parsed = documents.parse(Thing, {"LISTED": [{"Name": "x", "rolearn": "r", "waittime": None}], "maybe": None})
    assert parsed.value.listed[0] == Queue(name="x", role="r")


def test_an_unsupported_field_may_be_empty() -> None:
    """Only a field that would do something is refused."""
    assert documents.parse(Thing, {"maybe": {"name": "x", "filter": {}}}).warnings == ()


@pytest.mark.parametrize("text", ["%%%", base64.b64encode(b"{").decode()])
def test_a_bad_object_names_its_variable(text: str) -> None:
    """The fault points at the variable, not at the decoder."""
    with pytest.raises(ConfigurationError, match=r"^SENSOR_OBJECT: not base64 of a JSON object"):
        documents.from_base64(text, "SENSOR_OBJECT")


def test_a_missing_file_names_variable_and_path(tmp_path: Path) -> None:
    """The fault holds both, so that a wrong mount is seen at once."""
    with pytest.raises(ConfigurationError, match=r"SENSOR_FILE: .*nowhere\.yaml cannot be read"):
        documents.from_file(tmp_path / "nowhere.yaml", "SENSOR_FILE")


def test_the_one_document_of_a_kind_is_picked() -> None:
    """A file may hold other things beside it; two of the kind are a fault."""
    sensor = {"kind": "Sensor"}
    assert documents.only([{"kind": "Role"}, sensor], "Sensor", "F") is sensor
    with pytest.raises(ConfigurationError, match="exactly one Sensor is wanted, 2 found"):
        documents.only([sensor, sensor], "Sensor", "F")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-02", "2024-01-02"),
        ("12:30", "12:30"),
        ("0777", 511),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("1_000", 1000),
        ("yes", True),
        ("~", None),
        ("1.5", 1.5),
        ("'1'", "1"),
    ],
)
def test_scalars_are_read_as_go_reads_them(text: str, value: object) -> None:
    """Dates and times of day stay text, octal is octal."""
    assert yamltext.load_all(f"a: {text}", "F") == [{"a": value}]


@pytest.mark.parametrize("text", ["a: .inf", "a: [", "a: b: c"])
def test_bad_yaml_names_line_and_column(text: str) -> None:
    """The author finds the place."""
    with pytest.raises(ConfigurationError, match=r"^F: not YAML: .* \(line 1, column \d+\)"):
        yamltext.load_all(text, "F")
