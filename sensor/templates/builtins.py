"""The functions that Go's text/template brings itself. `and` and `or` are only named here: the engine carries them out."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from common.sprig import Function, Map, Sized, SprigError, type_of
from common.sprig.function import family
from common.sprig.printf import sprintf
from common.sprig.printing import sprint, sprintln
from common.sprig.values import Uint8, encode, is_empty, is_nil, kind_of

_HTML = str.maketrans({"\0": "�", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}
_INTEGERS = frozenset({"int", "uint"})
_ORDERED = frozenset({"int", "uint", "float", "string"})


def _basic(value: object) -> str:
    """Tell the family of a value that can be compared; empty for all others."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "uint" if isinstance(value, Sized) and not value.signed else "int"
    kinds = ((float, "float"), (complex, "complex"), (str, "string"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "")


def eq(first: object, *others: object) -> bool:
    """Say whether the first value equals any of the others."""
    if not others:
        raise SprigError("missing argument for comparison")
    return any(_equal(first, other) for other in others)


def _equal(one: object, other: object) -> bool:
    mine, yours = _basic(one), _basic(other)
    if mine != yours:
        if {mine, yours} <= _INTEGERS:
            return bool(one == other)
        if one is not None and other is not None:
            raise SprigError(f"incompatible types for comparison: {type_of(one)} and {type_of(other)}")
        return False
    if mine:
        return bool(one == other)
    if one is not None and other is not None and kind_of(one) != kind_of(other):
        raise SprigError(f"non-comparable types {type_of(one)} and {type_of(other)}")
    if is_nil(one) or is_nil(other):
        return is_nil(one) == is_nil(other)
    if isinstance(other, list | dict):
        raise SprigError(f"non-comparable type {type_of(other)}")
    return type(one) is type(other) and bool(one == other)


def ne(one: object, other: object) -> bool:
    """Say whether two values differ."""
    return not _equal(one, other)


def lt(one: object, other: object) -> bool:
    """Say whether the first value comes before the second."""
    mine, yours = _basic(one), _basic(other)
    if not mine or not yours:
        raise SprigError("invalid type for comparison")
    if mine != yours and not {mine, yours} <= _INTEGERS:
        raise SprigError(f"incompatible types for comparison: {type_of(one)} and {type_of(other)}")
    if mine not in _ORDERED:
        raise SprigError("invalid type for comparison")
    if isinstance(one, str) and isinstance(other, str):
        return encode(one) < encode(other)
    return bool(one < other)  # type: ignore[operator]


def le(one: object, other: object) -> bool:
    """Say whether the first value comes before the second, or equals it."""
    return lt(one, other) or _equal(one, other)


def gt(one: object, other: object) -> bool:
    """Say whether the first value comes behind the second."""
    return not le(one, other)


def ge(one: object, other: object) -> bool:
    """Say whether the first value does not come before the second."""
    return not lt(one, other)


def negated(value: object) -> bool:
    """Say whether a value is empty."""
    return is_empty(value)


def length(value: object) -> int:
    """Count the bytes of a text, the items of a list or the keys of a map."""
    if isinstance(value, str):
        return len(encode(value))
    if isinstance(value, list | dict):
        return len(value)
    raise SprigError(f"len of type {type_of(value)}")


def index(value: object, *keys: object) -> object:
    """Look into lists by position and into maps by key, step by step."""
    if value is None:
        raise SprigError("index of untyped nil")
    for key in keys:
        value = _item(value, key)
    return value


def _item(value: object, key: object) -> object:
    if isinstance(value, dict):
        if not isinstance(key, str):
            raise SprigError(f"value has type {type_of(key)}; should be string")
        missing = "" if isinstance(value, Map) and value.element == "string" else None
        return value.get(key, missing)
    if not isinstance(value, list | str):
        raise SprigError("index of nil pointer" if value is None else f"can't index item of type {type_of(value)}")
    if isinstance(key, bool) or not isinstance(key, int):
        raise SprigError(f"cannot index slice/array with type {type_of(key)}")
    items = encode(value) if isinstance(value, str) else value
    if not 0 <= key < len(items):
        raise SprigError(f"index out of range: {int(key)}")
    return Uint8(items[key]) if isinstance(items, bytes) else items[key]


def call(value: object, *arguments: object) -> object:  # noqa: ARG001 - whatever is given
    """Call a function that is a value. There are none in here."""
    raise SprigError(f"non-function of type {type_of(value)}")


def shown(*values: object) -> str:
    """Print values as a template does."""
    return sprint(["<no value>" if value is None else value for value in values])


def html(*values: object) -> str:
    """Escape for HTML."""
    return shown(*values).translate(_HTML)


def js(*values: object) -> str:
    """Escape for JavaScript."""
    return "".join(map(_js, shown(*values)))


def _js(letter: str) -> str:
    if letter in _JS:
        return _JS[letter]
    # Bytes that are no UTF-8 stay: Go takes them for U+FFFD, which prints.
    return letter if letter.isprintable() or letter == "\x7f" or "\udc80" <= letter <= "\udcff" else f"\\u{ord(letter):04X}"


def urlquery(*values: object) -> str:
    """Escape for the query of a URL."""
    return quote_plus(encode(shown(*values)))


def printed(*values: object) -> str:
    """Print values, with spaces between those that are no texts."""
    return sprint(list(values))


def printed_line(*values: object) -> str:
    """Print values with spaces between them, and a line feed."""
    return sprintln(list(values))


def printed_by(template: str, *values: object) -> str:
    """Print values by a format."""
    return sprintf(template, list(values))


def slowly(first: object, *others: object) -> object:  # noqa: ARG001 - see the docstring
    """Stand for `and` and `or`, which the engine carries out itself."""
    raise SprigError("not called")


_RUN: dict[str, Callable[..., Any]] = {
    "and": slowly,
    "call": call,
    "eq": eq,
    "ge": ge,
    "gt": gt,
    "html": html,
    "index": index,
    "js": js,
    "le": le,
    "len": length,
    "lt": lt,
    "ne": ne,
    "not": negated,
    "or": slowly,
    "print": printed,
    "printf": printed_by,
    "println": printed_line,
    "urlquery": urlquery,
}
BUILTINS: Mapping[str, Function] = family(_RUN)
