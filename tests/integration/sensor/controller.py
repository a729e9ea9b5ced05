"""What stands in for Argo's controller: it finishes Workflows after a while, and keeps the history of how many were unfinished.

The history is the API server's own, in the order of its versions, so the most that it shows is exact and not a sample.
"""

# ruff: noqa: ANN401 - objects of Kubernetes are any JSON

import contextlib
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from argosy.servers.kubeclient import KubeError
from tests.integration.sensor.rig import Rig

LABELLED = {"metadata": {"labels": {"workflows.argoproj.io/completed": "true"}}, "status": {"phase": "Succeeded"}}
FAILED = {"status": {"phase": "Failed"}}


class Controller:
    """Finishes each Workflow so many seconds after it came: in turn by label and phase, by phase alone, and by deletion."""

    def __init__(self, rig: Rig, seconds: float) -> None:
        """Take what is to be looked after."""
        self.most = 0
        self.created = 0
        self._unfinished: set[str] = set()
        self._due: list[tuple[float, str, int]] = []
        self._rig = rig
        self._seconds = seconds
        self._stop = threading.Event()
        self._version = ""

    @property
    def unfinished(self) -> int:
        """How many are unfinished."""
        return len(self._unfinished)

    def _watch(self) -> None:
        client, version = self._rig.kube.client, self._version
        while not self._stop.is_set():
            query = f"?watch=1&timeoutSeconds=2&resourceVersion={version}"
            request = urllib.request.Request(  # noqa: S310 - always https://127.0.0.1
                client.url + self._rig.path + query,
                headers={"Authorization": f"Bearer {client._token}"},
            )
            with client._opener.open(request, timeout=10) as lines:
                for line in lines:
                    version = self._heard(json.loads(line), version)

    def _heard(self, event: Any, version: str) -> str:
        found = event["object"]
        name = found["metadata"]["name"]
        if event["type"] == "ADDED":
            self._due.append((time.monotonic() + self._seconds, name, self.created))
            self.created += 1
            self._unfinished.add(name)
            self.most = max(self.most, len(self._unfinished))
        elif event["type"] == "DELETED" or (found.get("status") or {}).get("phase"):
            self._unfinished.discard(name)
        return str(found["metadata"]["resourceVersion"]) or version

    def _finish(self) -> None:
        while not self._stop.wait(0.02):
            while self._due and self._due[0][0] <= time.monotonic():
                _, name, number = self._due.pop(0)
                with contextlib.suppress(KubeError):
                    if number % 3 == 2:
                        self._rig.kube.client.delete(f"{self._rig.path}/{name}")
                    else:
                        self._rig.kube.client.patch(f"{self._rig.path}/{name}", LABELLED if number % 3 else FAILED)

    @contextlib.contextmanager
    def at_work(self) -> Iterator["Controller"]:
        """Work, from this moment on."""
        self._version = str(self._rig.kube.client.get(self._rig.path)["metadata"]["resourceVersion"])
        threads = [threading.Thread(target=target, daemon=True) for target in (self._watch, self._finish)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(10)
