"""An SQS message becomes a CloudEvent, byte for byte the one of Argo Events; what that one drops travels as extensions.

Source of the data's form: events/event-data.go and sources/awssqs/start.go of argo-events v1.9.11. One deliberate
difference: without `jsonBody` the body is the text of the message, not its base64, unless the settings say so.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common import jsontext
from common.cloudevent import JSON, CloudEvent
from common.errors import Rejected
from eventsource.identity import KEY, SHOWN, event_id, key_at, keyed_id
from eventsource.ports import Message

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_XRAY_ROOT = re.compile(r"(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})\s*(?:;|$)")
_XRAY_PARENT = re.compile(r"(?:^|;)\s*Parent=([0-9a-f]{16})\s*(?:;|$)")
_XRAY_SAMPLED = re.compile(r"(?:^|;)\s*Sampled=1\s*(?:;|$)")
_ATTRIBUTE_KEYS = ("BinaryListValues", "BinaryValue", "DataType", "StringListValues", "StringValue")


@dataclass(frozen=True, slots=True)
class Origin:
    """What all events of one queue have in common."""

    source: str
    event: str
    json_body: bool = False
    base64_body: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    key_path: tuple[str, ...] = ()
    """Where the idempotency key stands; empty: the MessageId is the identity."""


class Converter:
    """Makes the events of one queue."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._tail = _tail(origin.metadata)

    def convert(self, message: Message, *, queue_arn: str, now: str) -> CloudEvent:
        """Make the event; `now` is RFC 3339. Raises `Rejected("not_json")` where `jsonBody` is wanted and not given."""
        data, extensions = self.data(message), _extensions(message, queue_arn)
        return CloudEvent(
            id=self._identity(message, extensions),
            source=self._origin.source,
            type="sqs",
            subject=self._origin.event,
            datacontenttype=JSON,
            time=now,
            data=data,
            extensions=extensions,
        )

    def _identity(self, message: Message, extensions: dict[str, str]) -> str:
        path = self._origin.key_path
        if path and (key := key_at(path, message.body, message.attributes)):
            extensions |= {KEY: key[:SHOWN], "sqsmessageid": message.id}
            return keyed_id(self._origin.source, self._origin.event, key)
        return event_id(message.id)

    def data(self, message: Message) -> bytes:
        """Write the data of the event: `{"messageId", "messageAttributes", "body", "metadata"}`."""
        return b"".join(
            (
                b'{"messageId":',
                jsontext.quote(message.id),
                b',"messageAttributes":',
                attributes_json(message.attributes),
                b',"body":',
                self._body(message.body),
                self._tail,
            )
        )

    def _body(self, body: str) -> bytes:
        if self._origin.json_body:
            if not jsontext.is_valid(body.encode("utf-8", "replace")):
                raise Rejected(
                    "not_json", "jsonBody is set and the body is not JSON" if body else "jsonBody is set, body empty"
                )
            return jsontext.compact(raw(body))
        if self._origin.base64_body:
            return b'"' + base64.b64encode(raw(body)) + b'"'
        return jsontext.quote(body)


def raw(text: str) -> bytes:
    """Give the bytes of a text; bytes that came in as surrogate escapes go out as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def attributes_json(attributes: Mapping[str, Mapping[str, Any]] | None) -> bytes:
    """Write message attributes as Argo Events does: sorted, each with the same five keys."""
    if attributes is None:
        return b"null"
    pairs = [jsontext.quote(name) + b":" + _attribute(attributes[name]) for name in sorted(attributes)]
    return b"{" + b",".join(pairs) + b"}"


def _attribute(value: Mapping[str, Any]) -> bytes:
    pairs = [b'"' + key.encode() + b'":' + _json(value.get(key)) for key in _ATTRIBUTE_KEYS]
    return b"{" + b",".join(pairs) + b"}"


def _json(value: Any) -> bytes:  # noqa: ANN401 - a text, bytes, a list of them, or nothing
    if value is None:
        return b"null"
    if isinstance(value, bytes):
        return b'"' + base64.b64encode(value) + b'"'
    if isinstance(value, (list, tuple)):
        return b"[" + b",".join(_json(item) for item in value) + b"]"
    return jsontext.quote(value)


def _tail(metadata: Mapping[str, str]) -> bytes:
    if not metadata:
        return b"}"
    pairs = [jsontext.quote(key) + b":" + jsontext.quote(metadata[key]) for key in sorted(metadata)]
    return b',"metadata":{' + b",".join(pairs) + b"}}"


def _extensions(message: Message, queue_arn: str) -> dict[str, str]:
    extensions = {
        "sqsqueuearn": queue_arn,
        "sqssenttimestamp": message.sent,
        "sqsreceivecount": str(message.receive_count),
        "sqsfirstreceive": message.first_receive,
        "sqsmessagegroupid": message.group,
        "sqsdeduplicationid": message.deduplication,
        "awstraceheader": message.trace_header,
    }
    if message.attributes:
        extensions["traceparent"] = _trace_attribute(message.attributes, "traceparent")
        extensions["tracestate"] = _trace_attribute(message.attributes, "tracestate")
        if not _TRACEPARENT.fullmatch(extensions["traceparent"]):
            extensions["traceparent"] = extensions["tracestate"] = ""
    if message.trace_header and not extensions.get("traceparent"):
        extensions["traceparent"] = _from_xray(message.trace_header)
    return {name: value for name, value in extensions.items() if value}


def _trace_attribute(attributes: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return str((attributes.get(name) or {}).get("StringValue") or "")


def _from_xray(header: str) -> str:
    """Write the X-Ray header as W3C trace context (https://www.w3.org/TR/trace-context/#traceparent-header)."""
    root, parent = _XRAY_ROOT.search(header), _XRAY_PARENT.search(header)
    if root is None or parent is None:
        return ""
    return f"00-{root[1]}{root[2]}-{parent[1]}-{'01' if _XRAY_SAMPLED.search(header) else '00'}"
