"""The sensor as a child process between a real bus and a real API server, and a hand that puts events onto the bus."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import asyncio
import base64
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import nats
import yaml
from nats.aio.client import Client

from argosy.servers.apiserver import ApiServer
from argosy.servers.kubeclient import WORKFLOWS, KubeError
from argosy.servers.nats import NatsServer
from argosy.servers.process import Process, answers, free_port
from common.cloudevent import CloudEvent, dump
from tests.servers.toxiproxy import Proxy

CREATE_AND_GET = [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get"]}]
WORKFLOW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "order-"},
    "spec": {"entrypoint": "main", "arguments": {"parameters": [{"name": "message"}]}, "templates": [{"name": "main"}]},
}
T = TypeVar("T")


def eventually(what: str, true: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something is true, or fail after a deadline with what was waited for."""
    end = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except (KubeError, OSError):
            pass
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def encoded(document: Mapping[str, Any]) -> str:
    """Write a document as Argo Events' controller does."""
    return base64.b64encode(json.dumps(document).encode()).decode()


class Sensor:
    """One sensor process."""

    def __init__(self, folder: Path, environment: Mapping[str, str], name: str) -> None:
        """Prepare it; nothing runs yet."""
        self.port = free_port()
        common = {"METRICS_PORT": str(self.port), "POD_NAME": name, "PYTHONWARNINGS": "error"}
        command = [sys.executable, "-m", "sensor"]
        self.process = Process(name, command, log=folder / f"{name}.log", env={**common, **environment})

    def start(self, *, wait: bool = True) -> "Sensor":
        """Start it and wait until it is ready, or only until it lives."""
        self.process.start(lambda: self.says("readyz" if wait else "livez"), deadline=60)
        return self

    def says(self, path: str) -> bool:
        """Ask the pod how it is."""
        return answers(f"http://127.0.0.1:{self.port}/{path}")

    def read(self, path: str) -> str:
        """Read one of its pages, whatever the status."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def total(self, series: str, **labels: str) -> float:
        """Sum a series over the labels that are not given."""
        total = 0.0
        for line in self.read("metrics").splitlines():
            name, _, value = line.rpartition(" ")
            if name.partition("{")[0] == series and all(f'{key}="{text}"' in name for key, text in labels.items()):
                total += float(value)
        return total

    def counts(self, expected: float, series: str = "argosy_sensor_outcomes_total", **labels: str) -> None:
        """Wait until it has counted what is done with: that comes a moment after the ack, or after the answer of a target."""
        eventually(f"{expected:g} in {series} {labels}", lambda: self.total(series, **labels) == expected)


@dataclass
class Rig:
    """The servers and the names of one test."""

    folder: Path
    nats: NatsServer
    kube: ApiServer
    stream: str
    namespace: str
    sensors: list[Sensor] = field(default_factory=list)

    # ----------------------------------------------------------------------------------------------------- the sensor

    def document(self, **template: Any) -> dict[str, Any]:
        """Write a Sensor that makes a Workflow of each event; `template` changes its only trigger's template."""
        parameter = {"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "spec.arguments.parameters.0.value"}
        k8s = {"operation": "create", "source": {"resource": WORKFLOW}, "parameters": [parameter]}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Sensor",
            "metadata": {"name": "orders", "namespace": self.namespace},
            "spec": {
                "dependencies": [{"name": "order", "eventSourceName": "orders", "eventName": "created"}],
                "triggers": [{"template": {"name": "workflow", "k8s": k8s} | template}],
            },
        }

    def sensor(self, document: Mapping[str, Any] | None = None, **environment: str) -> Sensor:
        """Make a sensor process for a document; it is ended with the rig."""
        name = f"sensor-{len(self.sensors)}"
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(dict(document or self.document())))
        return self.bare(SENSOR_FILE=str(path), **environment)

    def bare(self, **environment: str) -> Sensor:
        """Make a sensor process that gets no document but what the environment says."""
        settings = {
            "POD_NAMESPACE": self.namespace,
            "NATS_URL": self.nats.url,
            "NATS_STREAM": self.stream,
            "NATS_SUBJECT_PREFIX": self.stream,
            "KUBECONFIG": self.kubeconfig(),
        }
        sensor = Sensor(self.folder, settings | environment, f"sensor-{len(self.sensors)}")
        self.sensors.append(sensor)
        return sensor

    def end(self) -> None:
        """End all sensors, and give the bus its room back: streams reserve what they may grow to."""
        for sensor in self.sensors:
            sensor.process.stop(deadline=60)
        if self.nats.process.alive:
            self.on_bus(lambda client: forget(client, self.stream))

    # ---------------------------------------------------------------------------------------------------- the cluster

    def kubeconfig(self) -> str:
        """Give a kubeconfig of an account that may create and get Workflows here, and nothing else."""
        path = self.folder / "kubeconfig"
        if not path.exists():
            self.grant()
            self.kube.kubeconfig(path, token=self.kube.token_for(self.namespace, "sensor"), namespace=self.namespace)
        return str(path)

    def through(self, proxy: Proxy) -> str:
        """Give the same kubeconfig, by way of a proxy."""
        config = Path(self.kubeconfig())
        path = config.with_name("through")
        path.write_text(config.read_text().replace(f":{self.kube.port}", f":{proxy.port}"))
        return str(path)

    def grant(self) -> None:
        """Allow the sensor's account what it needs."""
        self.kube.client.grant(self.namespace, "sensor", CREATE_AND_GET)

    def revoke(self) -> None:
        """Take the Role away."""
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.namespace}"
        self.kube.client.delete(f"{rbac}/rolebindings/sensor")
        self.kube.client.delete(f"{rbac}/roles/sensor")

    @property
    def path(self) -> str:
        """The collection of Workflows."""
        return f"{WORKFLOWS}/namespaces/{self.namespace}/workflows"

    def workflows(self) -> list[dict[str, Any]]:
        """List the Workflows."""
        return self.kube.client.workflows(self.namespace)

    def count(self) -> int:
        """Count the Workflows."""
        page = self.kube.client.get(f"{self.path}?limit=1")
        return len(page["items"]) + int(page["metadata"].get("remainingItemCount") or 0)

    def values(self) -> list[str]:
        """Give the parameter of each Workflow, sorted."""
        return sorted(w["spec"]["arguments"]["parameters"][0].get("value", "") for w in self.workflows())

    # -------------------------------------------------------------------------------------------------------- the bus

    def on_bus(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """Do something with a connection of the test's own."""

        async def run() -> T:
            client = await nats.connect(self.nats.url)
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(run())

    def publish(self, numbers: Iterable[int], *, again: int = 0, **over: Any) -> None:
        """Put events onto the bus as our event source does; `again`: as its repetition of this number."""

        async def work(client: Client) -> None:
            js = client.jetstream()
            for number in numbers:
                headers = {"Nats-Msg-Id": f"orders.created.{number}" + (f".{again}" if again else "")}
                if again:
                    headers["Argosy-Attempt"] = str(again + 1)
                await js.publish(f"{self.stream}.orders.created", dump(event(number, **over)), headers=headers)

        self.on_bus(work)

    def make_stream(self, **config: Any) -> None:
        """Make the stream before anybody else does, without our mark: a foreign one."""

        async def work(client: Client) -> None:
            await client.jetstream().add_stream(name=self.stream, subjects=[f"{self.stream}.*.*"], **config)

        self.on_bus(work)

    def at_rest(self, count: int, seconds: float = 30) -> None:
        """Wait for so many Workflows, and until the pods have heard of all of them: they come before their answers do."""
        eventually(f"{count} Workflows, and nothing in hand", lambda: self.count() == count and self.unread() == 0, seconds)

    def consumers(self) -> list[Any]:
        """Give the consumers of the stream."""
        return self.on_bus(lambda client: client.jetstream().consumers_info(self.stream))

    def unread(self) -> int:
        """Count what the consumers have not settled."""
        return sum((c.num_pending or 0) + (c.num_ack_pending or 0) for c in self.consumers())

    def dead(self) -> list[dict[str, str]]:
        """Give the headers of the dead letters."""

        async def work(client: Client) -> list[dict[str, str]]:
            js = client.jetstream()
            stream = f"{self.stream}-deadletters"
            last = (await js.stream_info(stream)).state.last_seq
            return [dict((await js.get_msg(stream, seq)).headers or {}) for seq in range(1, last + 1)]

        return self.on_bus(work)


async def forget(client: Client, stream: str) -> None:
    """Delete every stream and bucket of a test."""
    js = client.jetstream()
    for info in await js.streams_info():
        name = str(info.config.name)
        if name == stream or name.startswith((f"{stream}-", f"KV_{stream}-")):
            await js.delete_stream(name)


def event(number: int, **over: Any) -> CloudEvent:
    """Make an event of our event source."""
    data = {"messageId": str(number), "messageAttributes": None, "body": f"body {number}"}
    fields: dict[str, Any] = {
        "id": f"{number:032x}",
        "source": "orders",
        "type": "sqs",
        "subject": "created",
        "datacontenttype": "application/json",
        "time": "2026-01-01T00:00:00Z",
        "data": json.dumps(data).encode(),
        "extensions": {"sqsreceivecount": "1"},
    }
    return CloudEvent(**(fields | over))
