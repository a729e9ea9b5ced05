"""The Sensor document of Argo Events: its fields (`models`), and its Backoff (`backoff`). `sensor.rules` checks it."""

from sensor.spec.backoff import Backoff
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
    "K8sTrigger",
    "LogTrigger",
    "Parameter",
    "Sensor",
    "Source",
    "Trigger",
    "TriggerTemplate",
]
