"""Go's values as Python has them, so that functions tell `int` from `int64` and `[]string` from `[]interface {}`.

    nil None · bool bool · string str · float64 float · int int · int64 `Int64` and so on, by `Sized`
    []interface {} list · any other slice `Slice` · map[string]interface {} dict · any other map, and a nil one, `Map`

A Go string is bytes: those that are no UTF-8 stand in a `str` as surrogate escapes, see `encode` and `decode`.
"""

from typing import Any, ClassVar

ANY = "interface {}"
MAX_TEXT = 4 << 20
MAX_ITEMS = 200_000
MAX_VALUES = 600_000


class SprigError(ValueError):
    """A function does not want these values, or fails on purpose. The text says which and why."""


class Sized(int):
    """An integer of a type other than `int`."""

    go_type: ClassVar[str] = "int64"
    go_kind: ClassVar[str] = "int64"
    bits: ClassVar[int] = 64
    signed: ClassVar[bool] = True


class Int64(Sized):
    """`int64`."""


class Uint64(Sized):
    """`uint64`."""

    go_type = go_kind = "uint64"
    signed = False


class Uint32(Sized):
    """`uint32`."""

    go_type = go_kind = "uint32"
    bits = 32
    signed = False


class Uint8(Sized):
    """`uint8`, the byte of a string."""

    go_type = go_kind = "uint8"
    bits = 8
    signed = False


class Slice(list[Any]):
    """A slice of elements of one type, or a nil slice."""

    def __init__(self, items: Any = (), element: str = ANY, *, nil: bool = False) -> None:  # noqa: ANN401 - any items
        super().__init__(items)
        self.element = element
        self.nil = nil


class Map(dict[str, Any]):
    """A map with values of one type, or a nil map."""

    def __init__(self, items: Any = (), element: str = ANY, *, nil: bool = False) -> None:  # noqa: ANN401 - any items
        super().__init__(items)
        self.element = element
        self.nil = nil


class Struct:
    """A value of a named Go type that has methods; `go_type` is what `%T` prints."""

    go_type: ClassVar[str] = "struct {}"
    go_kind: ClassVar[str] = "struct"


def encode(text: str) -> bytes:
    """Give the bytes of a Go string."""
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> str:
    """Make a Go string of bytes, whatever they are."""
    return data.decode("utf-8", "surrogateescape")


def strings(items: Any, *, nil: bool = False) -> Slice:  # noqa: ANN401 - any iterable of texts
    """Make a `[]string`."""
    return Slice(items, "string", nil=nil)


def is_nil(value: object) -> bool:
    """Say whether a value is nil: nothing at all, a nil slice or a nil map."""
    return value is None or (isinstance(value, Slice | Map) and value.nil)


def wrap(number: int, bits: int = 64, *, signed: bool = True) -> int:
    """Cut an integer to its size, as Go's arithmetic overflows."""
    number &= (1 << bits) - 1
    return number - (1 << bits) if signed and number >> (bits - 1) else number


def type_of(value: object) -> str:
    """Name the type of a value, as `%T` does."""
    if value is None:
        return "<nil>"
    if isinstance(value, Sized | Struct):
        return value.go_type
    if isinstance(value, list):
        return f"[]{value.element if isinstance(value, Slice) else ANY}"
    if isinstance(value, dict):
        return f"map[string]{value.element if isinstance(value, Map) else ANY}"
    for kind, name in _PLAIN:
        if isinstance(value, kind):
            return name
    return f"*sprig.{type(value).__name__}"


def kind_of(value: object) -> str:
    """Name the kind of a value, as Go's reflection does."""
    if value is None:
        return "invalid"
    if isinstance(value, Sized | Struct):
        return value.go_kind
    if isinstance(value, list):
        return "slice"
    return "map" if isinstance(value, dict) else type_of(value)


_PLAIN: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (str, "string"),
    (int, "int"),
    (float, "float64"),
    (complex, "complex128"),
)


def is_empty(value: object) -> bool:
    """Say whether a value is the empty one of its type: what `empty`, `default` and `if` go by."""
    if value is None:
        return True
    if isinstance(value, Struct):
        return False
    return not value


def deep_equal(one: object, other: object) -> bool:
    """Say whether two values are of one type and equal all the way down, as `reflect.DeepEqual` does."""
    left = [MAX_ITEMS]
    return _equal(one, other, left)


def _equal(one: Any, other: Any, left: list[int]) -> bool:  # noqa: ANN401 - any values
    left[0] -= 1
    if left[0] < 0:
        raise SprigError("the values are too large to compare")
    if type(one) is not type(other) or is_nil(one) != is_nil(other) or type_of(one) != type_of(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(_equal(mine, yours, left) for mine, yours in zip(one, other, strict=True))
    if isinstance(one, dict):
        return len(one) == len(other) and all(key in other and _equal(one[key], other[key], left) for key in one)
    return bool(one == other)
