"""The parts of an expression, as the parser makes them and the optimizer rewrites them."""

from dataclasses import dataclass, field
from typing import Any

from eventsource.filter.errors import Place
from eventsource.filter.types import Type


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """What all parts have: a place in the text and, after checking, a static type (None: the type of nil, or unknown)."""

    place: Place
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Nil(Node):
    """`nil`."""


@dataclass(slots=True, eq=False)
class Identifier(Node):
    """A name: a variable of `let`, `$env`, or a key of the data."""

    name: str


@dataclass(slots=True, eq=False)
class Integer(Node):
    """A whole number as written."""

    value: int


@dataclass(slots=True, eq=False)
class Float(Node):
    """A number with a point or an exponent."""

    value: float


@dataclass(slots=True, eq=False)
class Bool(Node):
    """`true` or `false`."""

    value: bool


@dataclass(slots=True, eq=False)
class String(Node):
    """A text in quotes, or the name behind a point."""

    value: str


@dataclass(slots=True, eq=False)
class Constant(Node):
    """What the optimizer worked out beforehand: a range."""

    value: Any


@dataclass(slots=True, eq=False)
class Members(Node):
    """The right side of `in` where it is a list of literals of one type, turned into a set."""

    values: frozenset[Any]
    kind: type


@dataclass(slots=True, eq=False)
class Unary(Node):
    """`not x`, `-x`, `+x`."""

    operator: str
    operand: Node


@dataclass(slots=True, eq=False)
class Binary(Node):
    """`left operator right`; `pattern` is the compiled right side of `matches` where that is a literal."""

    operator: str
    left: Node
    right: Node
    pattern: Any = None


@dataclass(slots=True, eq=False)
class Chain(Node):
    """A row of members with a `?.` in it: nil at that place makes the whole row nil."""

    inner: Node


@dataclass(slots=True, eq=False)
class Member(Node):
    """`base.name`, `base?.name`, `base[property]`."""

    base: Node
    property: Node
    optional: bool = False


@dataclass(slots=True, eq=False)
class Slice(Node):
    """`base[start:end]`."""

    base: Node
    start: Node | None
    end: Node | None


@dataclass(slots=True, eq=False)
class Call(Node):
    """A call of something that is no builtin; `builtin` is set where it turns out to be one after all (`$env.len`)."""

    callee: Node
    arguments: list[Node]
    builtin: str = ""


@dataclass(slots=True, eq=False)
class Builtin(Node):
    """A call of a builtin. `throws` and `mapped` come from the optimizer (`filter(…)[0]`, `map(filter(…), …)`)."""

    name: str
    arguments: list[Node]
    throws: bool = False
    mapped: Node | None = None


@dataclass(slots=True, eq=False)
class Closure(Node):
    """What `filter` and the like ask of each element."""

    body: Node


@dataclass(slots=True, eq=False)
class Pointer(Node):
    """`#`, `#acc`, `#index`."""

    name: str


@dataclass(slots=True, eq=False)
class Conditional(Node):
    """`test ? yes : no`."""

    test: Node
    yes: Node
    no: Node


@dataclass(slots=True, eq=False)
class Let(Node):
    """`let name = value; body`."""

    name: str
    value: Node
    body: Node


@dataclass(slots=True, eq=False)
class Array(Node):
    """`[a, b]`."""

    items: list[Node]


@dataclass(slots=True, eq=False)
class Map(Node):
    """`{a: 1, "b": 2, (c): 3}`."""

    pairs: list[tuple[Node, Node]] = field(default_factory=list)


def size(node: Node | None) -> int:
    """Count the nodes of an expression."""
    if node is None:
        return 0
    count, waiting = 0, [node]
    while waiting:
        count += 1
        waiting.extend(_parts(waiting.pop()))
    return count


def _parts(node: Node) -> list[Node]:
    found: list[Node] = []
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, list):
            flat = [part for item in value for part in (item if isinstance(item, tuple) else (item,))]
            found.extend(part for part in flat if isinstance(part, Node))
    return found
