"""Builtins on maps, and `type`. Go gives keys in any order, so nothing sensible depends on it."""

from collections.abc import Callable, Iterable

from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.values import AnyMap, Pair, Sized, Slice, Value, is_list, type_name

_PAIR = 2
_TYPES = {"<nil>": "nil", "bool": "bool", "int": "int", "int64": "int", "int32": "int", "float64": "float", "string": "string"}


def _type(_: Frame, value: Value) -> str:
    if is_list(value):
        return "array"
    if isinstance(value, (dict, AnyMap)):
        return "map"
    if isinstance(value, Sized) and value.go_type.startswith("uint"):
        return "uint"
    name = type_name(value)
    return _TYPES.get(name, name)


def _entries(frame: Frame, value: Value) -> Iterable[tuple[Value, Value]]:
    if not isinstance(value, (dict, AnyMap)):
        raise Fault(f"cannot get entries from {type_name(value)}")
    frame.spend(len(value))
    return value.items()


def _keys(frame: Frame, value: Value) -> list[Value]:
    return [key for key, _ in _entries(frame, value)]


def _values(frame: Frame, value: Value) -> list[Value]:
    return [item for _, item in _entries(frame, value)]


def _to_pairs(frame: Frame, value: Value) -> Slice:
    return Slice([Pair(entry) for entry in _entries(frame, value)], "[2]interface {}")


def _from_pairs(frame: Frame, value: Value) -> AnyMap:
    if not is_list(value):
        raise Fault(f"cannot transform {type_name(value)} from pairs")
    frame.spend(len(value))
    made = AnyMap()
    for pair in value:
        if not is_list(pair):
            raise Fault(f"invalid pair of type {type_name(pair)}")
        if len(pair) != _PAIR:
            raise Fault(f"invalid pair length {len(pair)}")
        made.put(pair[0], pair[1])
    return made


CALLS: dict[str, Callable[..., Value]] = {
    "type": _type,
    "keys": _keys,
    "values": _values,
    "toPairs": _to_pairs,
    "fromPairs": _from_pairs,
}
