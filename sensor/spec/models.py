"""The Sensor document of Argo Events v1.9, field by field.

Source: pkg/apis/events/v1alpha1/sensor_types.go of github.com/argoproj/argo-events v1.9.11. A field that this version does
not support is `Unsupported` (a kind of trigger: `NotBuilt`) and refused with its path; a field unknown there is warned about.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from common.documents import Model, Unsupported
from sensor.spec.backoff import BackoffSpec
from sensor.spec.filters import DependencyFilters


def _refuse_kind(value: object) -> object:
    if value is not None:
        raise ValueError("this version of Argosy does not support this kind of trigger")
    return value


NotBuilt = Annotated[Any, BeforeValidator(_refuse_kind)]
"""A kind of trigger that Argo Events knows and this version refuses, however empty it is."""


class Metadata(Model):
    """What Kubernetes keeps about the document itself."""

    name: str = ""
    namespace: str = ""
    labels: Any = None
    annotations: Any = None
    generate_name: Any = None
    creation_timestamp: Any = None
    deletion_timestamp: Any = None
    deletion_grace_period_seconds: Any = None
    uid: Any = None
    resource_version: Any = None
    generation: Any = None
    self_link: Any = None
    managed_fields: Any = None
    owner_references: Any = None
    finalizers: Any = None


class Transform(Model):
    """How to make the data of an event anew; with both, jq counts."""

    jq: str = ""
    script: str = ""


class Dependency(Model):
    """One event that triggers may wait for."""

    name: str = ""
    event_source_name: str = ""
    event_name: str = ""
    filters: DependencyFilters | None = None
    filters_logical_operator: str = ""
    transform: Transform | None = None


class Source(Model):
    """Where a parameter's value comes from."""

    dependency_name: str = ""
    context_key: str = ""
    context_template: str = ""
    data_key: str = ""
    data_template: str = ""
    value: str | None = None
    use_raw_data: bool = False


class Parameter(Model):
    """One value of an event and its place in the target."""

    src: Source | None = None
    dest: str = ""
    operation: str = ""


class FileSource(Model):
    """A file in the pod."""

    path: str = ""


class ConfigMapSource(Model):
    """A key of a ConfigMap that is mounted into the pod."""

    name: str = ""
    key: str = ""
    optional: bool = False


class ArtifactSource(Model):
    """Where the object to create comes from; the first one given counts, in Argo Events' order."""

    s3: Unsupported = None
    inline: str | None = None
    file: FileSource | None = None
    url: Unsupported = None
    git: Unsupported = None
    configmap: ConfigMapSource | None = None
    resource: dict[str, Any] | None = None


class K8sTrigger(Model):
    """Do something with an object of Kubernetes."""

    source: ArtifactSource | None = None
    operation: str = ""
    parameters: tuple[Parameter, ...] = ()
    patch_strategy: str = ""
    live_object: bool = False


class LogTrigger(Model):
    """Write the event into the log."""

    interval_seconds: int = Field(default=0, ge=0)


class TriggerTemplate(Model):
    """What to do when the conditions hold."""

    name: str = ""
    conditions: str = ""
    conditions_reset: Unsupported = None
    k8s: K8sTrigger | None = Field(default=None, alias="k8s")
    log: LogTrigger | None = None
    argo_workflow: NotBuilt = None
    http: NotBuilt = None
    aws_lambda: NotBuilt = None
    azure_event_hubs: NotBuilt = None
    azure_service_bus: NotBuilt = None
    kafka: NotBuilt = None
    pulsar: NotBuilt = None
    nats: NotBuilt = None
    slack: NotBuilt = None
    open_whisk: NotBuilt = None
    custom: NotBuilt = None
    email: NotBuilt = None


class TriggerOptions(Model):
    """What Argosy adds to a trigger."""

    start_from: Literal["oldest", "next"] | None = None
    join: Unsupported = None
    join_limit: Unsupported = None
    max_active: Unsupported = None


class Trigger(Model):
    """One trigger: what to do, and how insistently."""

    template: TriggerTemplate | None = None
    parameters: tuple[Parameter, ...] = ()
    policy: Unsupported = None
    retry_strategy: BackoffSpec | None = None
    rate_limit: Unsupported = None
    at_least_once: bool = False
    dlq_trigger: Unsupported = None
    argosy: TriggerOptions = TriggerOptions()


class SensorOptions(Model):
    """What Argosy adds to a sensor."""


class SensorSpec(Model):
    """The sensor: which events, which triggers."""

    dependencies: tuple[Dependency, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    template: Any = None
    error_on_failed_round: bool = False
    event_bus_name: str = ""
    replicas: int | None = None
    revision_history_limit: int | None = None
    logging_fields: dict[str, str] = Field(default_factory=dict)
    argosy: SensorOptions = SensorOptions()


class Sensor(Model):
    """The whole document. The controller's copy has neither `kind` nor `apiVersion`."""

    api_version: str = ""
    kind: str = ""
    metadata: Metadata = Metadata()
    spec: SensorSpec = SensorSpec()
    status: Any = None
