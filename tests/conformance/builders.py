"""Read the notation of the corpus: events, parameters, and JSON objects whose keys match in any case."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from common.cloudevent import CloudEvent
from sensor.parameters import Parameter, Source


def text(given: Mapping[str, Any], name: str) -> bytes:
    """Give a text as bytes; one that is not UTF-8 stands under `…Base64`."""
    if f"{name}Base64" in given:
        return base64.b64decode(given[f"{name}Base64"])
    return str(given[name]).encode()


def event(given: Mapping[str, Any]) -> CloudEvent:
    """Build an event from its flat form."""
    names = ("id", "source", "type", "subject", "datacontenttype", "time", "specversion")
    data = base64.b64decode(given["data_base64"]) if "data_base64" in given else None
    if given.get("data") is not None:
        data = given["data"].encode()
    return CloudEvent(**{name: given.get(name, "") for name in names}, data=data)


def events(given: Mapping[str, Any]) -> dict[str, CloudEvent]:
    """Build the events of a case, by dependency."""
    return {name: event(each) for name, each in (given.get("events") or {}).items() if each is not None}


def field(given: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Look a key up as Go's encoding/json does: in any case."""
    return next((value for key, value in given.items() if key.lower() == name.lower()), None)


def source(given: Mapping[str, Any]) -> Source:
    """Build the source of a parameter."""
    return Source(
        dependency_name=field(given, "dependencyName") or "",
        context_key=field(given, "contextKey") or "",
        context_template=field(given, "contextTemplate") or "",
        data_key=field(given, "dataKey") or "",
        data_template=field(given, "dataTemplate") or "",
        value=field(given, "value"),
        use_raw_data=bool(field(given, "useRawData")),
    )


def parameters(given: list[Mapping[str, Any]] | None) -> list[Parameter]:
    """Build a list of parameters."""
    return [
        Parameter(source(field(each, "src") or {}), field(each, "dest") or "", field(each, "operation") or "")
        for each in given or []
    ]


def same_json(one: str, other: str) -> bool:
    """Say whether two JSON texts mean the same; `1` is `1.0`."""
    return bool(json.loads(one) == json.loads(other))
