"""What the event source takes from its environment besides what both services do (`common.settings`)."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from common.settings import Settings


class EventSourceSettings(Settings):
    """The document in one of its three forms, and how hard we work."""

    object: str = Field(
        "",
        validation_alias="EVENTSOURCE_OBJECT",
        description="The EventSource as base64 of JSON, as Argo Events' controller sets it.",
    )
    file: Path | None = Field(
        None, validation_alias="EVENTSOURCE_FILE", description="A YAML file that holds the EventSource, as the chart mounts it."
    )
    options: str = Field(
        "",
        validation_alias="EVENTSOURCE_OPTIONS",
        description="With EVENTSOURCE_OBJECT: the `argosy:` blocks, as JSON: {events: {<event>: {…}}}.",
    )
    name: str = Field("", validation_alias="EVENTSOURCE_NAME", description="Without a document: name of the event source.")
    event: str = Field("", validation_alias="EVENTSOURCE_EVENT", description="Without a document: name of its event.")
    queue: str = Field("", validation_alias="SQS_QUEUE", description="Without a document: the queue, by name, ARN or URL.")
    region: str = Field("", validation_alias="AWS_REGION", description="Without a document: region of the queue.")
    wait_time_seconds: int | None = Field(
        None,
        ge=0,
        le=20,
        validation_alias="SQS_WAIT_TIME_SECONDS",
        description="Without a document: seconds of one long poll, 1 to 20; 0 or nothing means 3.",
    )
    visibility_timeout: int = Field(
        60,
        ge=1,
        le=43_200,
        validation_alias="EVENTSOURCE_VISIBILITY_TIMEOUT",
        description="Seconds for which a received message is ours; renewed at half of it until the message is settled.",
    )
    body_encoding: Literal["text", "base64"] = Field(
        "text",
        validation_alias="EVENTSOURCE_BODY_ENCODING",
        description="How `body` is written without jsonBody: its text, or base64 as Argo Events does.",
    )
    max_in_flight: int = Field(
        200,
        ge=1,
        validation_alias="EVENTSOURCE_MAX_IN_FLIGHT",
        description="Messages of one queue that we hold at a time.",
    )
    max_bytes_in_flight: int = Field(
        64 * 1024 * 1024,
        ge=2 * 1024 * 1024,
        validation_alias="EVENTSOURCE_MAX_BYTES_IN_FLIGHT",
        description="Bytes of bodies that we hold at a time, shared evenly by the queues.",
    )
    max_pollers: int = Field(
        16,
        ge=1,
        le=100,
        validation_alias="EVENTSOURCE_MAX_POLLERS",
        description="Receives of one queue that run at a time when it is busy; one when it is idle.",
    )
    depth_interval: float = Field(
        60.0,
        ge=0,
        validation_alias="EVENTSOURCE_DEPTH_INTERVAL",
        description="Seconds between two looks at how many messages wait in a queue; 0: never.",
    )
