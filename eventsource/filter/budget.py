"""How much one evaluation may do; a hostile expression ends with an error, not with a dead pod."""

from dataclasses import dataclass, field
from typing import Any

from eventsource.filter.errors import Fault
from eventsource.filter.values import Value

STEPS = 1_000_000
"""For elements looked at, values compared, calls, and characters made (by the hundred): about a microsecond each."""
STEPS_OF_A_BYTE = 2
"""So much more for each byte of the event's data."""
MEMORY = 1_000_000
"""Elements of new lists and maps: the limit of the Go library."""
CHARACTERS = 8 * 1024 * 1024
"""Of one string."""


@dataclass(slots=True)
class Scope:
    """Where a closure stands: `#` is `array[index]`."""

    array: Any
    index: int = 0
    acc: Value = None


@dataclass(slots=True)
class Frame:
    """One evaluation: the data, the variables of `let`, the innermost closure, and what is left of the budget."""

    environment: dict[str, Value]
    now: Any = None
    scope: Scope | None = None
    variables: dict[int, Value] = field(default_factory=dict)
    steps: int = STEPS
    memory: int = 0

    def spend(self, steps: int) -> None:
        """Pay for work in proportion to its size. Raises `Fault`."""
        self.steps -= steps
        if self.steps < 0:
            raise Fault(f"the expression takes too many steps: {STEPS}, and {STEPS_OF_A_BYTE} more for each byte of data")

    def grow(self, elements: int) -> None:
        """Pay for a new list or map. Raises `Fault`."""
        self.memory += elements
        if self.memory >= MEMORY:
            raise Fault("memory budget exceeded")

    def characters(self, count: int) -> None:
        """Pay for a new string before it is made. Raises `Fault`."""
        if count > CHARACTERS:
            raise Fault(f"a string would get longer than {CHARACTERS} characters")
        self.spend(1 + count // 100)
