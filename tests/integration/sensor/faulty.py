"""A proxy before the API server that spoils a share of the calls at random, with a seed."""

import http.client
import random
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

from tests.integration.sensor.rig import Rig

KINDS = ("429", "500", "503", "cut before", "cut after")


class Faulty(ThreadingHTTPServer):
    """Plain HTTP in front, the API server behind. `spoiled` counts what was done to the calls."""

    def __init__(self, rig: Rig, share: float, seed: int) -> None:
        """Listen on a free port."""
        self.share = share
        self.spoiled: Counter[str] = Counter()
        self.behind = rig.kube.port
        self.context = ssl.create_default_context(cafile=str(rig.kube.ca_file))
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def fate(self) -> str:
        """Draw what becomes of a call; empty: it goes well."""
        with self._lock:
            fate = self._random.choice(KINDS) if self._random.random() < self.share else ""
            self.spoiled[fate] += 1
            return fate

    def kubeconfig(self, rig: Rig) -> Path:
        """Write a kubeconfig that leads here."""
        document = yaml.safe_load(Path(rig.kubeconfig()).read_text())
        document["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{self.server_port}"}
        path = rig.folder / "faulty-kubeconfig"
        path.write_text(yaml.safe_dump(document))
        return path

    def handle_error(self, *_: object) -> None:
        """Say nothing about connections that were cut."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Faulty

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fate = self.server.fate() if self.command == "POST" and "workflows" in self.path else ""
        if fate.isdigit():
            self._answer(int(fate), b"spoiled", {"Retry-After": "0.2"} if fate == "429" else {})
            return
        if fate == "cut before":
            self.close_connection = True
            return
        behind = http.client.HTTPSConnection("127.0.0.1", self.server.behind, context=self.server.context, timeout=30)
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type", "Accept") if name in self.headers}
        behind.request(self.command, self.path, body, headers)
        answer = behind.getresponse()
        content = answer.read()
        behind.close()
        if fate == "cut after":
            self.close_connection = True
            return
        self._answer(answer.status, content, {"Content-Type": answer.headers["Content-Type"] or "application/json"})

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _pass  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Be silent."""


@contextmanager
def spoiling(rig: Rig, share: float, seed: int) -> Iterator[Faulty]:
    """Run the proxy."""
    rig.kubeconfig()
    with Faulty(rig, share, seed) as faulty:
        thread = threading.Thread(target=faulty.serve_forever, daemon=True)
        thread.start()
        yield faulty
        faulty.shutdown()
        thread.join()
