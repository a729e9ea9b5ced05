"""How much a template may do: no text that a user writes, and no document that a stranger sends, may hold the sensor up."""

from collections.abc import Callable
from dataclasses import dataclass

from sensor.templates.errors import Fault


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one rendering may take. `depth`: templates within templates."""

    output: int = 4 << 20
    steps: int = 200_000
    seconds: float = 2.0
    depth: int = 100


class Budget:
    """What is left of the limits while a template runs."""

    def __init__(self, limits: Limits, tick: Callable[[], float]) -> None:
        self.limits = limits
        self._tick = tick
        self._steps = limits.steps
        self._output = limits.output
        self._until = tick() + limits.seconds

    def step(self, at: int) -> None:
        """Count one evaluation."""
        self._steps -= 1
        if self._steps < 0:
            raise Fault(f"the template takes more than {self.limits.steps} steps", at)

    def look(self, at: int) -> None:
        """Look at the clock."""
        if self._tick() > self._until:
            raise Fault(f"the template takes longer than {self.limits.seconds:g} s", at)

    def write(self, size: int, at: int) -> None:
        """Count output."""
        self._output -= size
        if self._output < 0:
            raise Fault(f"the template writes more than {self.limits.output} characters", at)
