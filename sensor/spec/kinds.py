"""The kinds of triggers that are built in, field by field (sensor_types.go of Argo Events v1.9)."""

from pydantic import Field

from common.documents import Model
from sensor.spec.numbers import Int64, Uint64
from sensor.spec.parameters import Parameter
from sensor.spec.sources import ArtifactSource, BasicAuth, KeySelector, TlsConfig, ValueFrom


class K8sTrigger(Model):
    """Do something with an object of Kubernetes."""

    source: ArtifactSource | None = None
    operation: str = ""
    parameters: tuple[Parameter, ...] = ()
    patch_strategy: str = ""
    live_object: bool = False


class ArgoWorkflowTrigger(Model):
    """Do something with a Workflow, as the `argo` command would."""

    source: ArtifactSource | None = None
    operation: str = ""
    parameters: tuple[Parameter, ...] = ()
    args: tuple[str, ...] = ()


class SecureHeader(Model):
    """A header whose value stands in a Secret or a ConfigMap."""

    name: str = ""
    value_from: ValueFrom | None = None


class HttpTrigger(Model):
    """Send a request."""

    url: str = ""
    payload: tuple[Parameter, ...] | None = None
    tls: TlsConfig | None = None
    method: str = ""
    parameters: tuple[Parameter, ...] = ()
    timeout: Int64 = 0
    basic_auth: BasicAuth | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    secure_headers: tuple[SecureHeader, ...] = ()
    dynamic_headers: tuple[Parameter, ...] = ()
    host: str = ""


class NatsAuth(Model):
    """How to log in to a NATS server; one of these."""

    basic: BasicAuth | None = None
    token: KeySelector | None = None
    nkey: KeySelector | None = None
    credential: KeySelector | None = None


class NatsTrigger(Model):
    """Publish a message."""

    url: str = ""
    subject: str = ""
    payload: tuple[Parameter, ...] | None = None
    parameters: tuple[Parameter, ...] = ()
    tls: TlsConfig | None = None
    auth: NatsAuth | None = None


class LogTrigger(Model):
    """Write the event into the log."""

    interval_seconds: Uint64 = 0
