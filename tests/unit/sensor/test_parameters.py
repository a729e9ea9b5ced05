"""Parameters: from events into documents. The golden corpus in tests/conformance says more."""

import base64
import json

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.cloudevent import CloudEvent
from common.errors import Rejected
from sensor.parameters import Note, Parameter, Source, TemplateError, prepare

WORKFLOW = (
    b'{"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":{"generateName":"order-"},'
    b'"spec":{"arguments":{"parameters":[{"name":"message","value":"old"}]}}}'
)
PLACE = "spec.arguments.parameters.0.value"


def event(data: bytes | None = b'{"body":"hello"}', **over: str) -> CloudEvent:
    """Make an event of the SQS source."""
    context = {"id": "1", "source": "orders", "type": "sqs", "subject": "created", "datacontenttype": "application/json"}
    return CloudEvent(**{**context, "time": "2024-05-06T07:08:09.5Z", **over}, data=data)


def parameter(dest: str = "v", operation: str = "", **source: object) -> Parameter:
    """Make a parameter of the dependency `orders`."""
    return Parameter(Source(**{"dependency_name": "orders", **source}), dest, operation)


def applied(document: bytes, *parameters: Parameter, data: bytes = b'{"body":"hello"}') -> str:
    """Apply parameters with one event."""
    return prepare(parameters).apply(document, {"orders": event(data)}).document.decode()


@pytest.mark.promise("E1")
@given(text=st.text(st.characters(exclude_categories=["Cs"])), raw=st.booleans())
@example(text="", raw=True)
@example(text="line\n", raw=False)
@example(text='"quoted" \\ back\\"', raw=True)
@example(text="{{workflow.name}} ${HOME} $(id) `id`", raw=False)
@example(text="9007199254740993", raw=True)
@example(text="1e5", raw=True)
@example(text="007", raw=True)
@example(text="null", raw=True)
@example(text="😀 žluťoučký \u2028 <b>&", raw=True)
@example(text='{"a": [1, 2.50]}', raw=True)
def test_the_text_of_a_message_reaches_the_workflow_byte_for_byte(text: str, raw: bool) -> None:  # noqa: FBT001
    """Whatever a producer sends as text is exactly what the Workflow is given, with useRawData or without."""
    data = orjson.dumps({"messageId": "1", "messageAttributes": None, "body": text})
    result = applied(WORKFLOW, parameter(PLACE, data_key="body", use_raw_data=raw), data=data)
    assert json.loads(result)["spec"]["arguments"]["parameters"] == [{"name": "message", "value": text}]


