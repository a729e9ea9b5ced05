"""What the builtins and the methods of times take, as far as types tell it before there is a value."""

from collections.abc import Callable, Sequence

from eventsource.filter import types
from eventsource.filter.types import (
    ANY,
    ARRAY,
    BOOL,
    DURATION,
    FLOAT,
    INT,
    INT64,
    MONTH,
    STRING,
    STRINGS,
    TIME,
    WEEKDAY,
    Type,
    assignable,
    is_any,
    is_integer,
    kind,
    show,
)

Arguments = Sequence[Type | None]


class Mismatch(Exception):
    """The arguments do not fit."""


def function(result: Type, *params: Type) -> Type:
    """Make the type of a function."""
    return Type(f"func({', '.join(map(str, params))}) {result}", "func", result, None, params)


def check_arguments(function_type: Type | None, arguments: Arguments) -> Type:
    """Say what a function returns for arguments of these types."""
    if function_type is None or function_type.kind != "func":
        raise Mismatch(f"{show(function_type)} is not callable")
    if function_type.elem is None:
        return ANY
    if len(arguments) != len(function_type.params):
        count = "too many" if len(arguments) > len(function_type.params) else "not enough"
        raise Mismatch(f"{count} arguments to call {function_type}")
    for given, wanted in zip(arguments, function_type.params, strict=True):
        converted = is_integer(wanted) and is_integer(given)
        if given and not converted and not is_any(given) and not assignable(given, wanted):
            raise Mismatch(f"cannot use {given} as argument (type {wanted})")
    return function_type.elem


def check_call(name: str, arguments: Arguments) -> Type:
    """Say what a builtin returns for arguments of these types."""
    if rule := _RULES.get(name):
        least, most, check = rule
        if not least <= len(arguments) <= most:
            raise Mismatch(f"invalid number of arguments for {name} (expected {least}, got {len(arguments)})")
        return check(name, arguments)
    last = Mismatch(f"{name} cannot be called like this")
    for overload in _OVERLOADS.get(name, ()):
        try:
            return check_arguments(overload, arguments)
        except Mismatch as mismatch:
            last = mismatch
    raise last


def takes(name: str, count: int) -> bool:
    """Say whether a builtin takes so many arguments."""
    if rule := _RULES.get(name):
        return rule[0] <= count <= rule[1]
    return any(len(overload.params) == count for overload in _OVERLOADS.get(name, ()))


# ------------------------------------------------------------------------------------------- builtins with overloads

_OVERLOADS: dict[str, tuple[Type, ...]] = {
    "type": (function(STRING, ANY),),
    "string": (function(STRING, ANY),),
    "trim": (function(STRING, STRING), function(STRING, STRING, STRING)),
    "trimPrefix": (function(STRING, STRING, STRING), function(STRING, STRING)),
    "trimSuffix": (function(STRING, STRING, STRING), function(STRING, STRING)),
    "upper": (function(STRING, STRING),),
    "lower": (function(STRING, STRING),),
    "split": (function(STRINGS, STRING, STRING), function(STRINGS, STRING, STRING, INT)),
    "splitAfter": (function(STRINGS, STRING, STRING), function(STRINGS, STRING, STRING, INT)),
    "replace": (function(STRING, STRING, STRING, STRING, INT), function(STRING, STRING, STRING, STRING)),
    "repeat": (function(STRING, STRING, INT),),
    "join": (
        function(STRING, STRINGS, STRING),
        function(STRING, ARRAY, STRING),
        function(STRING, ARRAY),
        function(STRING, STRINGS),
    ),
    "indexOf": (function(INT, STRING, STRING),),
    "lastIndexOf": (function(INT, STRING, STRING),),
    "hasPrefix": (function(BOOL, STRING, STRING),),
    "hasSuffix": (function(BOOL, STRING, STRING),),
    "toJSON": (function(STRING, ANY),),
    "fromJSON": (function(ANY, STRING),),
    "toBase64": (function(STRING, STRING),),
    "fromBase64": (function(STRING, STRING),),
    "now": (function(TIME),),
    "duration": (function(DURATION, STRING),),
    "date": (function(TIME, STRING), function(TIME, STRING, STRING), function(TIME, STRING, STRING, STRING)),
}

# --------------------------------------------------------------------------------------- builtins with a rule of their own

_NUMERIC = ("int", "int64", "uint8", "float64", "interface")


def _of_kind(*kinds: str, result: Type | None = None) -> Callable[[str, Arguments], Type]:
    def check(name: str, arguments: Arguments) -> Type:
        first = arguments[0]
        if first is None or first.kind not in kinds:
            raise Mismatch(f"invalid argument for {name} (type {show(first)})")
        return result or first

    return check


