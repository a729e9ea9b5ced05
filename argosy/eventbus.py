"""The EventBus document as Argo Events has it: read by `argosy validate`, never by the pods.

The pods get the bus from `EVENTBUS_CONFIG`, which Argo Events' controller makes of this document, or from `NATS_…`; so what
is said about the bus here is said by the code that reads that variable.
"""

import base64
from typing import Any, Literal

import orjson

from common.bus.config import bus_config
from common.documents import Model, Parsed, Unsupported, parse
from common.errors import ConfigurationError
from common.settings import BusSettings


class SecretKeySelector(Model):
    """A key of a Secret in the namespace of the bus."""

    name: str = ""
    key: str = ""
    optional: bool | None = None


class Tls(Model):
    """How the clients meet a server that wants TLS."""

    ca_cert_secret: SecretKeySelector | None = None
    client_cert_secret: SecretKeySelector | None = None
    client_key_secret: SecretKeySelector | None = None
    insecure_skip_verify: bool = False
    enabled: bool = False


class Exotic(Model):
    """A NATS with JetStream that is there already."""

    url: str
    access_secret: SecretKeySelector | None = None
    stream_config: str = ""
    tls: Tls | None = None


class Native(Model):
    """A NATS that Argo Events' controller installs; what its pods look like is no business of ours."""

    version: str
    replicas: int | None = None
    stream_config: str = ""
    affinity: Any = None
    container_template: Any = None
    image_pull_secrets: Any = None
    max_payload: Any = None
    metadata: Any = None
    metrics_container_template: Any = None
    node_selector: Any = None
    persistence: Any = None
    priority: Any = None
    priority_class_name: Any = None
    reloader_container_template: Any = None
    security_context: Any = None
    service_account_name: Any = None
    settings: Any = None
    start_args: Any = None
    tolerations: Any = None


class EventBusSpec(Model):
    """One of the kinds of bus."""

    jetstream: Native | None = None
    jetstream_exotic: Exotic | None = None
    kafka: Unsupported = None
    nats: Unsupported = None


class EventBus(Model):
    """The whole document."""

    api_version: str = ""
    kind: Literal["EventBus"]
    metadata: Any = None
    spec: EventBusSpec
    status: Any = None


def read(document: object) -> Parsed[EventBus]:
    """Read the document. Raises `ConfigurationError` with one line a fault."""
    parsed = parse(EventBus, document)
    spec = parsed.value.spec
    if (spec.jetstream is None) == (spec.jetstream_exotic is None):
        raise ConfigurationError("spec: exactly one of jetstream and jetstreamExotic is wanted")
    if spec.jetstream_exotic is not None:
        place, config = "spec.jetstreamExotic", spec.jetstream_exotic.model_dump(by_alias=True)
    else:
        assert spec.jetstream is not None  # noqa: S101 - one of the two is there
        place, config = "spec.jetstream", {"url": "nats://bus", "streamConfig": spec.jetstream.stream_config}
    return Parsed(parsed.value, (*parsed.warnings, *_as_pods_read_it(config, place)))


def _as_pods_read_it(config: dict[str, Any], place: str) -> list[str]:
    variable = base64.b64encode(orjson.dumps({"jetstream": config})).decode()

    def placed(line: str) -> str:
        return line.replace("EVENTBUS_CONFIG: jetstream", place, 1)

    try:
        # Not from the environment: whoever validates may have a bus of their own in it.
        return [placed(line) for line in bus_config(BusSettings.model_construct(config=variable)).warnings]
    except ConfigurationError as error:
        raise ConfigurationError(*map(placed, error.faults)) from error
