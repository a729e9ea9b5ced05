"""The child that outlives its parent: however the parent dies, the servers that it left behind are ended.

An `atexit` hook does not run after `os._exit` or SIGKILL, and the parent-death signal of Linux follows a thread rather
than a process. A pipe that closes is told to the other end in every case.
"""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE = 3.0

_reaper: subprocess.Popen[bytes] | None = None


def watch(pid: int) -> None:
    """Have the process group that this child leads ended when we are gone."""
    _tell(f"+{pid}\n")


def forget(pid: int) -> None:
    """Take a child back that has ended: its number may soon be somebody else's."""
    _tell(f"-{pid}\n")


def _tell(line: str) -> None:
    global _reaper  # noqa: PLW0603 - one reaper a process
    if _reaper is None:
        command = [sys.executable, "-I", str(Path(__file__))]
        _reaper = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        atexit.register(_dismiss, _reaper)
    assert _reaper.stdin is not None  # noqa: S101 - a pipe was asked for
    with contextlib.suppress(BrokenPipeError):
        os.write(_reaper.stdin.fileno(), line.encode())


def _dismiss(reaper: subprocess.Popen[bytes]) -> None:
    assert reaper.stdin is not None  # noqa: S101 - a pipe was asked for
    reaper.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        reaper.wait(2 * GRACE)


def _signal(pids: set[int], number: signal.Signals) -> set[int]:
    """Send a signal to process groups and say which of them still exist."""
    left = set()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
            left.add(pid)
    return left


def main() -> None:
    """Keep the list until the pipe closes, then end what is left on it."""
    pids: set[int] = set()
    for line in sys.stdin:
        (pids.add if line[0] == "+" else pids.discard)(int(line[1:]))
    left = _signal(_signal(pids, signal.SIGTERM), signal.SIGCONT)
    end = time.monotonic() + GRACE
    while left and time.monotonic() < end:
        time.sleep(0.05)
        left = _signal(left, signal.SIGCONT)
    _signal(left, signal.SIGKILL)


if __name__ == "__main__":
    main()
