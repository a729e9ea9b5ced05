"""An SQS message becomes the event of Argo Events, byte for byte, and carries what that one drops."""

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import cloudevent
from common.errors import Rejected
from eventsource.convert import Converter, Origin
from eventsource.identity import event_id
from eventsource.ports import Message

ID = "b8b1c6d0-6b2c-4f0e-9c1d-0a1b2c3d4e5f"
NOW = "2026-11-23T12:00:00.5Z"
HEAD = f'{{"messageId":"{ID}","messageAttributes":null,"body":'


def message(body: str = "hello", **over: Any) -> Message:  # noqa: ANN401 - fields of Message
    """Make a message; a test names only what it is about."""
    return Message(**{"id": ID, "body": body, "receipt": "r", "received_at": 0.0, "lease_until": 60.0, **over})


def data(body: str, *, attributes: Any = None, **origin: Any) -> str:  # noqa: ANN401 - fields of Origin
    """Convert and give the data as text."""
    return Converter(Origin("aws-sqs", "orders", **origin)).data(message(body, attributes=attributes)).decode()


def attribute(kind: str, *, text: str | None = None, binary: str | None = None) -> dict[str, Any]:
    """Write what Argo Events writes for one attribute."""
    return {"BinaryListValues": None, "BinaryValue": binary, "DataType": kind, "StringListValues": None, "StringValue": text}


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("hello", '"hello"'),
        ("", '""'),
        ('{"id":17}', r'"{\"id\":17}"'),
        ("<b>&\u2028", r'"\u003cb\u003e\u0026\u2028"'),
        ("a\nb\tc", r'"a\nb\tc"'),
    ],
)
def test_a_body_is_its_text(body: str, written: str) -> None:
    """Without jsonBody the body is the text of the message, escaped as Go does."""
    assert data(body) == HEAD + written + "}"


@pytest.mark.parametrize(("body", "written"), [("hello", "aGVsbG8="), ("", ""), ("žluť 🐎", "xb5sdcWlIPCfkI4=")])
def test_base64_is_argo_events_own_form(body: str, written: str) -> None:
    """EVENTSOURCE_BODY_ENCODING=base64 gives the bytes that Argo Events gives (events-0001, 0002, 0004 of the corpus)."""
    assert data(body, base64_body=True) == f'{HEAD}"{written}"}}'


@pytest.mark.promise("E2")
@pytest.mark.parametrize(
    ("body", "written"),
    [
        ('{ "b" : 1 ,\n "a" : [ 1 , 2 ] }', '{"b":1,"a":[1,2]}'),
        ("1.50", "1.50"),
        ("12345678901234567890", "12345678901234567890"),
        ("-0.0", "-0.0"),
        ('{"a":1,"a":2}', '{"a":1,"a":2}'),
        ('{"n":1E+2,"m":1.0e-7}', '{"n":1E+2,"m":1.0e-7}'),
        ('{"h":"<b>&</b>"}', r'{"h":"\u003cb\u003e\u0026\u003c/b\u003e"}'),
        (r'{"a":"b\/c"}', r'{"a":"b\/c"}'),
        ("1" * 5000, "1" * 5000),
        ("1e999", "1e999"),
    ],
)
def test_json_keeps_its_text(body: str, written: str) -> None:
    """With jsonBody number text, key order and repeated keys survive; only white space goes."""
    assert data(body, json_body=True) == HEAD + written + "}"


@pytest.mark.promise("A5")
@pytest.mark.parametrize("body", ["hello", "", "   ", '{"a":1} x', "{'a':1}", "NaN", '{"a":"\t"}', "\ufeff{}", "{}{}"])
def test_a_body_that_is_not_json_is_rejected(body: str) -> None:
    """Never deleted silently: it is parked under this reason."""
    with pytest.raises(Rejected) as caught:
        data(body, json_body=True)
    assert caught.value.reason == "not_json"


def test_metadata_is_sorted_and_escaped() -> None:
    """The document's metadata comes last, keys sorted; none means no key at all."""
    written = data("1", json_body=True, metadata={"team": "blue", "a": "1", "z<": "&"})
    assert written == HEAD + r'1,"metadata":{"a":"1","team":"blue","z\u003c":"\u0026"}}'