def _extreme(name: str, arguments: Arguments) -> Type:
    for given in arguments:
        if is_any(given):
            return ANY
        if kind(given) not in _NUMERIC:
            raise Mismatch(f"invalid argument for {name} (type {show(given)})")
    return arguments[0] or ANY


def _end(name: str, arguments: Arguments) -> Type:
    return _of_kind("interface", "slice")(name, arguments).elem or ANY


def _take(name: str, arguments: Arguments) -> Type:
    found = _of_kind("interface", "slice")(name, arguments)
    if not is_any(arguments[1]) and not is_integer(arguments[1]):
        raise Mismatch(f"cannot take {show(arguments[1])} elements")
    return found


def _sort(name: str, arguments: Arguments) -> Type:
    _of_kind("interface", "slice")(name, arguments)
    for given in arguments[1:]:
        if kind(given) not in ("string", "interface"):
            raise Mismatch(f"invalid argument for {name} (expected string, got {show(given)})")
    return ARRAY


def _get(_: str, arguments: Arguments) -> Type:
    base, key = arguments
    if is_any(base):
        return ANY
    if base is None or base.elem is None or base.kind not in ("slice", "map"):
        raise Mismatch(f"type {show(base)} does not support indexing")
    if key is None:
        raise Mismatch("cannot use nil as index")
    fits = is_integer(key) if base.kind == "slice" else base.key is not None and assignable(key, base.key)
    if not fits and not is_any(key):
        raise Mismatch(f"cannot use {key} to get an element from {base}")
    return base.elem


_MOST = 2**31
_RULES: dict[str, tuple[int, int, Callable[[str, Arguments], Type]]] = {
    "len": (1, 1, _of_kind("slice", "map", "string", "interface", result=INT)),
    "abs": (1, 1, _of_kind(*_NUMERIC)),
    "ceil": (1, 1, _of_kind(*_NUMERIC, result=FLOAT)),
    "floor": (1, 1, _of_kind(*_NUMERIC, result=FLOAT)),
    "round": (1, 1, _of_kind(*_NUMERIC, result=FLOAT)),
    "int": (1, 1, _of_kind(*_NUMERIC, "string", result=INT)),
    "float": (1, 1, _of_kind(*_NUMERIC, "string", result=FLOAT)),
    "max": (1, _MOST, _extreme),
    "min": (1, _MOST, _extreme),
    "sum": (1, 1, _of_kind("interface", "slice", result=ANY)),
    "mean": (1, 1, _of_kind("interface", "slice", result=FLOAT)),
    "median": (1, 1, _of_kind("interface", "slice", result=FLOAT)),
    "first": (1, 1, _end),
    "last": (1, 1, _end),
    "get": (2, 2, _get),
    "take": (2, 2, _take),
    "keys": (1, 1, _of_kind("interface", "map", result=ARRAY)),
    "values": (1, 1, _of_kind("interface", "map", result=ARRAY)),
    "toPairs": (1, 1, _of_kind("interface", "map", result=ARRAY)),
    "fromPairs": (1, 1, _of_kind("interface", "slice", result=types.ANY_MAP)),
    "sort": (1, 2, _sort),
    "sortBy": (2, 3, _sort),
}

# ----------------------------------------------------------------------------------- methods: https://pkg.go.dev/time#Time

METHODS: dict[Type, dict[str, Type]] = {
    TIME: {
        **dict.fromkeys(("Year", "Day", "Hour", "Minute", "Second", "Nanosecond", "YearDay"), function(INT)),
        **dict.fromkeys(("Unix", "UnixMilli", "UnixMicro", "UnixNano"), function(INT64)),
        **dict.fromkeys(("IsZero", "IsDST"), function(BOOL)),
        **dict.fromkeys(("After", "Before", "Equal"), function(BOOL, TIME)),
        **dict.fromkeys(("Truncate", "Round", "Add"), function(TIME, DURATION)),
        **dict.fromkeys(("UTC", "Local"), function(TIME)),
        "Month": function(MONTH),
        "Weekday": function(WEEKDAY),
        "Compare": function(INT, TIME),
        "Sub": function(DURATION, TIME),
        "AddDate": function(TIME, INT, INT, INT),
        "Format": function(STRING, STRING),
        "String": function(STRING),
    },
    DURATION: {
        **dict.fromkeys(("Hours", "Minutes", "Seconds"), function(FLOAT)),
        **dict.fromkeys(("Milliseconds", "Microseconds", "Nanoseconds"), function(INT64)),
        **dict.fromkeys(("Round", "Truncate"), function(DURATION, DURATION)),
        "Abs": function(DURATION),
        "String": function(STRING),
    },
    MONTH: {"String": function(STRING)},
    WEEKDAY: {"String": function(STRING)},
}
