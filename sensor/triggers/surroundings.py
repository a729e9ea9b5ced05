"""What a trigger may need of the sensor around it, plug-ins included."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from sensor.ports import Cluster, Trigger
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.triggers.argo_server import ArgoServer
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The sensor's name and namespace, the cluster, the mounted folders, Argo Server where one is configured.

    `stop` is set when the sensor is to end.
    """

    sensor: str
    namespace: str
    cluster: Cluster
    folders: Folders = field(default_factory=Folders)
    shared: Shared = field(default_factory=Shared)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    argo_server: ArgoServer | None = None


Construct = Callable[[TriggerTemplate, TriggerPolicy | None, Surroundings, str], Trigger]
"""Makes a trigger of its template and policy; the text is the template's place in the document.

Raises `ConfigurationError`.
"""