@pytest.mark.promise("E1")
@given(
    st.recursive(
        st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_json_body_reaches_the_workflow_byte_for_byte(value: object) -> None:
    """With jsonBody the parameter holds the very text of the JSON, spaces and number text included."""
    body = json.dumps(value, indent=1)
    result = applied(WORKFLOW, parameter(PLACE, data_key="body"), data=b'{"body":' + body.encode() + b"}")
    given_text = json.loads(result)["spec"]["arguments"]["parameters"][0]["value"]
    assert given_text == (value if isinstance(value, str) else body)


@pytest.mark.parametrize(
    ("raw", "plain", "as_it_is"),
    [
        ("17", '"17"', "17"),
        ("12345678901234567890", '"12345678901234567890"', "12345678901234567890"),
        ("1.50", '"1.5"', "1.5"),
        ("true", '"true"', "true"),
        ("null", '"null"', "null"),
        ('{ "a" : [ 1 ] }', r'"{ \"a\" : [ 1 ] }"', '{ "a" : [ 1 ] }'),
        ('"5"', '"5"', '"5"'),
    ],
)
def test_values_are_strings_unless_raw_data_is_asked_for(raw: str, plain: str, as_it_is: str) -> None:
    """A Workflow's parameters are strings; useRawData keeps the JSON type."""
    data = f'{{"body":{raw}}}'.encode()
    assert applied(b"{}", parameter(data_key="body"), data=data) == f'{{"v":{plain}}}'
    assert applied(b"{}", parameter(data_key="body", use_raw_data=True), data=data) == f'{{"v":{as_it_is}}}'


@pytest.mark.parametrize(
    ("document", "operation", "result"),
    [
        (b'{"v":"old"}', "overwrite", '{"v":"hello"}'),
        (b'{"v":"old"}', "append", '{"v":"oldhello"}'),
        (b'{"v":"old"}', "prepend", '{"v":"helloold"}'),
        (b'{"v":1.50}', "append", '{"v":"1.5hello"}'),
        (b'{"v":null}', "append", '{"v":"hello"}'),
        (b"{}", "append", '{"v":"hello"}'),
    ],
)
def test_a_value_joins_what_is_there(document: bytes, operation: str, result: str) -> None:
    """Append and prepend make strings of everything, and overwrite where nothing is."""
    assert applied(document, parameter("v", operation, data_key="body")) == result


def test_the_data_counts_before_the_context() -> None:
    """With any key for the data, those for the context are not looked at."""
    assert applied(b"{}", parameter(data_key="body", context_key="id")) == '{"v":"hello"}'
    assert applied(b"{}", parameter(context_key="time")) == '{"v":"2024-05-06T07:08:09Z"}'


def test_without_any_key_the_whole_event_is_the_value() -> None:
    """As in Argo Events: the context, and the payload as base64."""
    whole = json.loads(json.loads(applied(b"{}", parameter()))["v"])
    assert whole["context"]["id"] == "1"
    assert base64.b64decode(whole["data"]) == b'{"body":"hello"}'


@pytest.mark.promise("E3")
@pytest.mark.parametrize(
    ("source", "data", "why"),
    [
        ({"data_key": "nosuch"}, b"{}", "dataKey 'nosuch' is missing"),
        ({"context_key": "nosuch"}, b"{}", "contextKey 'nosuch' is missing"),
        ({"data_key": "body"}, b"plain", "not valid JSON"),
    ],
)
def test_a_missing_value_is_an_error_that_names_its_place(source: dict[str, str], data: bytes, why: str) -> None:
    """Nobody gets a Workflow with a parameter that silently stayed as it was."""
    ready = prepare([parameter("u", value="x"), parameter(**source)])
    with pytest.raises(Rejected) as caught:
        ready.apply(WORKFLOW, {"orders": event(data)})
    assert caught.value.reason == "parameter"
    assert str(caught.value).startswith("parameters[1]: no value from dependency 'orders': ")
    assert why in str(caught.value)


@pytest.mark.promise("E3")
@pytest.mark.parametrize(
    ("source", "events", "why"),
    [
        ({"data_key": "nosuch"}, {"orders": event()}, "dataKey 'nosuch' is missing"),
        ({"data_key": "body"}, {"orders": event(b"x")}, "the event's data is not valid JSON"),
        ({"data_key": "body"}, {"orders": event(datacontenttype="text/plain")}, "'text/plain'"),
        ({"data_key": "body"}, {}, "the dependency did not fire"),
    ],
)
def test_each_use_of_a_default_is_reported(source: dict[str, str], events: dict[str, CloudEvent], why: str) -> None:
    """A default that stands in every time is a mistake somewhere; it has to be seen."""
    result = prepare([parameter(**source, value="d")]).apply(b"{}", events)
    assert result.document == b'{"v":"d"}'
    [note] = result.notes
    assert (note.place, note.dependency, note.used) == ("parameters[0]", "orders", "default")
    assert why in note.why


def test_a_fixed_value_is_no_default() -> None:
    """A value without any key is what the user wants; there is nothing to tell."""
    result = prepare([parameter(value="fixed"), parameter("w", data_key="body", value="d")]).apply(b"{}", {"orders": event()})
    assert (result.document, result.notes) == (b'{"v":"fixed","w":"hello"}', ())


def test_a_dependency_that_did_not_fire_changes_nothing() -> None:
    """With `a || b` the parameters of the other one stay as the template has them."""
    assert prepare([parameter(data_key="body")]).apply(b'{"v":"old"}', {}).document == b'{"v":"old"}'


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (parameter("", data_key="body"), "path cannot be empty"),
        (parameter("a.x", data_key="body"), "non-numeric key 'x'"),
        (parameter("v", "replace", data_key="body"), "operation 'replace'"),
    ],
)
def test_what_cannot_be_set_is_an_error_that_names_its_place(broken: Parameter, why: str) -> None:
    """A fault in the document is found under its number."""
    with pytest.raises(Rejected, match=r"^trigger\.parameters\[0\]: .*" + why):
        prepare([broken], place="trigger.parameters").apply(b'{"a":[]}', {"orders": event()})


