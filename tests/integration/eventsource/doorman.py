"""A doorman before SQS: it lets calls through, or refuses those that it was told to, as IAM does."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_HOP = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


@dataclass
class Doorman:
    """Stands before an emulator; `denied` may be changed at any time."""

    upstream: str
    denied: set[str] = field(default_factory=set)
    """Actions of SQS, as `ReceiveMessage`."""
    refused: int = 0
    """How many calls were refused."""
    endpoint: str = ""

    @contextmanager
    def standing(self) -> Iterator["Doorman"]:
        """Stand there until the end of the block."""
        doorman = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:  # the name that the library calls
                status, headers, body = doorman.answer(self)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            self.endpoint = f"http://127.0.0.1:{server.server_port}"
            Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            yield self
            server.shutdown()

    def answer(self, request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        """Give status, headers and body for one call."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        action = request.headers["X-Amz-Target"].rpartition(".")[2]
        if action in self.denied:
            self.refused += 1
            fault = {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": f"no permission for {action}"}
            return 403, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(fault).encode()
        onward = urllib.request.Request(self.upstream + request.path, data=body, headers=dict(request.headers.items()))  # noqa: S310 - http on loopback
        try:
            with urllib.request.urlopen(onward, timeout=30) as answer:  # noqa: S310 - http on loopback
                return answer.status, _kept(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _kept(error.headers), error.read()


def _kept(headers: object) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP}  # type: ignore[attr-defined]
