"""The Sensor document of Argo Events.

`models` has its fields, `kinds` its kinds of triggers, `parameters`, `sources` and `policy` what these have in common,
`filters` its filters, `backoff` its Backoff; `encode` writes a part of it as JSON again. `sensor.rules` checks what the shape
alone does not tell.
"""

from sensor.spec.backoff import Backoff
from sensor.spec.encode import encoded
from sensor.spec.filters import DependencyFilters
from sensor.spec.kinds import ArgoWorkflowTrigger, HttpTrigger, K8sTrigger, LogTrigger, NatsTrigger
from sensor.spec.models import OTHER_KINDS, Dependency, Sensor, Trigger, TriggerTemplate
from sensor.spec.parameters import Parameter, Source
from sensor.spec.policy import RateLimit, ResourcePolicy, StatusPolicy, TriggerPolicy
from sensor.spec.sources import ArtifactSource, BasicAuth, KeySelector, TlsConfig

__all__ = [
    "OTHER_KINDS",
    "ArgoWorkflowTrigger",
    "ArtifactSource",
    "Backoff",
    "BasicAuth",
    "Dependency",
    "DependencyFilters",
    "HttpTrigger",
    "K8sTrigger",
    "KeySelector",
    "LogTrigger",
    "NatsTrigger",
    "Parameter",
    "RateLimit",
    "ResourcePolicy",
    "Sensor",
    "Source",
    "StatusPolicy",
    "TlsConfig",
    "Trigger",
    "TriggerPolicy",
    "TriggerTemplate",
    "encoded",
]
