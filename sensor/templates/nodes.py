"""The parts of a template, as the parser finds them and the engine walks them. `at` is where a part starts in the text."""

from dataclasses import dataclass
from typing import Any

from common.sprig import Function


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written. Its type depends on who wants it; `any` is it where nobody says."""

    at: int
    text: str
    integer: int | None
    unsigned: int | None
    float: float | None
    any: Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    at: int
    value: str


@dataclass(frozen=True, slots=True)
class Bool:
    """`true` or `false`."""

    at: int
    value: bool


@dataclass(frozen=True, slots=True)
class Nil:
    """`nil`."""

    at: int


@dataclass(frozen=True, slots=True)
class Dot:
    """`.`."""

    at: int


@dataclass(frozen=True, slots=True)
class Field:
    """`.a.b`."""

    at: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """`$x.a.b`; `name` holds the dollar."""

    at: int
    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """The name of a function."""

    at: int
    name: str
    function: Function


@dataclass(frozen=True, slots=True)
class Chain:
    """`(pipeline).a.b`, `now.Year`."""

    at: int
    operand: "Operand"
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each given the value of the one before, and the variables that get the value of the last."""

    at: int
    commands: tuple["Command", ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False


Operand = Number | Text | Bool | Nil | Dot | Field | Variable | Call | Chain | Pipe


@dataclass(frozen=True, slots=True)
class Command:
    """Operands side by side: a function or method and its arguments, or one value."""

    at: int
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """What stands between actions."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """`{{ pipeline }}`."""

    at: int
    pipe: Pipe


@dataclass(frozen=True, slots=True)
class If:
    """`{{ if }}`, or `{{ with }}`, which sets the dot."""

    at: int
    pipe: Pipe
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...]
    sets_dot: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """`{{ range }}`."""

    at: int
    pipe: Pipe
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Include:
    """`{{ template "name" pipeline }}`; a `{{ block }}` leaves one too."""

    at: int
    name: str
    pipe: Pipe | None


@dataclass(frozen=True, slots=True)
class Break:
    """`{{ break }}`."""

    at: int


@dataclass(frozen=True, slots=True)
class Continue:
    """`{{ continue }}`."""

    at: int


Node = Literal | Action | If | Range | Include | Break | Continue
Body = tuple[Node, ...]
