"""The servers of the sensor's benchmark, and what is done on them: events put on the bus, sensors made, Workflows counted."""

import asyncio
import base64
import json
import os
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import nats
import yaml

from argosy.servers.apiserver import ApiServer
from argosy.servers.kubeclient import WORKFLOWS, KubeError
from argosy.servers.nats import NatsServer
from argosy.servers.process import Process, answers, free_port
from benchmarks.measure import until
from common import cloudevent
from common.bus import bus_config
from common.bus.streams import prepare_events
from common.settings import BusSettings
from common.subjects import Names

BODY = 1024
SOURCE, EVENT, OTHER_EVENT = "bench", "message", "other"
WORKFLOW = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "bench-"},
    "spec": {"arguments": {"parameters": [{"name": "message"}]}, "workflowTemplateRef": {"name": "bench"}},
}


def event(number: int, subject: str = EVENT) -> bytes:
    """Write the event that our event source makes of the message of this number."""
    data = {"messageId": f"{number:032x}", "messageAttributes": None, "body": f"{number:08d}".ljust(BODY, "x")}
    return cloudevent.dump(
        cloudevent.CloudEvent(
            id=f"{number:032x}",
            source=SOURCE,
            type="sqs",
            subject=subject,
            datacontenttype="application/json",
            time="2026-01-01T00:00:00Z",
            data=json.dumps(data, separators=(",", ":")).encode(),
        )
    )


