"""What the parts of the language hand to each other: tokens, the nodes of the tree, and its two errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Malformed(ValueError):
    """The text is no expression."""


class Failed(ValueError):
    """The expression has no value over these names."""


class Kind(StrEnum):
    """The kinds of tokens, under the names that Go prints."""

    START = "UNKNOWN"
    PREFIX = "PREFIX"
    NUMERIC = "NUMERIC"
    BOOLEAN = "BOOLEAN"
    STRING = "STRING"
    PATTERN = "PATTERN"
    TIME = "TIME"
    VARIABLE = "VARIABLE"
    ACCESSOR = "ACCESSOR"
    SEPARATOR = "SEPARATOR"
    COMPARATOR = "COMPARATOR"
    LOGICAL = "LOGICALOP"
    MODIFIER = "MODIFIER"
    OPEN = "CLAUSE"
    CLOSE = "CLAUSE_CLOSE"
    TERNARY = "TERNARY"


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its value: a number, a text, a truth, the mark of an operator."""

    kind: Kind
    value: Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, a truth or a compiled pattern."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A name that stands for a value of the event."""

    name: str


@dataclass(frozen=True, slots=True)
class Access:
    """`a.B`: a member of a Go struct, which no JSON value is; `arguments` are evaluated all the same."""

    path: tuple[str, ...]
    arguments: "Node"


@dataclass(frozen=True, slots=True)
class Prefixed:
    """`-x`, `!x` or `~x`."""

    mark: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one rank, from left to right: first, then (mark, operand) each."""

    first: "Node"
    rest: Sequence[tuple[str, "Node"]]


Node = Literal | Name | Access | Prefixed | Chain | None
"""A part of an expression; None is nothing, as between `(` and `)`."""
