"""A bus of three nodes, each of which can be killed, frozen and cut off from the others."""

from pathlib import Path
from types import TracebackType
from typing import Self

from argosy.servers.nats import NatsServer
from argosy.servers.process import free_port
from tests.chaos.links import place
from tests.servers.natscluster import NatsCluster
from tests.servers.toxiproxy import Proxy, Toxiproxy

_NOWHERE = "127.0.0.1:1"
"""What each node tells the others about itself: they know each other by their proxies alone."""


class Nodes(NatsCluster):
    """Each node reaches each other one through a proxy of its own, so that a cut node is alone and goes on working."""

    def __init__(self, folder: Path, toxiproxy: Path, *, config: str = "") -> None:
        """Prepare the nodes; nothing runs yet."""
        super().__init__(folder)
        self._toxiproxy = Toxiproxy(toxiproxy, folder / "routes")
        self._ports = {name: free_port() for name in self.servers}
        pairs = [(here, there) for here in self.servers for there in self.servers if here != there]
        self._routes = {pair: Proxy(self._toxiproxy, free_port()) for pair in pairs}
        for name, server in self.servers.items():
            routes = ", ".join(f'"nats://{proxy.address}"' for (here, _), proxy in self._routes.items() if here == name)
            listen = f'listen: "127.0.0.1:{self._ports[name]}", advertise: "{_NOWHERE}", no_advertise: true'
            server.config = f"cluster {{ name: c, {listen}, routes: [{routes}] }}\nserver_name: {name}\n{config}"

    @property
    def members(self) -> list[NatsServer]:
        """The nodes."""
        return list(self.servers.values())

    def start(self) -> None:
        """Start all that do not run; returns when each is ready."""
        if not self._toxiproxy.process.alive:
            self._toxiproxy.start()
            for (_, there), proxy in self._routes.items():
                place(self._toxiproxy, proxy, self._ports[there])
        super().start()

    def suspend(self) -> None:
        """Let all hang."""
        for server in self.members:
            server.suspend()

    def resume(self) -> None:
        """Let all go on."""
        for server in self.members:
            server.resume()

    def isolate(self, name: str) -> None:
        """Cut one node off from the others."""
        for pair, proxy in self._routes.items():
            if name in pair:
                proxy.cut()

    def join(self, name: str) -> None:
        """Connect it with them again."""
        for pair, proxy in self._routes.items():
            if name in pair:
                proxy.restore()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        self._toxiproxy.kill()
