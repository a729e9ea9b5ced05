"""The EventSource document as Argo Events has it, and what Argosy reads of it.

Types of pkg/apis/events/v1alpha1/eventsource_types.go of argo-events v1.9.11. All other kinds of event source are
declared, so that each is refused by its name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from common.documents import Model
from common.subjects import is_token
from eventsource.identity import read_path

if TYPE_CHECKING:
    from eventsource.filter import Filter

DEFAULT_WAIT = 3
"""Seconds of a long poll where the document says 0 or nothing, as in Argo Events."""
LONGEST_WAIT = 20
"""Seconds that SQS allows for a long poll."""
_ARN = re.compile(r"arn:[a-z-]+:sqs:([a-z0-9-]*):([0-9]*):([^:/]+)")
_NAME_RULE = "it becomes part of a subject on the bus: no dot, blank, '*' or '>', and not empty"
_URL = re.compile(r"https?://[^/]+/(?:[^/]+/)*?([^/]+)/([^/]+)")


def _other_kind(value: object) -> None:
    if value not in (None, {}):
        raise ValueError("this kind of event source is not supported: Argosy reads SQS")


OtherKind = Annotated[Any, BeforeValidator(_other_kind)]


class SecretKeySelector(Model):
    """One key of a Secret; the pod has it as a file."""

    name: str = ""
    key: str = Field(min_length=1)
    optional: bool | None = None


class SqsFilter(Model):
    """Which events are wanted."""

    expression: str = ""

    @field_validator("expression")
    @classmethod
    def _check_expression(cls, text: str) -> str:
        if text:
            _compiled(text)
        return text

    @property
    def passes(self) -> Callable[[bytes], bool] | None:
        """Say of an event's data whether it is wanted; None where everything is."""
        return _compiled(self.expression).passes if self.expression else None


def _compiled(text: str) -> "Filter":
    from eventsource.filter import compile as compiled  # noqa: PLC0415 - 5 MiB that most documents do not need

    return compiled(text)


class EventOptions(Model):
    """The `argosy:` block of one event."""

    idempotency_key: str = ""

    @field_validator("idempotency_key")
    @classmethod
    def _check_key(cls, text: str) -> str:
        if text:
            read_path(text)
        return text

    @property
    def key_path(self) -> tuple[str, ...]:
        """Where the idempotency key stands; empty where none is wanted."""
        return read_path(self.idempotency_key) if self.idempotency_key else ()


class SourceOptions(Model):
    """The `argosy:` block of the whole event source."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which queue is meant: by its URL, or by name (and account)."""

    name: str
    account: str = ""
    url: str = ""


class SqsEvent(Model):
    """One entry of `spec.sqs`: a queue and how it is read."""

    region: str = ""
    queue: str = ""
    queue_account_id: str = ""
    wait_time_seconds: int = 0
    endpoint: str = ""
    role_arn: str = Field("", alias="roleARN")
    access_key: SecretKeySelector | None = None
    secret_key: SecretKeySelector | None = None
    session_token: SecretKeySelector | None = None
    json_body: bool = False
    dlq: bool = False
    metadata: dict[str, str] = Field(default_factory=dict)
    filter: SqsFilter = SqsFilter()
    argosy: EventOptions = EventOptions()

    @model_validator(mode="after")
    def _check(self) -> "SqsEvent":
        if not self.region:
            raise ValueError("must specify region")
        if not self.queue:
            raise ValueError("must specify queue name")
        if (self.access_key is None) != (self.secret_key is None) and not self.role_arn:
            raise ValueError("accessKey and secretKey belong together: give both or neither")
        arn = _ARN.fullmatch(self.queue)
        if arn and arn[1] and arn[1] != self.region:
            raise ValueError(f"the queue's ARN is in {arn[1]}, but region is {self.region}")
        return self

    @property
    def wait(self) -> int:
        """Seconds of one long poll."""
        return min(self.wait_time_seconds, LONGEST_WAIT) if self.wait_time_seconds > 0 else DEFAULT_WAIT

    @property
    def target(self) -> Target:
        """The queue, from any of the forms in which it may be named."""
        if arn := _ARN.fullmatch(self.queue):
            return Target(name=arn[3], account=self.queue_account_id or arn[2])
        if url := _URL.fullmatch(self.queue):
            return Target(name=url[2], account=url[1], url=self.queue)
        return Target(name=self.queue, account=self.queue_account_id)


class _OtherKinds(Model):
    """Every kind of event source that Argo Events knows besides SQS."""

    amqp: OtherKind = None
    azure_events_hub: OtherKind = None
    azure_queue_storage: OtherKind = None
    azure_service_bus: OtherKind = None
    bitbucket: OtherKind = None
    bitbucketserver: OtherKind = None
    calendar: OtherKind = None
    emitter: OtherKind = None
    file: OtherKind = None
    generic: OtherKind = None
    gerrit: OtherKind = None
    github: OtherKind = None
    gitlab: OtherKind = None
    hdfs: OtherKind = None
    kafka: OtherKind = None
    minio: OtherKind = None
    mqtt: OtherKind = None
    nats: OtherKind = None
    nsq: OtherKind = None
    pub_sub: OtherKind = None
    pulsar: OtherKind = None
    redis: OtherKind = None
    redis_stream: OtherKind = None
    resource: OtherKind = None
    sftp: OtherKind = None
    slack: OtherKind = None
    sns: OtherKind = None
    storage_grid: OtherKind = None
    stripe: OtherKind = None
    webhook: OtherKind = None


class EventSourceSpec(_OtherKinds):
    """What the event source reads; how its pod looks is the chart's (or Argo Events' controller's) business."""

    sqs: dict[str, SqsEvent] = Field(default_factory=dict)
    event_bus_name: str = ""
    replicas: int | None = None
    template: Any = None
    service: Any = None
    argosy: SourceOptions = SourceOptions()

    @field_validator("sqs")
    @classmethod
    def _check_names(cls, events: dict[str, SqsEvent]) -> dict[str, SqsEvent]:
        bad = [repr(name) for name in events if not is_token(name)]
        if bad:
            raise ValueError(f"{', '.join(bad)} cannot name an event: {_NAME_RULE}")
        return events


class Metadata(Model):
    """What Kubernetes knows about the object; we use its name and namespace."""

    name: str
    namespace: str = ""
    annotations: Any = None
    creation_timestamp: Any = None
    deletion_timestamp: Any = None
    finalizers: Any = None
    generate_name: Any = None
    generation: Any = None
    labels: Any = None
    managed_fields: Any = None
    owner_references: Any = None
    resource_version: Any = None
    self_link: Any = None
    uid: Any = None

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not is_token(name):
            raise ValueError(f"{name!r} cannot name an event source: {_NAME_RULE}")
        return name


class EventSource(Model):
    """The whole document."""

    api_version: str = ""
    kind: Literal["EventSource", ""] = ""
    metadata: Metadata
    spec: EventSourceSpec
    status: Any = None

    def advice(self) -> tuple[str, ...]:
        """Tell what is read in another way than it is written."""
        return tuple(
            f"spec.sqs.{name}.waitTimeSeconds: {event.wait_time_seconds} is not possible, {event.wait} is taken"
            for name, event in self.spec.sqs.items()
            if not 0 <= event.wait_time_seconds <= LONGEST_WAIT
        )
