"""Three NATS servers that know each other."""

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nats
import nats.errors

from argosy.servers.nats import NatsServer
from argosy.servers.process import ServerError, answers, free_port


class NatsCluster:
    """`config` is added to the configuration of each server; `login` is what the test's own connections need."""

    def __init__(self, folder: Path, *, config: str = "", jetstream: str = "", **login: Any) -> None:  # noqa: ANN401
        """Prepare the servers; nothing runs yet."""
        ports = [free_port() for _ in range(3)]
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in ports)
        route = f'cluster {{ name: c, listen: "127.0.0.1:%d", routes: [{routes}] }}'
        self.login = login
        self.servers = {
            f"n{number}": NatsServer(
                folder / f"n{number}",
                config=f"{route % port}\nserver_name: n{number}\n{config}",
                jetstream=jetstream,
            )
            for number, port in enumerate(ports)
        }

    @property
    def url(self) -> str:
        """Where clients connect: all three."""
        return ",".join(server.url for server in self.servers.values())

    def start(self) -> None:
        """Start all of them at once: none is ready alone."""
        with ThreadPoolExecutor() as threads:
            list(threads.map(NatsServer.start, self.servers.values()))

    def kill(self) -> None:
        """Kill all of them."""
        for server in self.servers.values():
            server.process.kill()

    def kill_leader(self, stream: str) -> str:
        """Kill the server that leads a stream, and start it again at once as Kubernetes does; gives its name."""
        name = self.leader(stream)
        leader = self.servers[name]
        leader.process.kill()
        leader.process.start(lambda: True)
        return name

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until all of them have everything."""
        end = time.monotonic() + seconds
        while not all(answers(f"{server.monitor_url}/healthz") for server in self.servers.values()):
            if time.monotonic() > end:
                raise ServerError(f"the cluster was not healthy within {seconds:g} s")
            time.sleep(0.1)

    def leader(self, stream: str, seconds: float = 30.0) -> str:
        """Give the name of the server that leads a stream."""
        return asyncio.run(asyncio.wait_for(self._leader(stream), seconds))

    async def _leader(self, stream: str) -> str:
        client = await nats.connect(self.url.split(","), **self.login)
        try:
            while True:
                with contextlib.suppress(nats.errors.Error, TimeoutError):  # nobody answers while a leader is chosen
                    info = await client.jetstream().stream_info(stream)
                    if info.cluster and info.cluster.leader:
                        return info.cluster.leader
                await asyncio.sleep(0.1)
        finally:
            await client.close()
