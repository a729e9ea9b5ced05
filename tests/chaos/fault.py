"""What a fault is: it starts, and gives back what heals it; `touches` tells which two cannot be on at the same time."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.chaos.world import World

Heal = Callable[[], None]
Start = Callable[[World, random.Random], Heal]
SOURCES, SENSORS, BUS, API, SQS = "sources", "sensors", "bus", "api", "sqs"
LINKS = {
    "sqs": "sources to SQS",
    "source-bus": "sources to bus",
    "sensor-bus": "sensors to bus",
    "api": "sensors to API server",
}
"""Every way between two parts, and what it is called."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault: `start` puts it on and gives what heals it. `longest`: seconds after which it is healed."""

    name: str
    tells: str
    touches: frozenset[str]
    start: Start
    longest: float = 15.0


def fault(name: str, tells: str, touches: Sequence[str], start: Start, longest: float = 15.0) -> Fault:
    """Make one."""
    return Fault(name, tells, frozenset(touches), start, longest)


def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait for something, but not for ever: under other faults it may not come."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
