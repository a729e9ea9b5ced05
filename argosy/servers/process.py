"""A server as a child process: started until it is ready, stopped with a deadline, never left behind."""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from argosy.servers import reaper

# Below the range from which the systems take ports for outgoing connections. There a port that a stopped server keeps
# for its restart could be taken meanwhile, even by a client that connects to it and meets itself.
PORTS = range(20_000, 32_000)

_handed_out: set[int] = set()


class Unavailable(Exception):
    """This server cannot be had on this machine; the text says what is missing."""


class ServerError(Exception):
    """A server did not start or stop as it should; the text ends with the last lines of its log."""


def free_port() -> int:
    """Give a loopback port that nobody listens on, and each only once."""
    for port in random.sample(PORTS, len(PORTS)):
        if port in _handed_out:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            _handed_out.add(port)
            return port
    raise ServerError("no free port on 127.0.0.1")


def answers(url: str) -> bool:
    """Tell whether a plain HTTP address answers with success; the environment's proxies are not asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status < 300)  # noqa: PLR2004 - the end of the successes in HTTP
    except (OSError, http.client.HTTPException):
        return False


class Process:
    """One child process that leads a group of its own, so that Ctrl-C reaches it only through us."""

    def __init__(self, name: str, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None) -> None:
        """Take the command and its log file; `env` is added to our own environment."""
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.env = dict(env or {})
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of the running child."""
        return self._running().pid

    @property
    def alive(self) -> bool:
        """Whether the child runs (a suspended one does)."""
        return self._child is not None and self._child.poll() is None

    def start(self, ready: Callable[[], bool], *, deadline: float = 60.0) -> None:
        """Start it and wait until `ready` says so; a child that ends or is late is an error with its log."""
        if self.alive:
            raise ServerError(f"{self.name} runs already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.env},
                start_new_session=True,
            )
        reaper.watch(self._child.pid)
        try:
            self._wait_until(ready, deadline)
        except BaseException:
            self.kill()
            raise

    def _wait_until(self, ready: Callable[[], bool], deadline: float) -> None:
        end = time.monotonic() + deadline
        while not ready():
            code = self._running().poll()
            if code is not None:
                raise ServerError(f"{self.name} ended with {code} before it was ready:\n{self.tail()}")
            if time.monotonic() > end:
                raise ServerError(f"{self.name} was not ready within {deadline:g} s:\n{self.tail()}")
            time.sleep(0.02)

    def stop(self, *, deadline: float = 15.0) -> int | None:
        """Ask it to end (SIGTERM), make it end (SIGKILL) when the deadline is over; gives the exit code."""
        if self.alive:
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running().wait(deadline)
        return self.kill()

    def kill(self) -> int | None:
        """End it at once (SIGKILL), as a crash would; gives the exit code."""
        if self._child is None:
            return None
        self._signal(signal.SIGKILL)
        code = self._child.wait()
        reaper.forget(self._child.pid)
        self._child = None
        return code

    def suspend(self) -> None:
        """Let it hang (SIGSTOP): connections stay open and nothing answers. Returns when it has come to a stop."""
        self._signal(signal.SIGSTOP)
        with contextlib.suppress(ChildProcessError):  # it has ended
            os.waitid(os.P_PID, self._running().pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def tail(self, lines: int = 30) -> str:
        """Give the last lines of its log."""
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise ServerError(f"{self.name} does not run")
        return self._child

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it has just ended
            os.killpg(self._running().pid, number)


class Server:
    """What all servers here have in common: one process, a folder for its files, and `with`."""

    process: Process

    def start(self) -> None:
        """Start it, on the same port and with the same data each time; returns when it is ready."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it in good order; `start` brings it back."""
        self.process.stop()

    def kill(self) -> None:
        """End it as a crash would; `start` brings it back."""
        self.process.kill()

    def suspend(self) -> None:
        """Let it hang: connections stay open and nothing answers."""
        self.process.suspend()

    def resume(self) -> None:
        """Let it go on."""
        self.process.resume()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
