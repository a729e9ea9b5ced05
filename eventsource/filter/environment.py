"""What an expression sees: the event's data, and the names that Argo Events adds (argo-events v1.9.11, pkg/shared/expr)."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from common.sprig import Function as SprigFunction
from eventsource.filter.access import foreign
from eventsource.filter.budget import Frame
from eventsource.filter.document import load
from eventsource.filter.encodings import write_json
from eventsource.filter.errors import Fault
from eventsource.filter.figures import to_integer, to_number
from eventsource.filter.jsonpath import query
from eventsource.filter.values import Function, Value, text, type_name


def environment(data: bytes, added: Mapping[str, Value]) -> dict[str, Value]:
    """Make the names of one event. Raises `Fault` where the data is no JSON object."""
    value = load(data)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise Fault(f"the event data is no JSON object but {type_name(value)}")
    if any("-" in key or "." in key for key in value):
        value = expanded({key.replace("-", "_"): item for key, item in value.items()})
    return {**value, **added}


def expanded(flat: Mapping[str, Value]) -> dict[str, Value]:
    """Make levels of the points in keys, on the first level only; `a` gives way to `a.b`."""
    names = sorted(flat)
    hidden = {name for name, following in pairwise(names) if following.startswith(name + ".")}
    return _level({tuple(name.split(".")): flat[name] for name in names if name not in hidden})


def _level(paths: Mapping[tuple[str, ...], Value]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    deeper: dict[str, dict[tuple[str, ...], Value]] = {}
    for path, value in paths.items():
        if len(path) == 1:
            made[path[0]] = value
        else:
            deeper.setdefault(path[0], {})[path[1:]] = value
    return made | {name: _level(below) for name, below in deeper.items()}


def additions(functions: Mapping[str, SprigFunction]) -> dict[str, Value]:
    """Make the added names: `asInt`, `asFloat`, `jsonpath`, `toJson`, and `sprig` with all of its functions."""
    return {
        "asInt": _with_arguments("asInt", 1, to_integer),
        "asFloat": _with_arguments("asFloat", 1, to_number),
        "jsonpath": _with_arguments("jsonpath", 2, _jsonpath),
        "toJson": _with_arguments("toJson", 1, _to_json),
        "sprig": {name: foreign(function) for name, function in functions.items()},
    }


def _with_arguments(name: str, count: int, run: Callable[..., Value]) -> Function:
    def call(frame: Frame, *arguments: Value) -> Value:
        if len(arguments) != count:
            raise Fault(f"invalid number of arguments for {name} (expected {count}, got {len(arguments)})")
        return run(frame, *arguments)

    return Function(name, call)


def _jsonpath(frame: Frame, document: Value, path: Value) -> Value:
    frame.characters(len(text(document)))
    frame.spend(30 + len(document) // 20)
    return query(frame, text(path), load(text(document).encode("utf-8", "surrogateescape")))


def _to_json(frame: Frame, value: Value) -> str:
    """Write compact JSON; the empty string for what is none."""
    try:
        return write_json(frame, value)
    except Fault:
        frame.spend(0)
        return ""
