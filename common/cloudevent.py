"""The event value and its form on the wire: structured CloudEvents 1.0 JSON, byte-compatible with Argo Events both ways.

Argo Events always writes the payload as `data_base64`; so do we. Reading takes `data` as well, any content type, and
CloudEvents 0.3, as the Go SDK does. Extensions, which Argo Events drops, are kept.
Sources: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md and the reader and writer of
github.com/cloudevents/sdk-go v2.16.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from common import jsontext
from common.errors import Rejected

JSON = "application/json"
_JSON_TYPES = frozenset({"", JSON, "text/json", "application/cloudevents+json", "application/cloudevents-batch+json"})
_TEXT_TYPES = frozenset({JSON, "text/plain"})
_ATTRIBUTES = ("id", "source", "type", "subject", "datacontenttype", "time")
_PAYLOAD = ("data", "data_base64", "datacontentencoding")
_NOT_EXTENSIONS = frozenset({*_ATTRIBUTES, *_PAYLOAD, "specversion", "dataschema", "schemaurl"})
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})")


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event. `time` is RFC 3339 in UTC, or empty; `data` is the decoded payload, None where the event has none."""

    id: str
    source: str
    type: str
    subject: str = ""
    datacontenttype: str = ""
    time: str = ""
    specversion: str = "1.0"
    data: bytes | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)


def dump(event: CloudEvent) -> bytes:
    """Write the event as structured JSON, keys in the order of the Go SDK, the payload as base64."""
    document: dict[str, str] = {
        "specversion": event.specversion,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "datacontenttype": event.datacontenttype,
        "time": event.time,
    }
    document = {key: value for key, value in document.items() if value}
    if event.data is not None:
        document["data_base64"] = base64.b64encode(event.data).decode("ascii")
    return orjson.dumps(document | dict(event.extensions))


def load(text: bytes) -> CloudEvent:
    """Read structured JSON. Raises `Rejected("unreadable")` for anything that is not a CloudEvent."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _unreadable(f"not JSON: {error}") from error
    if not isinstance(document, dict):
        raise _unreadable("not a JSON object")
    version = document.get("specversion")
    if version not in {"1.0", "0.3"}:
        raise _unreadable(f"specversion: {version!r} is neither '1.0' nor '0.3'")
    context = {name: _text(document, name) for name in _ATTRIBUTES}
    context["time"] = _utc(context["time"])
    return CloudEvent(
        **context,
        specversion=version,
        data=_payload(document, text, context["datacontenttype"]),
        extensions={key: _extension(value) for key, value in document.items() if key not in _NOT_EXTENSIONS},
    )


def timestamp(moment: datetime) -> str:
    """Write a moment as the wire has it: RFC 3339 in UTC, no trailing zeros in the fraction."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{utc.isoformat(timespec='microseconds')[:-6].rstrip('0').rstrip('.')}Z"


def context_json(event: CloudEvent) -> bytes:
    """Give the context as `contextKey` and `contextTemplate` see it: keys in Go's order, the time to the second."""
    names = ("id", "source", "specversion", "type", "datacontenttype", "subject")
    pairs = [jsontext.quote(name) + b":" + jsontext.quote(getattr(event, name)) for name in names]
    time = re.sub(r"\.\d+", "", event.time)
    pairs.append(b'"time":' + (jsontext.quote(time) if time else b"null"))
    return b"{" + b",".join(pairs) + b"}"


def whole_json(event: CloudEvent) -> bytes:
    """Give the whole event as a parameter without any key sees it: the context, and the payload as base64."""
    data = b"null" if event.data is None else b'"' + base64.b64encode(event.data) + b'"'
    return b'{"context":' + context_json(event) + b',"data":' + data + b"}"


def data_text(event: CloudEvent) -> str:
    """Give the payload as the log trigger prints it: text where the content type says so, base64 otherwise."""
    if event.data is None:
        return ""
    media_type = event.datacontenttype.partition(";")[0].strip().lower()
    if media_type in _TEXT_TYPES:
        return event.data.decode("utf-8", "replace")
    return base64.b64encode(event.data).decode("ascii")


def _unreadable(detail: str) -> Rejected:
    return Rejected("unreadable", f"the message on the bus is no CloudEvent: {detail}")


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _unreadable(f"{name}: a text is wanted, not {value!r:.80}")
    return value


def _extension(value: Any) -> str:  # noqa: ANN401 - an extension is whatever the producer wrote
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _utc(time: str) -> str:
    if not time:
        return ""
    match = _TIME.fullmatch(time)
    if match is None:
        raise _unreadable(f"time: {time!r:.80} is not RFC 3339")
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[4].replace('Z', '+00:00')}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _unreadable(f"time: {time!r:.80} is no moment") from error
    fraction = (match[3] or "")[:10].rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _payload(document: Mapping[str, Any], text: bytes, content_type: str) -> bytes | None:
    if isinstance(document.get("data_base64"), str):
        return _decoded(document["data_base64"])
    if "data" not in document:
        return None
    value = document["data"]
    if document["specversion"] == "0.3" and document.get("datacontentencoding") == "base64" and isinstance(value, str):
        return _decoded(value)
    if content_type in _JSON_TYPES:
        # The text as the producer wrote it: number text, key order and spaces reach the filters and parameters.
        return dict(jsontext.members(text))["data"]
    if not isinstance(value, str):
        raise _unreadable(f"data: with content type {content_type!r:.80} a text is wanted")
    return value.encode()


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise _unreadable(f"data_base64: {error}") from error
