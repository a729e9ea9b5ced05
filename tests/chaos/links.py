"""A way between two parts that faults can be put on: a Toxiproxy of its own, with one proxy."""

from pathlib import Path

from argosy.servers.process import free_port
from tests.servers.toxiproxy import Proxy, Toxiproxy


class Link(Proxy):
    """The proxy in front of one port.

    Toxiproxy hangs now and then when a toxic is taken away whose connection has just died. Then it is started anew: to the
    parts on both sides that is a cut connection.
    """

    def __init__(self, program: Path, folder: Path, port: int) -> None:
        """Prepare the link to this port; nothing runs yet."""
        self._toxiproxy = Toxiproxy(program, folder)
        super().__init__(self._toxiproxy, free_port())
        self._upstream = port

    def start(self) -> None:
        """Start it."""
        self._toxiproxy.start()
        proxy = {"name": self.name, "listen": self.address, "upstream": f"127.0.0.1:{self._upstream}"}
        self._toxiproxy.call("POST", "/proxies", **proxy)

    def end(self) -> None:
        """End it."""
        self._toxiproxy.kill()

    def remove(self, toxic: str) -> None:
        """Take one toxic away."""
        try:
            super().remove(toxic)
        except OSError:
            self.end()
            self.start()
