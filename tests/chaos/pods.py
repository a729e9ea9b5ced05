"""One pod of either service as a child process, which is killed, frozen and rolled like a pod."""

import http.client
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from argosy.servers.process import Process, answers, free_port

GRACE = 60.0
"""Seconds that a pod may take to end after SIGTERM."""


class Pod:
    """One replica. `meant_up` tells whether it should run now: one that ends while it should has restarted by itself."""

    def __init__(self, kind: str, number: int, folder: Path, environment: Mapping[str, str]) -> None:
        """Prepare it; nothing runs yet."""
        self.name = f"{kind}-{number}"
        self.kind = kind
        self.port = free_port()
        self.meant_up = False
        common = {"METRICS_PORT": str(self.port), "POD_NAME": self.name, "PYTHONWARNINGS": "error", "LOG_LEVEL": "debug"}
        command = [sys.executable, "-m", kind]
        self.process = Process(self.name, command, log=folder / f"{self.name}.log", env={**common, **environment})

    def start(self) -> None:
        """Start it unless it runs; it becomes ready in its own time."""
        if not self.process.alive:
            self.process.start(lambda: True)
        self.meant_up = True

    def kill(self) -> None:
        """End it at once."""
        self.meant_up = False
        self.process.kill()

    def stop(self) -> int | None:
        """End it as a rolling restart does, and give its exit code (0: in good order and in time)."""
        self.meant_up = False
        return self.process.stop(deadline=GRACE)

    def lives(self) -> bool:
        """Ask it whether it lives."""
        return answers(f"http://127.0.0.1:{self.port}/livez")

    def ready(self) -> bool:
        """Ask it whether it is ready."""
        return answers(f"http://127.0.0.1:{self.port}/readyz")

    def read(self, path: str, timeout: float = 1.0) -> tuple[int, str]:
        """Read one of its pages: status and text; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=timeout) as answer:
                return int(answer.status), str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
