"""The child processes of the demo that are ours: both services, and the stand-in for the Kubernetes API."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Self

import yaml

from argosy.demo.queue import KEY
from argosy.servers.process import Process, Server, answers, free_port
from common.settings import BusSettings, PodSettings, documented
from eventsource.settings import EventSourceSettings
from sensor.settings import SensorSettings

NAMESPACE = "argosy-demo"
DOCUMENTS = Path(str(resources.files("argosy.demo") / "documents"))
READY_WITHIN = 40.0
"""Seconds that a service may take to become ready; it is 1 or 2 on a machine that has nothing else to do."""


class StandIn(Server):
    """The stand-in for the Kubernetes API, as a child process."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "argosy.demo.standin", "--port", str(self.port)]
        self.process = Process("the stand-in for the Kubernetes API", command, log=folder / "standin.log")

    def start(self) -> None:
        """Start it; returns when it answers."""
        self.process.start(lambda: answers(f"{self.url}/readyz"))

    def kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig for it."""
        cluster = {"name": "stand-in", "cluster": {"server": self.url}}
        context = {"name": "stand-in", "context": {"cluster": "stand-in", "user": "nobody"}}
        document = {"apiVersion": "v1", "kind": "Config", "current-context": "stand-in", "clusters": [cluster]}
        path.write_text(yaml.safe_dump({**document, "contexts": [context], "users": [{"name": "nobody", "user": {}}]}))
        return path


@dataclass
class Service:
    """One of the two services, as a child process, with its pages on a port of its own."""

    name: str
    process: Process
    port: int

    @classmethod
    def of(cls, name: str, folder: Path, environment: Mapping[str, str]) -> Self:
        """Prepare a service: `python -m <name>`, nothing of our own environment that would configure it."""
        port = free_port()
        own = {"METRICS_PORT": str(port), "POD_NAME": f"demo-{name}", "POD_NAMESPACE": NAMESPACE}
        env = {**_unset(), **own, **environment}
        return cls(name, Process(name, [sys.executable, "-m", name], log=folder / f"{name}.log", env=env), port)

    @property
    def url(self) -> str:
        """The page that a person can read."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it; returns when it says that it is ready."""
        self.process.start(lambda: answers(f"{self.url}readyz"), deadline=READY_WITHIN)


def _unset() -> dict[str, str]:
    """Give every variable that would configure a service, empty: the demo is about the documents alone."""
    groups = (PodSettings, BusSettings, EventSourceSettings, SensorSettings)
    return {name: "" for names, _, _ in documented(*groups).values() for name in names.split(", ")}


def eventsource(nats: str, endpoint: str, folder: Path) -> Service:
    """Give the event source, on the example document, at this endpoint of SQS."""
    # A profile of the user's would be looked for in vain, or found.
    profile = folder / "aws"
    profile.write_text("[default]\n")
    environment = {
        "NATS_URL": nats,
        "EVENTSOURCE_FILE": str(DOCUMENTS / "eventsource.yaml"),
        "AWS_ENDPOINT_URL_SQS": endpoint,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_SESSION_TOKEN": "",
        "AWS_PROFILE": "default",
        "AWS_CONFIG_FILE": str(profile),
        "AWS_SHARED_CREDENTIALS_FILE": str(profile),
        **_direct(),
    }
    return Service.of("eventsource", folder, environment)


def sensor(nats: str, kubeconfig: Path, folder: Path) -> Service:
    """Give the sensor, on the example document, with this way to a Kubernetes API."""
    environment = {
        "NATS_URL": nats,
        "SENSOR_FILE": str(DOCUMENTS / "sensor.yaml"),
        "KUBECONFIG": str(kubeconfig),
        **_direct(),
    }
    return Service.of("sensor", folder, environment)


def _direct() -> dict[str, str]:
    """Let nobody ask a proxy for what is on this machine."""
    known = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1,localhost")))
    return {"NO_PROXY": known, "no_proxy": known}
