"""Both services as child processes between real servers, and the books of what went in and what came out."""

import base64
import json
import random
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.servers.apiserver import ApiServer
from argosy.servers.kubeclient import WORKFLOWS, KubeError
from argosy.servers.nats import NatsServer
from argosy.servers.process import Process, answers, free_port
from tests.servers.sqs import Queue

ROOT = Path(__file__).parents[2]
CREATE_AND_GET = [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get"]}]
"""All that the sensor of the seed's case needs."""


def bodies(count: int, *, seed: int = 7) -> list[str]:
    """Make messages of mixed bodies: text, JSON, quotes, line ends, templates, emoji, one space, 100 KiB."""
    draw = random.Random(seed)
    makers: list[Callable[[int], str]] = [
        lambda n: f"plain text {n}",
        lambda n: json.dumps({"order": n, "big": 2**53 + n, "nested": {"list": [1, "two", None, 1.5]}}),
        lambda n: f"\"quoted\" '{n}' \\ back \\\\ slashes \\n",
        lambda n: f"line {n}\nnext\r\n\tindented\n\n",
        lambda n: f"{{{{workflow.name}}}} {{{{inputs.parameters.x}}}} $HOME $(id) {n}",
        lambda n: f"emoji 🦀🚀 žluťoučký \u2028 \u0001 {n}".replace("\u0001", ""),
        lambda _: " ",
        lambda n: f"<b>&amp; {n}</b> 007 1e5 null",
    ]
    made = [makers[n % len(makers)](n) for n in range(count)]
    for n in range(25, count, 50):
        made[n] = f"{n} " + "".join(draw.choices('abcdefghij é"\\', k=99_000))
    draw.shuffle(made)
    return made


def encoded(document: Mapping[str, Any]) -> str:
    """Write a document as Argo Events' controller does."""
    return base64.b64encode(json.dumps(document).encode()).decode()


def eventually(what: str, true: Callable[[], bool], seconds: float) -> None:
    """Wait until something is true, or fail after a deadline with what was waited for; who does not answer is asked again."""
    end = time.monotonic() + seconds
    while True:
        with suppress(KubeError, OSError):
            if true():
                return
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)


class Service:
    """One of the two services as a child process."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        """Prepare it; nothing runs yet."""
        self.port = free_port()
        common = {"METRICS_PORT": str(self.port), "POD_NAME": f"{name}-0", "PYTHONWARNINGS": "error"}
        self.process = Process(name, [sys.executable, "-m", name], log=folder / f"{name}.log", env={**common, **environment})

    def start(self, *, wait: bool = True) -> None:
        """Start it and wait until it is ready, or only until it lives."""
        self.process.start(lambda: self.says("readyz" if wait else "livez"), deadline=60)

    def says(self, path: str) -> bool:
        """Ask the pod how it is."""
        return answers(f"http://127.0.0.1:{self.port}/{path}")

    def why(self) -> str:
        """Ask the pod why it is not ready."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def metrics(self) -> dict[str, float]:
        """Read its series: name with labels → value."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            lines = [line.rpartition(" ") for line in answer.read().decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    def total(self, series: str) -> float:
        """Sum a series over its labels."""
        return sum(value for name, value in self.metrics().items() if name.partition("{")[0] == series)


@dataclass
class Rig:
    """The servers, the queue and the namespace of one test, with the services between them."""

    folder: Path
    nats: NatsServer
    kube: ApiServer
    queue: Queue
    namespace: str
    services: list[Service] = field(default_factory=list)

    @property
    def aws(self) -> dict[str, str]:
        """What both forms of configuration take from the environment for the emulator."""
        return {"AWS_ENDPOINT_URL": self.queue.endpoint, "EVENTSOURCE_VISIBILITY_TIMEOUT": "10"}

    @property
    def kubeconfig(self) -> str:
        """A kubeconfig of an account that may create and get Workflows here, and nothing else."""
        path = self.folder / "kubeconfig"
        if not path.exists():
            self.grant()
            token = self.kube.token_for(self.namespace, "sensor")
            self.kube.kubeconfig(path, token=token, namespace=self.namespace)
        return str(path)

    def grant(self) -> None:
        """Allow the sensor's account what it needs."""
        self.kube.client.grant(self.namespace, "sensor", CREATE_AND_GET)

    def revoke(self) -> None:
        """Take the Role away; returns when the API server has heard of it itself."""
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.namespace}"
        self.kube.client.delete(f"{rbac}/rolebindings/sensor")
        self.kube.client.delete(f"{rbac}/roles/sensor")
        eventually("the account may not create", lambda: not self._may_create(), 30)

    def _may_create(self) -> bool:
        what = {"namespace": self.namespace, "group": "argoproj.io", "resource": "workflows", "verb": "create"}
        account = f"system:serviceaccount:{self.namespace}:sensor"
        review = {"spec": {"resourceAttributes": what, "user": account}}
        answer = self.kube.client.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
        return bool(answer["status"]["allowed"])

    def service(self, name: str, **environment: str) -> Service:
        """Make a service with this environment; it is ended with the rig."""
        service = Service(name, self.folder, {"POD_NAMESPACE": self.namespace, **environment})
        self.services.append(service)
        return service

    def workflows(self) -> list[dict[str, Any]]:
        """List all Workflows of the namespace, page by page."""
        found: list[dict[str, Any]] = []
        following = ""
        while True:
            page = self.kube.client.get(f"{WORKFLOWS}/namespaces/{self.namespace}/workflows?limit=500&continue={following}")
            found += page["items"]
            following = page["metadata"].get("continue", "")
            if not following:
                return found

    def count(self) -> int:
        """Count the Workflows of the namespace without carrying their bodies."""
        page = self.kube.client.get(f"{WORKFLOWS}/namespaces/{self.namespace}/workflows?limit=1")
        return len(page["items"]) + int(page["metadata"].get("remainingItemCount") or 0)

    def settled(self, expected: int, seconds: float = 120) -> None:
        """Wait until so many Workflows exist and the queue is empty."""
        try:
            eventually(
                f"{expected} Workflows and an empty queue", lambda: self.count() >= expected and self.queue.empty(), seconds
            )
        except AssertionError as late:
            raise AssertionError(f"{late}; {self.story()}") from None

    def story(self) -> str:
        """Say where everything is, for a test that failed."""
        why = "; ".join(f"{s.process.name}: {s.why().strip() if s.process.alive else 'ended'}" for s in self.services)
        logs = "\n".join(f"--- {s.process.name}\n{s.process.tail(15)}" for s in self.services)
        return f"{self.count()} Workflows, queue (visible, in flight, delayed) {self.queue.counts()}; {why}\n{logs}"

    def balance(self, sent: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
        """Compare what was sent with the parameters of the Workflows: (missing, more than once or never sent)."""
        wanted = Counter(sent)
        found = Counter(w["spec"]["arguments"]["parameters"][0]["value"] for w in self.workflows())
        return wanted - found, found - wanted

    def end(self) -> None:
        """End the services."""
        for service in self.services:
            service.process.stop(deadline=60)
