"""The rendered pods as processes: what the kubelet would do for them, on one machine and without an image.

Taken from the API server as they are: command, variables, and the ConfigMaps and Secrets that are mounted. Put in the place
of what one machine cannot give to several pods: a root for each pod's mounts, a port of its own for each that the pod listens
on, the address of a Service's pod for its name, and a kubeconfig with the ServiceAccount's token for the files that a pod has.
"""

import base64
import re
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.servers.apiserver import ApiServer
from argosy.servers.process import Process, answers, free_port
from tests.endtoend.rig import Service

IMAGE_ENV = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error"}
"""What docker/Dockerfile sets; and warnings are errors in tests."""
METRICS = 7777
_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


@dataclass
class Node:
    """One machine that runs the pods of one namespace. `names`: host:port that the cluster's DNS knows → host:port here."""

    kube: ApiServer
    namespace: str
    folder: Path
    names: dict[str, str] = field(default_factory=dict)

    def data(self, kind: str, name: str) -> dict[str, bytes]:
        """Read a ConfigMap or a Secret as the files that it would be mounted as."""
        data = self.kube.client.get(f"/api/v1/namespaces/{self.namespace}/{kind}/{name}").get("data") or {}
        return {key: base64.b64decode(value) if kind == "secrets" else value.encode() for key, value in data.items()}


class Pod(Service):
    """One pod with one container. What it reads is read when it is made, as long as it lives."""

    def __init__(self, node: Node, name: str, spec: Mapping[str, Any]) -> None:
        """Lay its mounts out; nothing runs yet."""
        self.node = node
        self.name = name
        self.spec = spec
        [self.container] = spec["containers"]
        self.root = node.folder / name
        self.ports = {port["containerPort"]: free_port() for port in self.container.get("ports", ())}
        self.port = self.ports.get(METRICS, 0)
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        for mount in self.container["volumeMounts"]:
            self._mount(mount["mountPath"], volumes.get(mount["name"], {}))
        self.process = Process(name, ["false"], log=node.folder / f"{name}.log")

    def start(self, *, wait: bool = True) -> None:
        """Start it; `wait`: until its readiness probe succeeds, else until its startup probe does."""
        self.process.command = self.command()
        self.process.start(lambda: self.ready("readinessProbe" if wait else "startupProbe"), deadline=60)

    def ready(self, probe: str = "readinessProbe") -> bool:
        """Probe it as the kubelet would."""
        get = self.container[probe]["httpGet"]
        port = next(port["containerPort"] for port in self.container["ports"] if port["name"] == get["port"])
        return answers(f"http://127.0.0.1:{self.ports[port]}{get['path']}")

    def run(self) -> tuple[int, str]:
        """Run a pod that is to end by itself; give its exit code and its log."""
        self.process.command = self.command()
        self.process.start(lambda: self.process._running().poll() is not None, deadline=60)
        return self.process._running().wait(), self.process.tail()

    def command(self) -> list[str]:
        """Give the command with nothing but the pod's own variables around it."""
        env = dict(self.env())
        program, *arguments = [_expanded(word, env) for word in self.container["command"]]
        found = Path(sysconfig.get_path("scripts")) / program
        return ["env", "-i", *(f"{name}={value}" for name, value in env.items()), str(found), *map(self.here, arguments)]

    def here(self, text: str) -> str:
        """Write a text of the pod's as it is on this machine: its folders, its ports, and the names that it uses."""
        paths = sorted((mount["mountPath"] for mount in self.container["volumeMounts"]), key=len, reverse=True)
        pattern = rf"(?<![\w./-])({'|'.join(map(re.escape, paths))})(?=[/\"'\s]|$)"
        text = re.sub(pattern, lambda match: f"{self.root}{match[1]}", text)
        for name, address in self.node.names.items():
            text = text.replace(name, address)
        for port, own in self.ports.items():
            text = text.replace(f"0.0.0.0:{port}", f"127.0.0.1:{own}")
        return text

    def translate(self, path: str) -> None:
        """Write a mounted file in the words of this machine: for a server that is told its folders and ports by it."""
        file = Path(f"{self.root}{path}")
        file.write_text(self.here(file.read_text()))

    # ------------------------------------------------------------------------------------------------- the kubelet's work

    def _mount(self, path: str, volume: Mapping[str, Any]) -> None:
        folder = Path(f"{self.root}{path}")
        folder.mkdir(parents=True, exist_ok=True)
        files: dict[str, bytes] = {}
        if "configMap" in volume:
            files = self.node.data("configmaps", volume["configMap"]["name"])
        elif "secret" in volume:
            files = self.node.data("secrets", volume["secret"]["secretName"])
        for key, content in files.items():
            (folder / key).write_bytes(content)

    def env(self) -> Iterator[tuple[str, str]]:
        """Give the variables of the container, each as it is on this machine."""
        env = dict(IMAGE_ENV)
        for source in self.container.get("envFrom", ()):
            env |= self._all_of(source)
        for entry in self.container["env"]:
            env[entry["name"]] = self._value(entry, env)
        for name, value in env.items():
            yield name, str(self.ports.get(METRICS, 0)) if name == "METRICS_PORT" else self.here(value)
        # Where the code looks by itself.
        yield "SECRETS_DIR", f"{self.root}/argo-events/secrets"
        yield "CONFIG_DIR", f"{self.root}/argo-events/config"
        if self.spec["automountServiceAccountToken"]:
            yield "KUBECONFIG", str(self._kubeconfig())

    def _all_of(self, source: Mapping[str, Any]) -> dict[str, str]:
        kind, of = ("secrets", "secretRef") if "secretRef" in source else ("configmaps", "configMapRef")
        return {key: value.decode() for key, value in self.node.data(kind, source[of]["name"]).items()}

    def _value(self, entry: Mapping[str, Any], env: Mapping[str, str]) -> str:
        source = entry.get("valueFrom")
        if source is None:
            return _expanded(entry.get("value", ""), env)
        if "fieldRef" in source:
            return {"metadata.name": self.name, "metadata.namespace": self.node.namespace}[source["fieldRef"]["fieldPath"]]
        kind, of = ("secrets", "secretKeyRef") if "secretKeyRef" in source else ("configmaps", "configMapKeyRef")
        return self.node.data(kind, source[of]["name"])[source[of]["key"]].decode()

    def _kubeconfig(self) -> Path:
        """Give the token that the kubelet would ask for: of the account that exists, by TokenRequest."""
        accounts = f"/api/v1/namespaces/{self.node.namespace}/serviceaccounts/{self.spec['serviceAccountName']}"
        answer = self.node.kube.client.create(f"{accounts}/token", {"spec": {"expirationSeconds": 3600}})
        path = self.root / "kubeconfig"
        return self.node.kube.kubeconfig(path, token=answer["status"]["token"], namespace=self.node.namespace)


def _expanded(text: str, env: Mapping[str, str]) -> str:
    """Put variables in the place of `$(NAME)`, as the kubelet does: one that is not known stays as it is."""
    return _REFERENCE.sub(lambda match: env.get(match[1], match[0]), text)
