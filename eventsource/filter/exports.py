"""What only expressions make (ranges, maps of anything), turned into what sprig knows."""

from common.sprig.printing import show
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.values import AnyMap, Function, Map, Slice, Value, type_name

_DEEPEST = 200


def exported(value: Value, frame: Frame, depth: int = 0) -> Value:
    """Turn a value, and all that is in it."""
    if depth > _DEEPEST:
        raise Fault("the value is nested too deeply")
    if isinstance(value, range):
        frame.spend(len(value))
        return Slice(value, "int")
    if isinstance(value, list):
        frame.spend(1 + len(value))
        items = [exported(item, frame, depth + 1) for item in value]
        return Slice(items, value.element, nil=value.nil) if isinstance(value, Slice) else items
    if isinstance(value, (dict, AnyMap)):
        frame.spend(1 + len(value))
        return _map(value, frame, depth)
    return value


def _map(value: dict[str, Value] | AnyMap, frame: Frame, depth: int) -> dict[str, Value]:
    if isinstance(value, AnyMap):
        entries = {show(exported(key, frame)): exported(item, frame, depth + 1) for key, item in value.items()}
        return Map(entries, value.element, nil=value.nil)
    entries = {key: exported(item, frame, depth + 1) for key, item in value.items()}
    return Map(entries, value.element, nil=value.nil) if isinstance(value, Map) else entries


def exported_to_json(value: Value, frame: Frame, depth: int = 0) -> Value:
    """Turn a value into one that JSON can hold. Raises `Fault` for maps of anything and for functions."""
    if isinstance(value, (AnyMap, Function)):
        raise Fault(f"json: unsupported type: {type_name(value)}")
    if isinstance(value, list) and type(value) is not Slice and depth < _DEEPEST:
        frame.spend(1 + len(value))
        return [exported_to_json(item, frame, depth + 1) for item in value]
    if type(value) is dict and depth < _DEEPEST:
        frame.spend(1 + len(value))
        return {key: exported_to_json(item, frame, depth + 1) for key, item in value.items()}
    return exported(value, frame, depth)
