"""Who an event is: its message, or the key that its producer gave it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsource.convert import Converter, Origin
from eventsource.identity import KEY, event_id, key_at, keyed_id, read_path
from eventsource.ports import Message

ATTRIBUTES = {"order": {"DataType": "String", "StringValue": "A-7"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00"}}


@pytest.mark.promise("B6")
@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("body.id", '{"id":"A-7"}', "A-7"),
        ("body.id", '{"id":12345678901234567890}', "12345678901234567890"),
        ("body.id", '{"id":1.50}', "1.50"),
        ("body.id", '{"id":true}', "true"),
        ("body.a.b", '{"a":{"b":"x"}}', "x"),
        (r"body.a\.b", '{"a.b":"x"}', "x"),
        ("body.items.1.id", '{"items":[{"id":1},{"id":2}]}', "2"),
        ("body", "any text", "any text"),
        ("messageAttributes.order", "", "A-7"),
        ("messageAttributes.order.StringValue", "", "A-7"),
    ],
)
def test_a_key_is_found(path: str, body: str, key: str) -> None:
    """In the body's JSON, whether jsonBody is set or not, or in an attribute; numbers by their digits."""
    assert key_at(read_path(path), body, ATTRIBUTES) == key


@pytest.mark.promise("B6")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("body.id", "no json"),
        ("body.id", "[1]"),
        ("body.id", "{}"),
        ("body.id", '{"id":null}'),
        ("body.id", '{"id":""}'),
        ("body.id", '{"id":{"a":1}}'),
        ("body.id", '{"id":[1]}'),
        ("body.0", "[]"),
        ("body.id.x", '{"id":"A"}'),
        ("body", ""),
        ("messageAttributes.raw", ""),
        ("messageAttributes.none", ""),
    ],
)
def test_what_is_not_surely_the_same_is_no_key(path: str, body: str) -> None:
    """An empty or compound value would make different orders one event: such a message is told by its MessageId."""
    assert key_at(read_path(path), body, ATTRIBUTES) == ""


def converted(message_id: str, body: str, **origin: Any) -> Any:  # noqa: ANN401 - fields
    """Convert a message."""
    made = Message(id=message_id, body=body, receipt="r", received_at=0.0, lease_until=60.0)
    origin_of = Origin("aws-sqs", "orders", key_path=read_path("body.id"), **origin)
    return Converter(origin_of).convert(made, queue_arn="arn", now="2026-11-23T12:00:00Z")


@pytest.mark.promise("B6")
@pytest.mark.parametrize("origin", [{}, {"json_body": True}, {"base64_body": True}])
def test_two_messages_with_one_key_are_one_event(origin: dict[str, Any]) -> None:
    """The id follows from source, event and key; the MessageId stays an extension and in the data."""
    one, other = (converted(f"{n}" * 8 + "-0000-4000-8000-000000000000", '{"id":"A-7"}', **origin) for n in (1, 2))
    assert one.id == other.id == keyed_id("aws-sqs", "orders", "A-7")
    assert one.extensions[KEY] == "A-7"
    assert (one.extensions["sqsmessageid"][:8], other.extensions["sqsmessageid"][:8]) == ("11111111", "22222222")
    assert b"22222222" in other.data


def test_a_message_without_its_key_is_told_by_its_message_id() -> None:
    """No mark, so that the sensor and the operator see the difference."""
    event = converted("b8b1c6d0-6b2c-4f0e-9c1d-0a1b2c3d4e5f", "{}")
    assert event.id == "b8b1c6d06b2c4f0e9c1d0a1b2c3d4e5f"
    assert KEY not in event.extensions


@given(st.text(), st.text())
def test_different_keys_make_different_ids(one: str, other: str) -> None:
    """Also where names and keys could run into each other."""
    assert (keyed_id("a", "b", one) == keyed_id("a", "b", other)) == (one == other)
    assert keyed_id("a", "b", one) != keyed_id("a", "c", one)
    assert len(event_id(one)) == 32


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4))
def test_any_name_can_stand_in_a_path(names: list[str]) -> None:
    """A dot or a backslash in a name is written behind a backslash."""
    escaped = [name.replace("\\", "\\\\").replace(".", "\\.") for name in names]
    assert read_path(".".join(["body", *escaped])) == ("body", *names)
