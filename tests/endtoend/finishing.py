"""What stands in for Argo's controller at speed: it finishes Workflows after a time that varies, and keeps their history.

The history is what one watch tells, in the order of the API server's versions and without a gap, so the most that it shows is
exact and not a sample.
"""

# ruff: noqa: ANN401 - objects of Kubernetes are any JSON

import asyncio
import contextlib
import json
import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp

from argosy.servers.kubeclient import WORKFLOWS
from tests.endtoend.rig import Rig
from tests.integration.sensor.controller import FAILED, LABELLED

SHORTEST, LONGEST = 0.02, 0.4
"""Seconds that a Workflow takes."""
STALLED = 120.0
"""Seconds without any change after which nothing is waited for any more, however slow the machine may be."""


class History:
    """Which Workflows came, with which parameter, and how many were unfinished at a time."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.values: Counter[str] = Counter()
        self.unfinished: set[str] = set()
        self.made = 0
        self.finished = 0
        self.most = 0

    def heard(self, kind: str, found: Any) -> bool:
        """Take one change in the order of the server; says whether a Workflow is new."""
        name, is_new = found["metadata"]["name"], kind == "ADDED"
        if is_new:
            self.values[found["spec"]["arguments"]["parameters"][0]["value"]] += 1
            self.made += 1
            self.unfinished.add(name)
            self.most = max(self.most, len(self.unfinished))
        elif name in self.unfinished and (kind == "DELETED" or (found.get("status") or {}).get("phase")):
            self.unfinished.discard(name)
            self.finished += 1
        return is_new


class Controller:
    """Watches from the first moment, and finishes from `begin` on: in turn by label and phase, and by phase alone."""

    def __init__(self, rig: Rig, *, seed: int = 7) -> None:
        """Take what is to be looked after."""
        self.history = History()
        self.fault: BaseException | None = None
        self._rig = rig
        self._draw = random.Random(seed)
        self._path = f"{WORKFLOWS}/namespaces/{rig.namespace}/workflows"
        self._loop = asyncio.new_event_loop()
        self._begun, self._stop = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="controller")

    @contextlib.contextmanager
    def at_work(self) -> Iterator["Controller"]:
        """Watch, from this moment on."""
        version = str(self._rig.kube.client.get(f"{self._path}?limit=1")["metadata"]["resourceVersion"])
        self._version = version
        self._thread.start()
        try:
            yield self
        finally:
            with contextlib.suppress(RuntimeError):  # it has ended with a fault
                self._loop.call_soon_threadsafe(self._stop.set)
                self._loop.call_soon_threadsafe(self._begun.set)
            self._thread.join()

    def begin(self) -> None:
        """Let Workflows finish."""
        self._loop.call_soon_threadsafe(self._begun.set)

    def until(self, what: str, true: Callable[[], bool]) -> None:
        """Wait for as long as Workflows come or finish: only standing still fails."""
        last, since = (-1, -1), time.monotonic()
        while not true():
            now = self.history.made, self.history.finished
            if now != last:
                last, since = now, time.monotonic()
            if self.fault:
                raise self.fault
            assert time.monotonic() - since < STALLED, f"{what}: (made, finished) stand at {now}; {self._rig.story()}"
            time.sleep(0.1)

    # ------------------------------------------------------------------------------------------------- in its own thread

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            try:
                self._loop.run_until_complete(self._work())
            except BaseException as error:  # noqa: BLE001 - told by the thread that waits
                self.fault = error

    async def _work(self) -> None:
        kube = self._rig.kube
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(kube.ca_file)), limit=0)
        login = {"Authorization": f"Bearer {kube.admin_token}"}
        session = aiohttp.ClientSession(kube.url, connector=connector, headers=login)
        async with session, asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(self._watch(session, tasks))
            await self._stop.wait()
            watch.cancel()

    async def _watch(self, session: aiohttp.ClientSession, tasks: asyncio.TaskGroup) -> None:
        """Hear of everything; a watch that ends goes on where it was."""
        while True:
            query = {"watch": "1", "timeoutSeconds": "60", "allowWatchBookmarks": "true", "resourceVersion": self._version}
            timeout = aiohttp.ClientTimeout(total=None, sock_read=90)
            with contextlib.suppress(aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                async with session.get(self._path, params=query, timeout=timeout, raise_for_status=True) as lines:
                    try:
                        async for line in lines.content:
                            self._heard(session, tasks, json.loads(line))
                    finally:
                        if lines.connection and lines.connection.transport:
                            # The goodbye of TLS would outlive the loop.
                            lines.connection.transport.abort()

    def _heard(self, session: aiohttp.ClientSession, tasks: asyncio.TaskGroup, change: Any) -> None:
        kind, found = change["type"], change["object"]
        assert kind != "ERROR", f"the history has a gap: {found}"
        self._version = found["metadata"]["resourceVersion"]
        if kind != "BOOKMARK" and self.history.heard(kind, found):
            how = LABELLED if self.history.made % 2 else FAILED
            tasks.create_task(self._finish(session, found["metadata"]["name"], how, self._draw.uniform(SHORTEST, LONGEST)))

    async def _finish(self, session: aiohttp.ClientSession, name: str, how: Any, seconds: float) -> None:
        await self._begun.wait()
        await asyncio.sleep(seconds)
        headers = {"Content-Type": "application/merge-patch+json"}
        while not self._stop.is_set():
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.patch(f"{self._path}/{name}", json=how, headers=headers, raise_for_status=True):
                    return
            await asyncio.sleep(0.5)
