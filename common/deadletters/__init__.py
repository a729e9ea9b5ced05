"""The dead letters: what was parked, whole, with the reason and what was tried; and how it comes back.

`letter` is one of them, and its headers on the bus; `parking` stores it; `replay` is how it comes to its trigger once more.
"""

from common.deadletters.letter import DeadLetter
from common.deadletters.parking import DeadLetters

__all__ = ["DeadLetter", "DeadLetters"]
