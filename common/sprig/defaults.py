"""Defaults, emptiness, and types told by name."""

from collections.abc import Callable
from typing import Any

from common.sprig.values import SprigError, deep_equal, is_empty, kind_of, type_of


def default(instead: object, *given: object) -> object:
    """Give the value, or the default where it is empty."""
    return instead if not given or is_empty(given[0]) else given[0]


def empty(value: object) -> bool:
    """Say whether a value is the empty one of its type."""
    return is_empty(value)


def coalesce(*values: object) -> object:
    """Give the first value that is not empty."""
    return next((value for value in values if not is_empty(value)), None)


def every(*values: object) -> bool:
    """Say whether no value is empty."""
    return not any(map(is_empty, values))


def some(*values: object) -> bool:
    """Say whether any value is not empty."""
    return not all(map(is_empty, values))


def ternary(yes: object, no: object, condition: bool) -> object:  # noqa: FBT001 - the signature of sprig
    """Choose by a truth."""
    return yes if condition else no


def fail(text: str) -> str:
    """Fail, on purpose."""
    raise SprigError(text)


def type_name(value: object) -> str:
    """Name the type of a value."""
    return type_of(value)


def kind_name(value: object) -> str:
    """Name the kind of a value."""
    return kind_of(value)


def type_is(name: str, value: object) -> bool:
    """Say whether the type has this name."""
    return type_of(value) == name


def type_is_like(name: str, value: object) -> bool:
    """Say whether the type, or what it points to, has this name."""
    return type_of(value) in {name, f"*{name}"}


def kind_is(name: str, value: object) -> bool:
    """Say whether the kind has this name."""
    return kind_of(value) == name


def equal(one: object, other: object) -> bool:
    """Say whether two values are of one type and equal all the way down."""
    return deep_equal(one, other)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "all": every,
    "any": some,
    "coalesce": coalesce,
    "deepEqual": equal,
    "default": default,
    "empty": empty,
    "fail": fail,
    "kindIs": kind_is,
    "kindOf": kind_name,
    "ternary": ternary,
    "typeIs": type_is,
    "typeIsLike": type_is_like,
    "typeOf": type_name,
}
