"""The Sensor document of Argo Events: its fields (`models`), its filters (`filters`), its Backoff (`backoff`).

`sensor.rules` checks what the shape alone does not tell.
"""

from sensor.spec.backoff import Backoff
from sensor.spec.filters import DependencyFilters
from sensor.spec.models import (
    ArtifactSource,
    Dependency,
    K8sTrigger,
    LogTrigger,
    Parameter,
    Sensor,
    Source,
    Trigger,
    TriggerTemplate,
)

__all__ = [
    "ArtifactSource",
    "Backoff",
    "Dependency",
    "DependencyFilters",
    "K8sTrigger",
    "LogTrigger",
    "Parameter",
    "Sensor",
    "Source",
    "Trigger",
    "TriggerTemplate",
]
