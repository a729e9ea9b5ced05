"""`processMessage`: what the event source makes of one message, and whether it leaves the queue."""

import base64
from collections.abc import Mapping
from typing import Any

from common.errors import Rejected
from common.outcome import Done, Outcome, Park, Retry
from eventsource.convert import Converter, Origin
from eventsource.ports import Message
from eventsource.settle import Delete, ParkThenDelete, settle
from eventsource.spec import SqsEvent
from tests.conformance.harness import Answer


def process_message(given: Any) -> Answer:  # noqa: ANN401
    """Convert and settle; the body as base64, as Argo Events has it (fault F43 is a setting here)."""
    event = SqsEvent.model_validate(given["sqs"])
    origin = Origin(
        given["eventSourceName"], given["eventName"], json_body=event.json_body, base64_body=True, metadata=event.metadata
    )
    data: bytes | None = None
    outcome: Outcome = Done("published")
    try:
        data = Converter(origin).data(_message(given["message"]))
        if event.filter.passes is not None and not event.filter.passes(data):
            data, outcome = None, Done("filtered")
    except Rejected as error:
        outcome = Park(error.reason, str(error))
    if given.get("dispatchFails"):
        outcome = Retry(1.0, "the bus is away")
    action = settle(outcome, lease_held=True, leave_poison=event.dlq)
    return {"data": data, "deleted": isinstance(action, (Delete, ParkThenDelete))}


def same(expected: Answer, got: Answer) -> bool:
    """Compare the bytes of the data: users' parameters carry them."""
    wanted = base64.b64decode(expected["dataBase64"]) if "dataBase64" in expected else expected["data"]
    return got == {"data": wanted.encode() if isinstance(wanted, str) else wanted, "deleted": expected["deleted"]}


def _message(given: Mapping[str, Any]) -> Message:
    body = (
        base64.b64decode(given["body_base64"]).decode("utf-8", "surrogateescape")
        if "body_base64" in given
        else given.get("body")
    )
    attributes = given.get("messageAttributes")
    if attributes is not None:
        attributes = {name: _attribute(value) for name, value in attributes.items()}
    return Message(
        id=given.get("messageId", ""), body=body or "", receipt="r", received_at=0, lease_until=60, attributes=attributes
    )


def _attribute(given: Mapping[str, Any]) -> dict[str, Any]:
    """Binary values stand as base64 in JSON; the client gives bytes."""
    value = dict(given)
    if value.get("BinaryValue") is not None:
        value["BinaryValue"] = base64.b64decode(value["BinaryValue"])
    if value.get("BinaryListValues") is not None:
        value["BinaryListValues"] = [base64.b64decode(item) for item in value["BinaryListValues"]]
    return value