def test_an_object_keeps_its_kind() -> None:
    """Kubernetes takes no object without a kind; better to say so here."""
    with pytest.raises(Rejected, match=r"parameters\[0\]: .*no kind"):
        prepare([parameter("kind", value="")]).apply_to_object(WORKFLOW, {"orders": event()})


# ------------------------------------------------------------------------------------------------------------- templates


def render(template: str, document: bytes) -> str:
    """Stand in for a template engine: `{key}` is looked up, anything else fails."""
    try:
        return template.format(**json.loads(document))
    except (KeyError, ValueError) as error:
        raise TemplateError(repr(error)) from error


def test_the_templates_are_those_of_go() -> None:
    """Without another engine, text/template and sprig are at hand; one that cannot be read leaves the word to the key."""
    good, bad = parameter(data_template="{{ .Input.body | upper }}"), parameter("w", data_template="{{", data_key="body")
    done = prepare([good, bad]).apply(b"{}", {"orders": event()})
    assert done.document == b'{"v":"HELLO","w":"hello"}'
    assert "line 1, column 3: unclosed action" in done.notes[0].why


@pytest.mark.parametrize(
    ("source", "result", "used"),
    [
        ({"data_template": "{body}!"}, '{"v":"hello!"}', []),
        ({"data_template": "{body}!", "data_key": "body"}, '{"v":"hello!"}', []),
        ({"data_template": "{nosuch}", "data_key": "body"}, '{"v":"hello"}', ["key"]),
        ({"data_template": "<no value>", "data_key": "nosuch", "value": "d"}, '{"v":"d"}', ["default"]),
        ({"context_template": "{source}/{type}", "use_raw_data": True}, '{"v":"orders/sqs"}', []),
    ],
)
def test_a_template_counts_before_the_key(source: dict[str, object], result: str, used: list[str]) -> None:
    """Template, key, default: each step that failed leaves a note."""
    done = prepare([parameter(**source)], render=render).apply(b"{}", {"orders": event()})
    assert (done.document.decode(), [note.used for note in done.notes]) == (result, used)


# -------------------------------------------------------------------------------------------------------------- payloads


@pytest.mark.parametrize(
    ("entries", "body"),
    [
        ([], None),
        ([parameter("v", data_key="body")], b'{"v":"hello"}'),
        ([parameter("0", data_key="body"), parameter("-1", value="x")], b'["hello","x"]'),
        ([parameter("v", data_key="body"), parameter("", data_key="body")], b"hello"),
        ([parameter("", dependency_name="other"), parameter("v", value="x")], b'{"v":"x"}'),
        ([parameter("w", dependency_name="other", data_key="a"), parameter("v", value="x")], b'{"v":"x"}'),
        ([parameter("", data_key="nosuch", value="")], b""),
    ],
)
def test_a_payload_is_built_from_nothing(entries: list[Parameter], body: bytes | None) -> None:
    """An entry without a dest is the whole of it; one whose dependency did not fire is left out (fault F4 mended)."""
    assert prepare(entries, place="payload").payload({"orders": event()}).body == body


def test_a_payload_reports_defaults() -> None:
    """Payloads are no exception from E3."""
    notes = prepare([parameter("v", data_key="x", value="d")], place="payload").payload({"orders": event()}).notes
    assert notes == (Note("payload[0]", "orders", "default", "dataKey 'x' is missing"),)
