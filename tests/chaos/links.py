"""A way between two parts that faults can be put on: a Toxiproxy of its own, with one proxy for each port it leads to."""

from collections.abc import Sequence
from pathlib import Path

from argosy.servers.process import free_port
from tests.servers.toxiproxy import Proxy, Toxiproxy


class Link:
    """The proxies in front of one server, or of each node of one; what is put on one is put on all.

    Toxiproxy hangs now and then when a toxic is taken away whose connection has just died. Then it is started anew: to the
    parts on both sides that is a cut connection.
    """

    def __init__(self, program: Path, folder: Path, *ports: int) -> None:
        """Prepare the link to these ports; nothing runs yet."""
        self._toxiproxy = Toxiproxy(program, folder)
        self._ports = ports
        self.proxies = [Proxy(self._toxiproxy, free_port()) for _ in ports]

    @property
    def addresses(self) -> Sequence[str]:
        """Host and port of each."""
        return [proxy.address for proxy in self.proxies]

    def start(self) -> None:
        """Start it."""
        self._toxiproxy.start()
        for proxy, port in zip(self.proxies, self._ports, strict=True):
            place(self._toxiproxy, proxy, port)

    def end(self) -> None:
        """End it."""
        self._toxiproxy.kill()

    def cut(self) -> None:
        """Close every connection and refuse new ones."""
        for proxy in self.proxies:
            proxy.cut()

    def restore(self) -> None:
        """Let connections through again."""
        for proxy in self.proxies:
            proxy.restore()

    def latency(self, milliseconds: int, *, jitter: int = 0, stream: str = "downstream") -> str:
        """Delay all data by this time; gives the toxic's name, as all below do."""
        return _same([proxy.latency(milliseconds, jitter=jitter, stream=stream) for proxy in self.proxies])

    def timeout(self, *, stream: str = "downstream") -> str:
        """Swallow all data; connections stay open."""
        return _same([proxy.timeout(stream=stream) for proxy in self.proxies])

    def limit_data(self, count: int) -> str:
        """Close each connection after this many bytes of answers."""
        return _same([proxy.limit_data(count) for proxy in self.proxies])

    def remove(self, toxic: str) -> None:
        """Take one toxic away."""
        try:
            for proxy in self.proxies:
                proxy.remove(toxic)
        except OSError:
            self.end()
            self.start()


def place(toxiproxy: Toxiproxy, proxy: Proxy, port: int) -> None:
    """Put a proxy, whose own port is known before, in front of a port."""
    toxiproxy.call("POST", "/proxies", name=proxy.name, listen=proxy.address, upstream=f"127.0.0.1:{port}")


def _same(names: list[str]) -> str:
    """Give the name that a toxic has on all proxies: they are always put on together."""
    (name,) = set(names)
    return name
