"""What all benchmarks have in common: a process watched from outside, medians with their spread, and a table."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU seconds that a process has used so far, and the most memory it ever had, in MiB."""

    cpu: float
    high_water: float


def usage(pid: int) -> Usage:
    """Read what the kernel knows about a process."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return Usage((int(stat[11]) + int(stat[12])) / TICK, int(peak.split()[1]) / 1024)


@dataclass(frozen=True)
class Figure:
    """The runs of one measurement."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The run in the middle."""
        return statistics.median(self.values)

    def show(self, digits: int = 0) -> str:
        """Write the median with the least and the most."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def until(what: str, true: Callable[[], bool], seconds: float, every: float = 0.02) -> None:
    """Wait until something is true; too late is an error that says what was waited for."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(every)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table as Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
