"""Triggers at the real API server: made of a document, fired once or more, and looked at by the administrator."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from argosy.servers.apiserver import ApiServer
from common import documents
from sensor.cluster import KubernetesCluster
from sensor.ports import Firing
from sensor.ports import Trigger as Fires
from sensor.spec import Trigger
from sensor.triggers import Surroundings, construct
from sensor.triggers.argo_server import ArgoServer
from tests.fakes_sensor import event

DIGEST = "d0" * 32
T = TypeVar("T")


@dataclass
class Acting:
    """One namespace of the shared server, and the account that triggers use there."""

    kube: ApiServer
    namespace: str
    kubeconfig: Path
    server: ArgoServer | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def with_trigger(
        self, template: Mapping[str, Any], work: Callable[[Fires], Awaitable[T]], policy: Mapping[str, Any] | None = None
    ) -> T:
        """Make a trigger of its template, and do something with it."""
        document = {"template": {"name": "t", **template}, **({"policy": {"k8s": policy}} if policy else {})}
        trigger = documents.parse(Trigger, document).value

        async def run() -> T:
            self.stop = asyncio.Event()
            async with KubernetesCluster(self.kubeconfig, in_flight=4) as cluster:
                around = Surroundings("orders", self.namespace, cluster, argo_server=self.server, stop=self.stop)
                assert trigger.template is not None
                async with around.shared:
                    return await work(construct(trigger.template, trigger.policy, around, "here"))

        return asyncio.run(run())

    def fire(self, template: Mapping[str, Any], *firings: Firing, policy: Mapping[str, Any] | None = None) -> list[str]:
        """Fire once for each of these, or just once; gives what was done, in words."""

        async def work(made: Fires) -> list[str]:
            return [(await made.fire(each)).what for each in firings or (firing(),)]

        return self.with_trigger(template, work, policy)

    def put(self, path: str, made: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object as the administrator."""
        found: dict[str, Any] = self.kube.client.create(path, made)
        return found

    def get(self, path: str) -> dict[str, Any]:
        """Get an object as the administrator."""
        found: dict[str, Any] = self.kube.client.get(path)
        return found


def firing(data: Mapping[str, Any] | None = None, digest: str = DIGEST, number: int = 1) -> Firing:
    """Make a firing."""
    text = json.dumps(data if data is not None else {"body": "hello", "name": "n"}).encode()
    return Firing(digest, {"order": event(number, data=text)}, 1_700_000_000.5)


def parameter(dest: str, **src: Any) -> dict[str, Any]:
    """Write one parameter."""
    return {"src": {"dependencyName": "order", **(src or {"dataKey": "body"})}, "dest": dest}


def k8s(operation: str, resource: Mapping[str, Any], *parameters: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Write a `k8s` trigger."""
    return {"k8s": {"operation": operation, "source": {"resource": resource}, "parameters": list(parameters), **more}}


def argo(operation: str, resource: Mapping[str, Any], *parameters: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Write an `argoWorkflow` trigger."""
    return {"argoWorkflow": {"operation": operation, "source": {"resource": resource}, "parameters": list(parameters), **more}}
