"""Maps: reading, setting, picking, merging."""

from collections.abc import Callable
from typing import Any

from common.sprig.printing import show, sorted_keys
from common.sprig.values import ANY, MAX_ITEMS, Map, Slice, SprigError, is_empty, strings, type_of
from common.sprig.versions import Version

_NIL = "assignment to entry in nil map"
_FEWEST = 3
_DEEPEST = 100
_MAP = f"map[string]{ANY}"


def make(*pairs: object) -> dict[str, Any]:
    """Make a map of keys and values in turn; a key at the end gets an empty text."""
    return {show(key): pairs[2 * at + 1] if 2 * at + 1 < len(pairs) else "" for at, key in enumerate(pairs[::2])}


def get(values: dict[str, Any], key: str) -> object:
    """Give a value; an empty text for a missing key."""
    return values.get(key, "")


def put(values: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """Set a value, in the map itself."""
    if isinstance(values, Map) and values.nil:
        raise SprigError(_NIL)
    values[key] = value
    if len(values) > MAX_ITEMS:
        raise SprigError("the map gets too large")
    return values


def unset(values: dict[str, Any], key: str) -> dict[str, Any]:
    """Take a key out of the map itself."""
    values.pop(key, None)
    return values


def has_key(values: dict[str, Any], key: str) -> bool:
    """Say whether the map has a key."""
    return key in values


def pluck(key: str, *maps: dict[str, Any]) -> list[Any]:
    """Give the values of a key in several maps."""
    return [each[key] for each in maps if key in each]


def keys(*maps: dict[str, Any]) -> Slice:
    """List the keys. Go gives them in any order, so sorted is as good."""
    return strings([key for each in maps for key in sorted_keys(each)])


def values_of(values: dict[str, Any]) -> list[Any]:
    """List the values, in the order of their keys."""
    return [values[key] for key in sorted_keys(values)]


def pick(values: dict[str, Any], *wanted: str) -> dict[str, Any]:
    """Give a map of these keys only."""
    return {key: values[key] for key in wanted if key in values}


def omit(values: dict[str, Any], *left_out: str) -> dict[str, Any]:
    """Give a map without these keys."""
    return {key: value for key, value in values.items() if key not in left_out}


def dig(*path: object) -> object:
    """Look into maps of maps: `dig "a" "b" default map`."""
    if len(path) < _FEWEST:
        raise SprigError("dig needs at least three arguments")
    *steps, default, value = path
    if any(not isinstance(step, str) for step in steps):
        raise SprigError("interface conversion: a key must be a string")
    for step in steps:
        if not isinstance(value, dict) or type_of(value) != _MAP:
            raise SprigError(f"interface conversion: interface {{}} is {type_of(value)}, not {_MAP}")
        if step not in value:
            return default
        value = value[str(step)]
    return value


def merge(target: dict[str, Any], *sources: dict[str, Any]) -> object:
    """Take over from other maps what the first lacks, or has empty, maps within maps too."""
    return _merged(target, sources, overwrite=False)


def merge_overwrite(target: dict[str, Any], *sources: dict[str, Any]) -> object:
    """Take over from other maps all that they have."""
    return _merged(target, sources, overwrite=True)


def _merged(target: dict[str, Any], sources: tuple[dict[str, Any], ...], *, overwrite: bool) -> dict[str, Any]:
    if isinstance(target, Map) and target.nil:
        target = {}
    for source in sources:
        _merge(target, source, 0, overwrite=overwrite)
    return target


def _merge(target: dict[str, Any], source: dict[str, Any], depth: int, *, overwrite: bool) -> None:
    if depth > _DEEPEST:
        raise SprigError("the maps are nested too deeply")
    for key, value in list(source.items()):
        old = target.get(key)
        if value is None:
            if overwrite:
                target[key] = None
        elif isinstance(value, dict) and isinstance(old, dict):
            _merge(old, value, depth + 1, overwrite=overwrite)
            if not old:
                target[key] = value
        elif (
            (isinstance(value, dict) and isinstance(old, list) and overwrite) or overwrite or key not in target or is_empty(old)
        ):
            target[key] = value


def deep_copy(value: object) -> object:
    """Copy a value with all that is in it."""
    if value is None:
        raise SprigError("reflect: call of reflect.Value.Type on zero Value")
    return _copied(value, [MAX_ITEMS], 0)


def _copied(value: Any, left: list[int], depth: int) -> Any:  # noqa: ANN401 - any value
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST:
        raise SprigError("the value is too large to copy")
    if isinstance(value, Version):
        # Go's library cannot see the parts of a version.
        return Version(0, 0, 0)
    if isinstance(value, dict):
        members = {key: _copied(item, left, depth + 1) for key, item in value.items()}
        return Map(members, value.element, nil=value.nil) if isinstance(value, Map) else members
    if isinstance(value, list):
        items = [_copied(item, left, depth + 1) for item in value]
        return Slice(items, value.element, nil=value.nil) if isinstance(value, Slice) else items
    return value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "deepCopy": deep_copy,
    "dict": make,
    "dig": dig,
    "get": get,
    "hasKey": has_key,
    "keys": keys,
    "merge": merge,
    "mergeOverwrite": merge_overwrite,
    "mustDeepCopy": deep_copy,
    "mustMerge": merge,
    "mustMergeOverwrite": merge_overwrite,
    "omit": omit,
    "pick": pick,
    "pluck": pluck,
    "set": put,
    "unset": unset,
    "values": values_of,
}