@dataclass
class Stage:
    """The servers of one run, and a number for each namespace and stream."""

    folder: Path
    bus: NatsServer
    kube: ApiServer
    numbers: int = 0

    def namespace(self) -> str:
        """Make a namespace; a stream of the same name belongs to it."""
        self.numbers += 1
        name = f"bench-{self.numbers}"
        self.kube.client.namespace(name)
        return name

    def collection(self, namespace: str) -> str:
        """Give the path of a namespace's Workflows."""
        return f"{WORKFLOWS}/namespaces/{namespace}/workflows"

    def fill(self, name: str, count: int, *, document: Path | None = None) -> None:
        """Put events on the bus, for a trigger that is registered and has no pod just now.

        Events from before the trigger's time are looked up in the ledger first, which is not what is measured here.
        """
        process, port = self.sensor(name, document=document)
        process.start(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        process.stop()
        asyncio.run(self._fill(name, range(count), every=0.0))
        if document:
            asyncio.run(self._fill(name, range(count), every=0.0, event_name=OTHER_EVENT))

    def feed(self, name: str, count: int, every: float) -> dict[int, float]:
        """Put events on the bus one by one, so many seconds apart; gives when each was published."""
        return asyncio.run(self._fill(name, range(count), every=every))

    async def _fill(self, name: str, numbers: range, every: float, *, event_name: str = EVENT) -> dict[int, float]:
        client = await nats.connect(self.bus.url)
        names = Names(name, name)
        await prepare_events(client.jetstream(), names, bus_config(BusSettings(NATS_URL=self.bus.url)))
        subject, sent = names.event(SOURCE, event_name), {}
        began = time.monotonic()
        for number in numbers:
            if every:
                await asyncio.sleep(max(0.0, began + number * every - time.monotonic()))
            sent[number] = time.time()
            await client.publish(subject, event(number, event_name), headers={"Nats-Msg-Id": f"{event_name}-{number}"})
            if number % 500 == 0:
                await client.flush()
        await client.flush()
        await client.close()
        return sent

    def sensor(
        self,
        name: str,
        *,
        kubeconfig: Path | None = None,
        pod: int = 0,
        in_flight: int = 64,
        document: Path | None = None,
    ) -> tuple[Process, int]:
        """Make a sensor for the stream and the namespace of this name, not started; gives the port of its pages too."""
        workflow = self.folder / "workflow.yaml"
        workflow.write_text(yaml.safe_dump(WORKFLOW))
        port = free_port()
        environment = {
            "NATS_URL": self.bus.url,
            "NATS_STREAM": name,
            "NATS_SUBJECT_PREFIX": name,
            "SENSOR_NAME": "bench",
            "SENSOR_DEPENDENCY": f"{SOURCE}/{EVENT}",
            "SENSOR_IN_FLIGHT": str(in_flight),
            "WORKFLOW_FILE": str(workflow),
            "PARAMETER_NAME": "message",
            "POD_NAMESPACE": name,
            "POD_NAME": f"bench-{pod}",
            "KUBECONFIG": str(kubeconfig or self.kube.kubeconfig(self.folder / "kubeconfig", namespace=name)),
            "METRICS_PORT": str(port),
            "LOG_LEVEL": "warn",
            "MALLOC_ARENA_MAX": "2",
        }
        if document:
            for variable in ("SENSOR_NAME", "SENSOR_DEPENDENCY", "WORKFLOW_FILE", "PARAMETER_NAME"):
                environment.pop(variable)
            environment["SENSOR_FILE"] = str(document)
        log = self.folder / f"sensor-{pod}.log"
        return Process("sensor", [sys.executable, "-m", "sensor"], log=log, env=environment), port

    def join(self) -> Path:
        """Write a document whose trigger joins two events, in order."""
        dependencies = [{"name": event, "eventSourceName": SOURCE, "eventName": event} for event in (EVENT, OTHER_EVENT)]
        parameter = {"src": {"dependencyName": EVENT, "dataKey": "body"}, "dest": "spec.arguments.parameters.0.value"}
        k8s = {"operation": "create", "source": {"resource": WORKFLOW}, "parameters": [parameter]}
        trigger = {"template": {"name": "workflow", "k8s": k8s}, "argosy": {"join": "inOrder", "joinLimit": 100_000}}
        path = self.folder / "join.yaml"
        spec = {"dependencies": dependencies, "triggers": [trigger]}
        path.write_text(yaml.safe_dump({"kind": "Sensor", "metadata": {"name": "bench"}, "spec": spec}))
        return path

    def argo_events(self, name: str) -> Process:
        """Make Argo Events' sensor for the same work on the stream `default`; it is not started."""
        parameter = {"src": {"dependencyName": "event", "dataKey": "body"}, "dest": "spec.arguments.parameters.0.value"}
        k8s = {"operation": "create", "source": {"resource": WORKFLOW}, "parameters": [parameter]}
        document = {
            "metadata": {"name": name, "namespace": name},
            "spec": {
                "dependencies": [{"name": "event", "eventSourceName": SOURCE, "eventName": EVENT}],
                "triggers": [{"template": {"name": "workflow", "k8s": k8s}, "atLeastOnce": True}],
            },
        }
        environment = {
            "SENSOR_OBJECT": encoded(document),
            "EVENTBUS_CONFIG": encoded({"jetstream": {"url": self.bus.url, "streamConfig": ""}}),
            "EVENTBUS_SUBJECT": "bench",
            "POD_NAME": "bench-0",
            "LEADER_ELECTION": "",
            "KUBECONFIG": str(self.kube.kubeconfig(self.folder / "kubeconfig", namespace=name)),
        }
        command = [os.environ["ARGO_EVENTS_BIN"], "sensor-service"]
        return Process("argo-events", command, log=self.folder / "argo-events.log", env=environment)

    def fired(self, name: str) -> int:
        """Count what a stream's ledger holds, by the bus' own page: the API server is not asked while it works."""
        return self._messages(f"{name}-ledger")

    def _messages(self, stream: str) -> int:
        with urllib.request.urlopen(f"{self.bus.monitor_url}/jsz?streams=1", timeout=5) as answer:  # noqa: S310
            accounts = json.loads(answer.read()).get("account_details") or []
        details = [stream for account in accounts for stream in account.get("stream_detail") or []]
        return next((d["state"]["messages"] for d in details if d["name"] == stream), 0)

    def made(self, namespace: str) -> int:
        """Count the Workflows of a namespace."""
        page = self.kube.client.get(f"{self.collection(namespace)}?limit=1")
        return len(page["items"]) + int(page["metadata"].get("remainingItemCount") or 0)

    def clear(self, namespace: str) -> None:
        """Delete the Workflows of a namespace, and what its stream holds on the bus."""
        until("no Workflows left", lambda: self._delete(namespace), 120)
        asyncio.run(_forget(self.bus.url, namespace))

    def _delete(self, namespace: str) -> bool:
        try:
            self.kube.client.delete(self.collection(namespace))
        except (KubeError, OSError):
            return False
        return self.made(namespace) == 0


async def _forget(url: str, name: str) -> None:
    client = await nats.connect(url)
    js = client.jetstream()
    for info in await js.streams_info():
        if str(info.config.name).removeprefix("KV_").startswith(name):
            await js.delete_stream(str(info.config.name))
    await client.close()


def encoded(document: object) -> str:
    """Write a document as Argo Events' controller does."""
    return base64.b64encode(json.dumps(document).encode()).decode()