def test_attributes_have_the_shape_of_the_go_sdk() -> None:
    """Always the same five keys; binary ones as base64; sorted by name."""
    attributes = {
        "n": {"DataType": "Number", "StringValue": "12.50"},
        "B": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "x": {"DataType": "String"},
    }
    written = json.loads(data("1", json_body=True, attributes=attributes))["messageAttributes"]
    assert list(written) == ["B", "n", "x"]
    assert list(written["B"]) == sorted(written["B"])
    assert written == {
        "B": attribute("Binary", binary="AP8="),
        "n": attribute("Number", text="12.50"),
        "x": attribute("String"),
    }
    assert '"messageAttributes":{},' in data("1", attributes={})


@pytest.mark.promise("E1")
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(body: str) -> None:
    """Quotes, newlines, braces, emoji: what is read from the wire is what was sent."""
    event = Converter(Origin("aws-sqs", "orders")).convert(message(body), queue_arn="arn", now=NOW)
    wire = cloudevent.load(cloudevent.dump(event))
    assert json.loads(wire.data or b"")["body"] == body


@pytest.mark.promise("E2")
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
def test_any_json_comes_back_as_it_was(value: object) -> None:
    """With jsonBody the value that is read is the value that was sent."""
    written = data(json.dumps(value, ensure_ascii=False, indent=1), json_body=True)
    assert json.loads(written)["body"] == value


def test_the_event_is_that_of_argo_events() -> None:
    """Context and form on the wire, the id derived from the MessageId."""
    event = Converter(Origin("aws-sqs", "orders")).convert(message(), queue_arn="arn:q", now=NOW)
    wire = json.loads(cloudevent.dump(event))
    payload = base64.b64decode(wire.pop("data_base64"))
    assert payload.decode() == HEAD + '"hello"}'
    assert wire == {
        "specversion": "1.0",
        "id": "b8b1c6d06b2c4f0e9c1d0a1b2c3d4e5f",
        "source": "aws-sqs",
        "type": "sqs",
        "subject": "orders",
        "datacontenttype": "application/json",
        "time": NOW,
        "sqsqueuearn": "arn:q",
        "sqsreceivecount": "1",
    }


@pytest.mark.promise("E5")
def test_what_argo_events_drops_travels_as_extensions() -> None:
    """Sent time, receive count, group, deduplication id, queue ARN and trace are addressable."""
    whole = message(
        sent="1700000000000",
        first_receive="1700000000500",
        receive_count=3,
        group="customer 7",
        deduplication="d",
        trace_header="Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    )
    event = Converter(Origin("aws-sqs", "orders")).convert(whole, queue_arn="arn:q", now=NOW)
    assert event.extensions == {
        "sqsqueuearn": "arn:q",
        "sqssenttimestamp": "1700000000000",
        "sqsreceivecount": "3",
        "sqsfirstreceive": "1700000000500",
        "sqsmessagegroupid": "customer 7",
        "sqsdeduplicationid": "d",
        "awstraceheader": whole.trace_header,
        "traceparent": "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
    }
    assert all(name.isascii() and name.islower() and name.isalnum() for name in event.extensions)


@pytest.mark.promise("E5")
def test_a_trace_in_an_attribute_wins() -> None:
    """W3C trace context that the producer sent; nonsense in its place is left out."""
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    attributes = {
        "traceparent": {"DataType": "String", "StringValue": parent},
        "tracestate": {"DataType": "String", "StringValue": "a=b"},
    }
    converter = Converter(Origin("aws-sqs", "orders"))
    event = converter.convert(message(attributes=attributes), queue_arn="", now=NOW)
    assert (event.extensions["traceparent"], event.extensions["tracestate"]) == (parent, "a=b")
    nonsense = {"traceparent": {"DataType": "String", "StringValue": "nonsense"}}
    assert "traceparent" not in converter.convert(message(attributes=nonsense), queue_arn="", now=NOW).extensions


@pytest.mark.parametrize("given_id", ["", "<&>", "1", "g" * 32, "x-y"])
def test_a_message_id_that_is_no_uuid_is_hashed(given_id: str) -> None:
    """Emulators and SQS-like services may call their messages as they like; the same id is the same event."""
    assert len(event_id(given_id)) == 32
    assert math.isfinite(int(event_id(given_id), 16))
    assert event_id(given_id) == event_id(given_id) != event_id(given_id + "1")
