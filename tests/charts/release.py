"""A release of the chart on the real API server: installed and upgraded by helm itself, its pods run as processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.servers.apiserver import ApiServer
from tests.charts.helm import CHART, Helm
from tests.charts.pods import Node, Pod
from tests.endtoend.rig import eventually
from tests.servers.sqs import Queue

NAME = "argosy"
CLIENT, ROUTE, MONITOR = 4222, 6222, 8222
"""Ports of the bus' pods."""


def emulated(queue: Queue, event: str = "placed", source: str = "orders") -> dict[str, Any]:
    """Give the values that put an emulated queue in the place of an example's."""
    aws = {"AWS_ENDPOINT_URL": queue.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    env = [{"name": name, "value": value} for name, value in aws.items()]
    lease = {"name": "EVENTSOURCE_VISIBILITY_TIMEOUT", "value": "10"}
    spec = {"sqs": {event: {"region": "us-east-1", "queue": queue.name, "waitTimeSeconds": 2}}}
    return {"eventSources": {source: {"env": [*env, lease], "spec": spec}}}


@dataclass
class Release:
    """One release in one namespace."""

    helm: Helm
    kube: ApiServer
    namespace: str
    folder: Path
    pods: list[Pod] = field(default_factory=list)
    _made: int = 0

    def __post_init__(self) -> None:
        """Make the machine that runs its pods."""
        self.kubeconfig = self.kube.kubeconfig(self.folder / "admin", namespace=self.namespace)
        self.node = Node(self.kube, self.namespace, self.folder)

    def say(self, verb: str, *values: Path | Mapping[str, Any]) -> str:
        """`helm install` or `helm upgrade`; give what it says. Raises `Refused`."""
        arguments = [verb, NAME, CHART, "--namespace", self.namespace, *self.helm.values(*values)]
        return self.helm.run(*arguments, kubeconfig=self.kubeconfig)

    def read(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read an object, by its path behind the namespace."""
        root, _, rest = path.rpartition("::")
        return self.kube.client.get(f"{root or '/api/v1'}/namespaces/{self.namespace}/{rest}")

    def deployment(self, component: str, name: str = "orders") -> Any:  # noqa: ANN401 - JSON
        """Read the Deployment of an event source or a sensor."""
        return self.read(f"/apis/apps/v1::deployments/{NAME}-{component}-{name}")

    def pod(self, component: str, name: str = "orders") -> Pod:
        """Make the next pod of an event source or a sensor, as its Deployment says now."""
        return self._pod(component, self.deployment(component, name)["spec"]["template"])

    def test_pods(self, rendered: Mapping[str, Any]) -> list[Pod]:
        """Make the pods of `helm test`."""
        return [self._pod(name, template) for name, template in rendered.items()]

    def bus(self) -> list[Pod]:
        """Start every node of the bus; clients and routes find them by their names."""
        found = self.read(f"/apis/apps/v1::statefulsets/{NAME}-nats")
        spec = found["spec"]
        nodes = [Pod(self.node, f"{NAME}-nats-{n}", spec["template"]["spec"]) for n in range(spec["replicas"])]
        service = f"{NAME}-nats.{self.namespace}.svc"
        self.node.names[f"{service}:{CLIENT}"] = f"127.0.0.1:{nodes[0].ports[CLIENT]}"
        for node in nodes:
            host = f"{node.name}.{spec['serviceName']}.{self.namespace}.svc"
            self.node.names[f"{host}:{ROUTE}"] = f"127.0.0.1:{node.ports[ROUTE]}"
        self.pods += nodes
        for node in nodes:
            node.translate("/etc/nats/nats.conf")
        for node in nodes:
            # As a StatefulSet with podManagementPolicy Parallel: none waits for another.
            node.process.command = node.command()
            node.process.start(lambda: True)
        eventually("all nodes of the bus are ready", lambda: all(map(_ready, nodes)), 60)
        return nodes

    def end(self) -> None:
        """End all pods."""
        for pod in self.pods:
            pod.process.stop(deadline=60)

    def _pod(self, name: str, template: Mapping[str, Any]) -> Pod:
        self._made += 1
        pod = Pod(self.node, f"{name}-{self._made}", template["spec"])
        self.pods.append(pod)
        return pod


def _ready(node: Pod) -> bool:
    assert node.process.alive, node.process.tail()
    return node.ready()
