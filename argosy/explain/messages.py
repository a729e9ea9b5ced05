"""An SQS message as the AWS command line prints it, and what the event source makes of it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.cloudevent import JSON, CloudEvent
from common.errors import Rejected
from common.jsontext import compact
from eventsource.convert import Converter, Origin
from eventsource.identity import event_id
from eventsource.ports import Message
from eventsource.spec import SqsEvent


class Unpublished(Exception):
    """The event source does not publish the message: `fate` is `filtered` or `parked`."""

    def __init__(self, fate: str, why: str) -> None:
        super().__init__(why)
        self.fate = fate


@dataclass(frozen=True, slots=True)
class Whose:
    """Which event source and event a message is of; `spec` is its entry in the document, if there is one."""

    source: str
    event: str
    spec: SqsEvent | None = None

    def of_message(self, document: Mapping[str, Any], now: str) -> CloudEvent:
        """Make the event that would be published. Raises `Unpublished`, or `ValueError` where it is no SQS message."""
        spec = self.spec
        origin = Origin(self.source, self.event)
        if spec is not None:
            origin = Origin(self.source, self.event, spec.json_body, metadata=spec.metadata, key_path=spec.argosy.key_path)
        try:
            event = Converter(origin).convert(_message(document), queue_arn="", now=now)
            wanted = spec is None or spec.filter.passes is None or spec.filter.passes(event.data or b"")
        except Rejected as error:
            raise Unpublished("parked", f"{error.reason}: {error}") from error
        if not wanted:
            raise Unpublished("filtered", "filter.expression is false")
        return event

    def of_data(self, raw: bytes, message_id: str, now: str) -> CloudEvent:
        """Make the event whose data this is, without the spaces that the bus does not have either."""
        return CloudEvent(
            id=event_id(message_id),
            source=self.source,
            type="sqs",
            subject=self.event,
            datacontenttype=JSON,
            time=now,
            data=compact(raw),
        )


def _message(document: Mapping[str, Any]) -> Message:
    system = document.get("Attributes") or {}
    attributes = document.get("MessageAttributes")
    if not isinstance(system, Mapping) or not isinstance(attributes or {}, Mapping):
        raise ValueError("Attributes and MessageAttributes: objects are wanted")  # noqa: TRY004 - the file is wrong
    return Message(
        id=_text(document, "MessageId"),
        body=_text(document, "Body"),
        receipt="",
        received_at=0.0,
        lease_until=0.0,
        attributes=None if attributes is None else {name: _attribute(name, value) for name, value in attributes.items()},
        receive_count=_count(system, "ApproximateReceiveCount"),
        sent=_text(system, "SentTimestamp"),
        first_receive=_text(system, "ApproximateFirstReceiveTimestamp"),
        group=_text(system, "MessageGroupId"),
        deduplication=_text(system, "MessageDeduplicationId"),
        trace_header=_text(system, "AWSTraceHeader"),
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: a text is wanted, not {value!r:.80}")
    return value or ""


def _count(document: Mapping[str, Any], name: str) -> int:
    text = _text(document, name) or "1"
    if not text.isdecimal():
        raise ValueError(f"{name}: a number is wanted, not {text!r:.80}")
    return int(text)


def _attribute(name: str, value: object) -> Mapping[str, Any]:
    """Give an attribute as the client gives it: the command line prints bytes as base64."""
    if not isinstance(value, Mapping):
        raise ValueError(f"MessageAttributes.{name}: an object is wanted")  # noqa: TRY004 - the file is wrong
    try:
        binary = {key: base64.b64decode(value[key], validate=True) for key in ("BinaryValue",) if value.get(key)}
        binaries = {key: [base64.b64decode(v) for v in value[key]] for key in ("BinaryListValues",) if value.get(key)}
    except (binascii.Error, TypeError) as error:
        raise ValueError(f"MessageAttributes.{name}: not base64: {error}") from error
    return {**value, **binary, **binaries}
