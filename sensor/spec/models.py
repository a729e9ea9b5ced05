"""The Sensor document of Argo Events v1.9, field by field.

Source: pkg/apis/events/v1alpha1/sensor_types.go of github.com/argoproj/argo-events v1.9.11. A field that this version does
not support is `Unsupported` and refused with its path; a field unknown there is warned about.
"""

from typing import Any, Literal

from pydantic import Field

from common.documents import Model
from sensor.spec.backoff import BackoffSpec
from sensor.spec.filters import DependencyFilters
from sensor.spec.kinds import ArgoWorkflowTrigger, HttpTrigger, K8sTrigger, LogTrigger, NatsTrigger
from sensor.spec.numbers import Int32
from sensor.spec.parameters import Parameter
from sensor.spec.policy import ConditionsReset, RateLimit, TriggerPolicy


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


OTHER_KINDS = (
    "awsLambda", "azureEventHubs", "azureServiceBus", "kafka", "pulsar", "slack", "openWhisk", "custom", "email"
)  # fmt: skip
"""Kinds of triggers that Argo Events has and a plug-in may bring; without one `sensor.rules` refuses them."""


class TriggerTemplate(Model):
    """What to do when the conditions hold: one kind of trigger; of several the first counts, in Argo Events' order."""

    name: str = ""
    conditions: str = ""
    conditions_reset: tuple[ConditionsReset, ...] = ()
    k8s: K8sTrigger | None = Field(default=None, alias="k8s")
    argo_workflow: ArgoWorkflowTrigger | None = None
    http: HttpTrigger | None = None
    aws_lambda: Any = None
    azure_event_hubs: Any = None
    azure_service_bus: Any = None
    kafka: Any = None
    pulsar: Any = None
    nats: NatsTrigger | None = None
    slack: Any = None
    open_whisk: Any = None
    custom: Any = None
    log: LogTrigger | None = None
    email: Any = None
    argosy: dict[str, Any] = Field(default_factory=dict)
    """Kinds of triggers that Argo Events does not have: the name of a plug-in, and what it is to do."""


class TriggerOptions(Model):
    """What Argosy adds to a trigger."""

    start_from: Literal["oldest", "next"] | None = None
    join: Literal["latest", "inOrder"] = "latest"
    join_limit: int = Field(default=1000, ge=1, le=100_000)
    max_active: int | None = Field(default=None, ge=1, le=10_000)


class Trigger(Model):
    """One trigger: what to do, and how insistently."""

    template: TriggerTemplate | None = None
    parameters: tuple[Parameter, ...] = ()
    policy: TriggerPolicy | None = None
    retry_strategy: BackoffSpec | None = None
    rate_limit: RateLimit | None = None
    at_least_once: bool = False
    dlq_trigger: "Trigger | None" = None
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
    replicas: Int32 | None = None
    revision_history_limit: Int32 | None = None
    logging_fields: dict[str, str] = Field(default_factory=dict)
    argosy: SensorOptions = SensorOptions()


class Sensor(Model):
    """The whole document. The controller's copy has neither `kind` nor `apiVersion`."""

    api_version: str = ""
    kind: str = ""
    metadata: Metadata = Metadata()
    spec: SensorSpec = SensorSpec()
    status: Any = None
