"""Lists: taking parts, putting together, searching."""

from collections.abc import Callable
from typing import Any

from common.sprig.numbers import to_int64
from common.sprig.printing import show
from common.sprig.strings import texts
from common.sprig.values import (
    ANY,
    MAX_ITEMS,
    Slice,
    SprigError,
    deep_equal,
    encode,
    is_empty,
    kind_of,
    strings,
)

_PLAIN = (str, bool, int, float)
_NIL = "runtime error: invalid memory address or nil pointer dereference"
_MOST_COMPARED = 1_000_000


def _items(value: object, doing: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if value is None:
        raise SprigError(_NIL)
    raise SprigError(f"{doing} type {kind_of(value)}")


def make(*values: object) -> list[Any]:
    """Make a list."""
    return list(values)


def push(value: object, item: object) -> list[Any]:
    """Give the list with one more item."""
    return [*_items(value, "Cannot push on"), item]


def prepend(value: object, item: object) -> list[Any]:
    """Give the list with one more item in front."""
    return [item, *_items(value, "Cannot prepend on")]


def first(value: object) -> object:
    """Give the first item."""
    items = _items(value, "Cannot find first on")
    return items[0] if items else None


def last(value: object) -> object:
    """Give the last item."""
    items = _items(value, "Cannot find last on")
    return items[-1] if items else None


def rest(value: object) -> list[Any]:
    """Give all items but the first."""
    items = _items(value, "Cannot find rest on")
    return list(items[1:]) if items else Slice(nil=True)


def initial(value: object) -> list[Any]:
    """Give all items but the last."""
    items = _items(value, "Cannot find initial on")
    return list(items[:-1]) if items else Slice(nil=True)


def reverse(value: object) -> list[Any]:
    """Give the items from the last to the first."""
    return _items(value, "Cannot find reverse on")[::-1]


def compact(value: object) -> list[Any]:
    """Leave out the empty items."""
    return [item for item in _items(value, "Cannot compact on") if not is_empty(item)]


def uniq(value: object) -> list[Any]:
    """Leave out items that came before."""
    seen, found = Seen(), []
    for item in _items(value, "Cannot find uniq on"):
        if not seen.holds(item):
            seen.add(item)
            found.append(item)
    return found


def without(value: object, *left_out: object) -> list[Any]:
    """Leave out these items."""
    seen = Seen()
    for item in left_out:
        seen.add(item)
    return [item for item in _items(value, "Cannot find without on") if not seen.holds(item)]


def has(item: object, value: object) -> bool:
    """Say whether the list holds the item."""
    if value is None:
        return False
    return any(deep_equal(item, each) for each in _items(value, "Cannot find has on"))


class Seen:
    """A set of values of any type, equal only to those of the same type."""

    def __init__(self) -> None:
        self._plain: set[tuple[type, Any]] = set()
        self._others: list[Any] = []
        self._compared = 0

    def add(self, item: object) -> None:
        """Take a value in."""
        if isinstance(item, _PLAIN):
            self._plain.add((type(item), item))
        else:
            self._others.append(item)

    def holds(self, item: object) -> bool:
        """Say whether the value is in."""
        if isinstance(item, _PLAIN):
            return (type(item), item) in self._plain
        size = len(item) if isinstance(item, list | dict) else 1
        self._compared += (size + 1) * len(self._others)
        if self._compared > _MOST_COMPARED:
            raise SprigError("the list is too long to compare its items")
        return any(deep_equal(item, each) for each in self._others)


def cut(value: object, *bounds: object) -> object:
    """Give the items from a position to another."""
    items = _items(value, "list should be type of slice or array but")
    if not items:
        return None
    start = to_int64(bounds[0]) if bounds else 0
    end = to_int64(bounds[1]) if len(bounds) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise SprigError("reflect.Value.Slice: slice index out of bounds")
    return Slice(items[start:end], items.element if isinstance(items, Slice) else ANY)


def concat(*values: object) -> object:
    """Join lists."""
    joined: list[Any] = []
    for value in values:
        if not isinstance(value, list):
            raise SprigError(f"Cannot concat type {kind_of(value)} as list" if value is not None else _NIL)
        joined.extend(value)
        if len(joined) > MAX_ITEMS:
            raise SprigError("the list gets too long")
    return joined or Slice(nil=True)


def chunk(size: int, value: object) -> Slice:
    """Cut a list into lists of a size."""
    items = _items(value, "Cannot chunk")
    if size <= 0:
        # Go reckons the number of lists first, and stumbles only over those that it would have to make.
        if size and (len(items) - 1) // size + 1 == 0:
            return Slice((), f"[]{ANY}")
        if size and len(items) == 1:
            return Slice(([*items],), f"[]{ANY}")
        raise SprigError("runtime error: makeslice: len out of range")
    return Slice(([*items[at : at + size]] for at in range(0, len(items), size)), f"[]{ANY}")


def sort_alpha(value: object) -> Slice:
    """Sort the texts of a list."""
    if not isinstance(value, list):
        return strings([show(value)])
    return strings(sorted(texts(value), key=encode))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "append": push,
    "chunk": chunk,
    "compact": compact,
    "concat": concat,
    "first": first,
    "has": has,
    "initial": initial,
    "last": last,
    "list": make,
    "mustAppend": push,
    "mustChunk": chunk,
    "mustCompact": compact,
    "mustFirst": first,
    "mustHas": has,
    "mustInitial": initial,
    "mustLast": last,
    "mustPrepend": prepend,
    "mustPush": push,
    "mustRest": rest,
    "mustReverse": reverse,
    "mustSlice": cut,
    "mustUniq": uniq,
    "mustWithout": without,
    "prepend": prepend,
    "push": push,
    "rest": rest,
    "reverse": reverse,
    "slice": cut,
    "sortAlpha": sort_alpha,
    "tuple": make,
    "uniq": uniq,
    "without": without,
}
