"""The two errors of a filter: its text is wrong, or it has no answer for this event."""

from dataclasses import dataclass

from common.errors import Rejected

REASON = "filter_error"
"""The label under which a message is parked whose filter gave no answer."""
LONGEST = 300
"""Characters of the event or the text that an error repeats."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the text: lines count from 1, columns too."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class ExpressionError(ValueError):
    """The text is no expression of the language, or can never give an answer, whatever the event."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(f"{message[:LONGEST]} ({place})" if place else message[:LONGEST])
        self.place = place


class FilterError(Rejected):
    """The expression has no answer for this event. It is not `false`: the message is parked, never dropped."""

    def __init__(self, detail: str, place: Place | None = None) -> None:
        super().__init__(REASON, f"filter.expression: {detail[:LONGEST]}{f' ({place})' if place else ''}")


class Fault(Exception):
    """An operation cannot be done (a panic in Go); the nearest node adds its place. It stays inside the package."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.place: Place | None = None

    def at(self, place: Place) -> "Fault":
        """Add the place, unless a node further inside did."""
        if self.place is None:
            self.place = place
        return self
