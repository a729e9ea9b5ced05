"""What functions may know of the world around them: the time, chance, and, only if a setting says so, the environment."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ambient:
    """The world as functions see it.

    `now`: nanoseconds since 1970. `random`: so many random bytes. `environment`: what `env` reads; None refuses it.
    `resolve`: the addresses of a host for `getHostByName`; None refuses it. `tick`: seconds that never jump, for time limits.
    """

    now: Callable[[], int]
    random: Callable[[int], bytes]
    environment: Mapping[str, str] | None = None
    resolve: Callable[[str], list[str]] | None = None
    tick: Callable[[], float] = time.monotonic


SYSTEM = Ambient(now=time.time_ns, random=os.urandom)
