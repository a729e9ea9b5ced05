"""The EventSource document, from whichever of the three forms the environment gives; all end in the same value."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from common import documents
from common.documents import Parsed
from common.errors import ConfigurationError
from eventsource.settings import EventSourceSettings
from eventsource.spec import EventSource


def load(settings: EventSourceSettings) -> Parsed[EventSource]:
    """Read the document. Raises `ConfigurationError` with every fault and its place."""
    given = [name for name, value in (("EVENTSOURCE_OBJECT", settings.object), ("EVENTSOURCE_FILE", settings.file)) if value]
    if len(given) > 1:
        raise ConfigurationError(f"{given[0]} and {given[1]}: give one of them")
    if settings.object:
        document = documents.from_base64(settings.object, "EVENTSOURCE_OBJECT")
    elif settings.file is not None:
        document = documents.only(documents.from_file(settings.file, "EVENTSOURCE_FILE"), "EventSource", "EVENTSOURCE_FILE")
    else:
        document = _from_variables(settings)
    if settings.options:
        document = with_options(document, settings.options)
    return check(document)


def check(document: object) -> Parsed[EventSource]:
    """Read a document as the pod does. Raises `ConfigurationError` with every fault and its place."""
    parsed = documents.parse(EventSource, document)
    if not parsed.value.spec.sqs:
        raise ConfigurationError("spec.sqs: no queue is named, so there is nothing to read")
    return replace(parsed, warnings=(*parsed.warnings, *parsed.value.advice()))


def with_options(document: Any, text: str) -> Any:  # noqa: ANN401 - any JSON
    """Put the `argosy:` blocks of EVENTSOURCE_OPTIONS where the document form has them."""
    try:
        options = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"EVENTSOURCE_OPTIONS: not JSON: {error}") from error
    events = options.pop("events", {}) if isinstance(options, dict) else None
    if not isinstance(events, Mapping) or not isinstance(document, Mapping):
        raise ConfigurationError("EVENTSOURCE_OPTIONS: an object is wanted, with the events' blocks under `events`")
    spec = dict(document.get("spec") or {})
    sqs = dict(spec.get("sqs") or {})
    for name, block in events.items():
        if name not in sqs:
            raise ConfigurationError(f"EVENTSOURCE_OPTIONS: events.{name}: the document has no such event")
        sqs[name] = {**sqs[name], "argosy": block}
    return {**document, "spec": {**spec, "sqs": sqs, "argosy": options}}


def _from_variables(settings: EventSourceSettings) -> dict[str, Any]:
    wanted = {
        "EVENTSOURCE_NAME": settings.name,
        "EVENTSOURCE_EVENT": settings.event,
        "SQS_QUEUE": settings.queue,
        "AWS_REGION": settings.region,
    }
    missing = [name for name, value in wanted.items() if not value]
    if len(missing) == len(wanted):
        raise ConfigurationError("EVENTSOURCE_OBJECT, EVENTSOURCE_FILE or EVENTSOURCE_NAME: one of them is required")
    if missing:
        raise ConfigurationError(*(f"{name}: required without a document, but missing" for name in missing))
    queue: dict[str, Any] = {"queue": settings.queue, "region": settings.region}
    if settings.wait_time_seconds is not None:
        queue["waitTimeSeconds"] = settings.wait_time_seconds
    return {"metadata": {"name": settings.name}, "spec": {"sqs": {settings.event: queue}}}
