"""Builtins on lists."""

from collections.abc import Callable
from typing import Any

from common.sprig.values import encode
from eventsource.filter.access import fetch
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.operators import cut
from eventsource.filter.values import AnyMap, Sized, Value, is_list, length, type_name

_DIRECTIONS = {"asc": False, "desc": True}


def _first(frame: Frame, value: Value) -> Value:
    return _get(frame, value, 0)


def _last(frame: Frame, value: Value) -> Value:
    return _get(frame, value, -1)


def _get(frame: Frame, value: Value, key: Value) -> Value:
    """Do `value[key]`, with nil for all that fails."""
    try:
        return fetch(value, key, frame)
    except Fault:
        # The budget is no answer that is merely missing.
        frame.spend(0)
        return None


def _take(_: Frame, value: Value, count: Value) -> Value:
    if not is_list(value):
        raise Fault(f"cannot take from {type_name(value)}")
    if type(count) is not int and not (isinstance(count, Sized) and count.signed):
        raise Fault(f"cannot take {type_name(count)} elements")
    if count < 0:
        raise Fault("reflect.Value.Slice: slice index out of bounds")
    return value if count > len(value) else cut(value, 0, int(count))


def _sort(frame: Frame, value: Value, direction: Value = "asc") -> list[Value]:
    return _sorted(frame, value, "", direction)


def _sort_by(frame: Frame, value: Value, field: Value, direction: Value = "asc") -> list[Value]:
    if type(field) is not str:
        raise Fault(f"invalid argument for sort (expected string, got {type_name(field)})")
    return _sorted(frame, value, field, direction)


def _sorted(frame: Frame, value: Value, field: str, direction: Value) -> list[Value]:
    if not is_list(value):
        raise Fault(f"cannot sort {type_name(value)}")
    if type(direction) is not str or direction not in _DIRECTIONS:
        raise Fault(f'invalid argument for sort (expected "asc" or "desc", got {direction!r})')
    frame.spend(len(value) * max(len(value).bit_length(), 1))
    keys = [_sort_key(item, field) for item in value]
    for key in keys[1:]:
        if type_name(key) != type_name(keys[0]):
            raise Fault(f"cannot sort array of different types ({type_name(key)} and {type_name(keys[0])})")
    if len(keys) > 1 and type(keys[0]) not in (int, float, str) and not (isinstance(keys[0], Sized) and keys[0].signed):
        raise Fault(f"sort: unsupported type {type_name(keys[0])}")
    places = sorted(range(len(keys)), key=lambda index: _comparable(keys[index]), reverse=_DIRECTIONS[direction])
    return [value[index] for index in places]


def _sort_key(item: Value, field: str) -> Value:
    """Give what a list is sorted by: the field of a map, or the element itself."""
    if isinstance(item, AnyMap):
        found, there = item.get(field), item.has(field)
    elif isinstance(item, dict):
        found, there = item.get(field), field in item
    else:
        return item
    if not there:
        raise Fault(f"cannot sort by {field!r}: an element has no such key")
    return found


def _comparable(key: Value) -> Any:  # noqa: ANN401 - a number or bytes
    return encode(key) if type(key) is str else key


def _len(frame: Frame, value: Value) -> int:
    if type(value) is str and not value.isascii():
        frame.spend(len(value) // 100)
    return length(value)


CALLS: dict[str, Callable[..., Value]] = {
    "len": _len,
    "first": _first,
    "last": _last,
    "get": _get,
    "take": _take,
    "sort": _sort,
    "sortBy": _sort_by,
}
