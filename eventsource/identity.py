"""Who an event is: its message, or what the producer calls it (`argosy.idempotencyKey`). Pure.

A key makes two messages one event: the producer's own duplicate, under another MessageId. So only what is surely the
same counts: a text that is not empty, a number by its digits, true or false.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

KEY = "argosyidempotencykey"
"""Extension that carries the key. The sensor looks into its ledger: the twin may be older than the bus remembers."""
SHOWN = 200
"""Characters of a key that the extension carries."""

_HEX_ID = re.compile(r"[0-9a-f]{32}")
_SEGMENT = re.compile(r"(?:[^.\\]|\\.)+")


class Number(str):
    """The digits of a JSON number."""

    __slots__ = ()


def read_path(text: str) -> tuple[str, ...]:
    r"""Read a path such as `body.order_id`; a dot in a key is written `\.`. Raises `ValueError`."""
    segments = [match[0] for match in _SEGMENT.finditer(text)]
    if not segments or ".".join(segments) != text:
        raise ValueError(f"{text!r} is no path: names with dots between them, as body.order_id")
    if segments[0] not in ("body", "messageAttributes"):
        raise ValueError(f"{text!r} must begin with body or messageAttributes")
    return tuple(re.sub(r"\\(.)", r"\1", segment) for segment in segments)


def key_at(path: tuple[str, ...], body: str, attributes: Mapping[str, Mapping[str, Any]] | None) -> str:
    """Find the key in a message; empty if it is not there. `body` alone is the whole text, `body.x` looks into its JSON."""
    value: Any = attributes
    if path[0] == "body":
        value = _loads(body) if len(path) > 1 else body
    for segment in path[1:]:
        if isinstance(value, Mapping):
            value = value.get(segment)
        elif isinstance(value, list) and segment.isdecimal() and int(segment) < len(value):
            value = value[int(segment)]
        else:
            return ""
    if path[0] == "messageAttributes" and isinstance(value, Mapping):
        value = value.get("StringValue")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else ""


def keyed_id(source: str, event: str, key: str) -> str:
    """Derive the id of an event from its key; the names hold no dot, so no two of these texts are the same."""
    return hashlib.sha256(f"{source}.{event}.{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def event_id(message_id: str) -> str:
    """Derive the id from the MessageId: its 32 hex digits, so that a redelivery is the same event."""
    digits = message_id.replace("-", "").lower()
    if _HEX_ID.fullmatch(digits):
        return digits
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text, parse_int=Number, parse_float=Number)
    except (ValueError, RecursionError):
        return None
