"""moto, an emulator of AWS in Python: correct rather than fast, good for a hundred messages."""

import importlib.util
import sys
from pathlib import Path

from argosy.servers.process import Process, Server, Unavailable, answers, free_port


class MotoServer(Server):
    """moto's server on a free loopback port; what it holds is gone when it ends."""

    def __init__(self, folder: Path) -> None:
        """Prepare the server with a folder for its log; nothing runs yet."""
        if importlib.util.find_spec("moto") is None:
            raise Unavailable("moto is not installed: pip install 'argosy[demo]'")
        self.port = free_port()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = Process("moto", command, log=folder / "moto.log")

    @property
    def endpoint_url(self) -> str:
        """What AWS clients take as their endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; returns when it answers."""
        self.process.start(lambda: answers(f"{self.endpoint_url}/moto-api/data.json"))
