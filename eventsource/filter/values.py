"""The values of the language: those of `common.sprig.values`, and what else an expression can make.

| Go | here |
|---|---|
| nil, bool, int, float64 | None, bool, int, float (JSON numbers are float64) |
| string | str; bytes that are no UTF-8 are surrogate escapes |
| int64, uint8, time.Duration, time.Month, … | subclasses of `Sized` |
| []interface {} | list |
| []int of `1..3`; other slices | range; `Slice` |
| map[string]… | dict, `Map`; other maps: `AnyMap` |
| time.Time | `Moment` |
| functions | `Function` |
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from common.sprig import values as go
from common.sprig.durations import Duration
from common.sprig.moments import Moment, Month, Weekday
from common.sprig.numbers import from_float
from common.sprig.values import Int64, Map, Sized, Slice, Uint8, Uint32, Uint64, wrap
from eventsource.filter.errors import Fault

__all__ = ["Duration", "Int64", "Map", "Moment", "Month", "Sized", "Slice", "Uint8", "Weekday", "wrap"]

Value: TypeAlias = Any


class Pair(Slice):
    """An array of two: what `toPairs` gives."""


INTEGERS = frozenset((int, Int64, Uint8, Uint32, Uint64))
"""What the operators take for whole numbers. Months and weekdays are numbers to Go's types, not to its operators."""
NUMBERS = INTEGERS | {float}


@dataclass(slots=True, eq=False)
class AnyMap:
    """A map with keys of any type: 1, 1.0 and true are three keys in it. `zero` is what a missing key gives."""

    element: str = go.ANY
    zero: Value = None
    entries: dict[tuple[str, Any], tuple[Value, Value]] = field(default_factory=dict)
    nil: bool = False

    def put(self, key: Value, value: Value) -> None:
        """Set one entry."""
        self.entries[hashed(key)] = (key, value)

    def get(self, key: Value) -> Value:
        """Get one value, or the zero of their type."""
        return self.entries.get(hashed(key), (None, self.zero))[1]

    def has(self, key: Value) -> bool:
        """Say whether there is such a key."""
        return hashed(key) in self.entries

    def __len__(self) -> int:
        return len(self.entries)

    def items(self) -> Iterator[tuple[Value, Value]]:
        """Give keys with values."""
        return iter(self.entries.values())


@dataclass(slots=True, eq=False)
class Function:
    """Something that can be called: with the frame of the evaluation, then the arguments."""

    name: str
    call: Callable[..., Value]


def hashed(key: Value) -> tuple[str, Any]:
    """Tell keys apart as Go does. Raises `Fault` for what can be no key."""
    if isinstance(key, (list, dict, range, AnyMap, Function)):
        raise Fault(f"hash of unhashable type {type_name(key)}")
    return type_name(key), key


def type_name(value: Value) -> str:
    """Name the Go type, as `%T` does."""
    if isinstance(value, range):
        return "[]int"
    if isinstance(value, Pair):
        return "[2]interface {}"
    if isinstance(value, AnyMap):
        return f"map[interface {{}}]{value.element}"
    return "func" if isinstance(value, Function) else go.type_of(value)


def is_list(value: Value) -> bool:
    """Say whether Go would call it a slice or an array."""
    return isinstance(value, (list, range))


def is_nil(value: Value) -> bool:
    """Say whether it is nil, of whatever type."""
    return value is None or (isinstance(value, (Slice, Map, AnyMap)) and value.nil)


def to_int(value: Value) -> int:
    """Convert a number to a whole one. Raises `Fault`."""
    kind = type(value)
    if kind is float:
        return from_float(value)
    if kind in INTEGERS:
        return wrap(int(value))
    raise Fault(f"invalid operation: int({type_name(value)})")


def to_float(value: Value) -> float:
    """Convert a number to one with a fraction. Raises `Fault`."""
    if type(value) in NUMBERS:
        return float(value)
    raise Fault(f"invalid operation: float({type_name(value)})")


def text(value: Value) -> str:
    """Insist on a string. Raises `Fault`."""
    if type(value) is str:
        return value
    raise Fault(f"interface conversion: interface {{}} is {type_name(value)}, not string")


def truth(value: Value) -> bool:
    """Insist on a bool. Raises `Fault`."""
    if value is True or value is False:
        return bool(value)
    raise Fault(f"interface conversion: interface {{}} is {type_name(value)}, not bool")


def joined(string: str) -> str:
    """Make whole characters of pieces that were put together."""
    return string if string.isascii() else go.decode(go.encode(string))


def length(value: Value) -> int:
    """Count elements, entries or bytes. Raises `Fault`."""
    if type(value) is str:
        return len(value) if value.isascii() else len(go.encode(value))
    if isinstance(value, (list, range, dict, AnyMap)):
        return len(value)
    raise Fault(f"invalid argument for len (type {type_name(value)})")


def plain(value: Value) -> Value:
    """Turn a range into the list that it stands for."""
    return Slice(value, "int") if isinstance(value, range) else value
