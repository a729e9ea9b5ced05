"""Toxiproxy: a TCP proxy whose connections are cut, slowed and swallowed at a test's word."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from argosy.servers.process import Process, Server, answers, free_port


class Toxiproxy(Server):
    """The proxy server on a free loopback port; `proxy` puts one in front of a server."""

    def __init__(self, program: Path, folder: Path) -> None:
        """Prepare the server; nothing runs yet."""
        self._port = free_port()
        command = [program, "-host", "127.0.0.1", "-port", str(self._port)]
        self.process = Process("toxiproxy", command, log=folder / "toxiproxy.log")

    def start(self) -> None:
        """Start it; returns when it answers."""
        self.process.start(lambda: answers(f"http://127.0.0.1:{self._port}/version"))

    def proxy(self, port: int) -> "Proxy":
        """Put a proxy in front of a loopback port."""
        proxy = Proxy(self, free_port())
        self.call("POST", "/proxies", name=proxy.name, listen=f"127.0.0.1:{proxy.port}", upstream=f"127.0.0.1:{port}")
        return proxy

    def call(self, method: str, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        """Make one call of its HTTP interface."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}", data=json.dumps(body).encode() if body else None, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


class Proxy:
    """One proxy: clients connect to `port`. Each toxic gives its name, by which `remove` takes it away again."""

    def __init__(self, server: Toxiproxy, port: int) -> None:
        """Name the proxy after its port; `Toxiproxy.proxy` makes it."""
        self.port = port
        self.name = f"p{port}"
        self._server = server
        self._toxics = 0

    @property
    def address(self) -> str:
        """Host and port, as in `nats://{address}`."""
        return f"127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Close every connection and refuse new ones."""
        self._server.call("POST", f"/proxies/{self.name}", enabled=False)

    def restore(self) -> None:
        """Let connections through again."""
        self._server.call("POST", f"/proxies/{self.name}", enabled=True)

    def latency(self, milliseconds: int, *, jitter: int = 0, stream: str = "downstream") -> str:
        """Delay all data by this time."""
        return self.add("latency", stream=stream, latency=milliseconds, jitter=jitter)

    def timeout(self, milliseconds: int = 0, *, stream: str = "downstream") -> str:
        """Swallow all data, and close the connection after this time (0: never)."""
        return self.add("timeout", stream=stream, timeout=milliseconds)

    def reset_peer(self, milliseconds: int = 0, *, stream: str = "downstream") -> str:
        """Reset each connection (RST) after this time."""
        return self.add("reset_peer", stream=stream, timeout=milliseconds)

    def limit_data(self, count: int, *, stream: str = "downstream") -> str:
        """Close each connection after this many bytes, in the middle of an answer if need be."""
        return self.add("limit_data", stream=stream, bytes=count)

    def add(self, kind: str, *, stream: str = "downstream", toxicity: float = 1.0, **attributes: int) -> str:
        """Add any toxic, to the answers (downstream) or to the requests (upstream)."""
        self._toxics += 1
        name = f"{kind}-{self._toxics}"
        self._server.call(
            "POST",
            f"/proxies/{self.name}/toxics",
            name=name,
            type=kind,
            stream=stream,
            toxicity=toxicity,
            attributes=attributes,
        )
        return name

    def remove(self, toxic: str) -> None:
        """Take one toxic away."""
        self._server.call("DELETE", f"/proxies/{self.name}/toxics/{toxic}")

    def clear(self) -> None:
        """Take all toxics away and let connections through."""
        for toxic in self._server.call("GET", f"/proxies/{self.name}/toxics"):
            self.remove(toxic["name"])
        self.restore()

    def delete(self) -> None:
        """Take the proxy itself away."""
        self._server.call("DELETE", f"/proxies/{self.name}")
