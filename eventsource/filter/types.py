"""What is known of a value's type before there is a value; enough to refuse what Go refuses while compiling."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """A Go type. The static type of nil is None."""

    name: str
    kind: str
    elem: "Type | None" = None
    key: "Type | None" = None
    params: "tuple[Type, ...]" = ()

    def __str__(self) -> str:
        return self.name


ANY = Type("interface {}", "interface")
BOOL = Type("bool", "bool")
INT = Type("int", "int")
INT64 = Type("int64", "int64")
UINT8 = Type("uint8", "uint8")
FLOAT = Type("float64", "float64")
STRING = Type("string", "string")
TIME = Type("time.Time", "struct")
DURATION = Type("time.Duration", "int64")
MONTH = Type("time.Month", "int")
WEEKDAY = Type("time.Weekday", "int")
FUNCTION = Type("func(...interface {}) (interface {}, error)", "func")


def slice_of(elem: Type) -> Type:
    """Name the type of lists of `elem`."""
    return Type(f"[]{elem.name}", "slice", elem)


def map_of(key: Type, elem: Type) -> Type:
    """Name the type of maps from `key` to `elem`."""
    return Type(f"map[{key.name}]{elem.name}", "map", elem, key)


ARRAY = slice_of(ANY)
INTS = slice_of(INT)
STRINGS = slice_of(STRING)
MAP = map_of(STRING, ANY)
ANY_MAP = map_of(ANY, ANY)
GROUPS = map_of(ANY, ARRAY)

_INTEGERS = frozenset(("int", "int64", "uint8"))


def kind(of: Type | None) -> str:
    """Name the kind; that of nil is `invalid`."""
    return of.kind if of else "invalid"


def show(of: Type | None) -> str:
    """Name the type as Go prints it."""
    return of.name if of else "<nil>"


def is_any(of: Type | None) -> bool:
    """Say whether nothing is known of the type."""
    return kind(of) == "interface"


def is_integer(of: Type | None) -> bool:
    """Say whether it is a whole number; durations are."""
    return kind(of) in _INTEGERS


def is_number(of: Type | None) -> bool:
    """Say whether it is any number."""
    return is_integer(of) or kind(of) == "float64"


def is_bool(of: Type | None) -> bool:
    """Say whether it is true or false."""
    return kind(of) == "bool"


def is_string(of: Type | None) -> bool:
    """Say whether it is a text."""
    return kind(of) == "string"


def is_array(of: Type | None) -> bool:
    """Say whether it is a list."""
    return kind(of) == "slice"


def is_map(of: Type | None) -> bool:
    """Say whether it is a map."""
    return kind(of) == "map"


def is_time(of: Type | None) -> bool:
    """Say whether it is a point in time."""
    return of == TIME


def is_duration(of: Type | None) -> bool:
    """Say whether it is a span of time."""
    return of == DURATION


def assignable(value: Type, to: Type) -> bool:
    """Say whether Go would assign it."""
    return to.kind == "interface" or value == to


def comparable(left: Type | None, right: Type | None) -> bool:
    """Say whether `==` is allowed."""
    if left is None or right is None or left.kind == right.kind:
        return True
    return (is_number(left) and is_number(right)) or is_any(left) or is_any(right)


def combined(left: Type, right: Type) -> Type:
    """Name the type of a sum of two numbers."""
    if left.kind == right.kind:
        return left
    return FLOAT if "float64" in (left.kind, right.kind) else INT
