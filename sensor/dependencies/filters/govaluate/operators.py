"""What the operators do with values, on Go's numbers: float64, and 64 bits where bits are meant."""

import math
import operator
from collections.abc import Callable
from typing import Any

from common.sprig.powers import power
from sensor.dependencies.filters import regex
from sensor.dependencies.filters.govaluate.printing import shown
from sensor.dependencies.filters.govaluate.tokens import Failed

_WORD = 1 << 64
_HALF = 1 << 63
_NUMBER = "it is not a number"


def kind_of(value: Any) -> type:  # noqa: ANN401 - any JSON value
    """Give the type as Go tells it apart: a truth is no number."""
    return type(value)


def apply(mark: str, left: Any, right: Any) -> Any:  # noqa: ANN401, PLR0911 - one line for each family
    """Join two values. Raises `Failed` where their types do not go with the operator."""
    if mark == "==":
        return same(left, right)
    if mark == "!=":
        return not same(left, right)
    if mark in _ORDERED:
        return _ordered(mark, left, right)
    if mark in {"&&", "||"}:
        return _logical(mark, left, right)
    if mark in {"=~", "!~"}:
        return _matches(left, right) is (mark == "=~")
    if mark == "in":
        return _among(left, right)
    if mark == "+" and str in {kind_of(left), kind_of(right)}:
        return shown(left) + shown(right)
    return _arithmetic(mark, left, right)


def prefixed(mark: str, value: Any) -> Any:  # noqa: ANN401
    """Apply `-`, `!` or `~`. Raises `Failed`."""
    if kind_of(value) is not (bool if mark == "!" else float):
        raise Failed(f"Value '{shown(value)}' cannot be used with the prefix '{mark}'")
    if mark == "!":
        return not value
    return -value if mark == "-" else float(~_signed(value))


def same(left: Any, right: Any) -> bool:  # noqa: ANN401
    """Compare deeply; values of different types are never the same."""
    if kind_of(left) is not kind_of(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    return bool(left == right)


def _ordered(mark: str, left: Any, right: Any) -> bool:  # noqa: ANN401
    if kind_of(left) is str and kind_of(right) is str:
        # Go compares the bytes of texts; in UTF-8 these stand in the order of the code points.
        return bool(_ORDERED[mark](left, right))
    if kind_of(left) is float and kind_of(right) is float:
        return bool(_ORDERED[mark](left, right))
    raise _unfit(left, mark, "comparator", _NUMBER)


def _logical(mark: str, left: Any, right: Any) -> bool:  # noqa: ANN401
    for value in (left, right):
        if kind_of(value) is not bool:
            raise _unfit(value, mark, "logical operator", "it is not a bool")
    return bool(left and right if mark == "&&" else left or right)


def _matches(left: Any, right: Any) -> bool:  # noqa: ANN401
    if kind_of(left) is not str:
        raise _unfit(left, "=~", "comparator", _NUMBER)
    if isinstance(right, str):
        try:
            right = regex.compile_pattern(right)
        except regex.BadPattern as error:
            raise Failed(f"Unable to compile regexp pattern '{right}': {error}") from error
    if not isinstance(right, regex.Pattern):
        raise _unfit(right, "=~", "comparator", _NUMBER)
    return right.found_in(left)


def _among(left: Any, right: Any) -> bool:  # noqa: ANN401
    if kind_of(right) is not list:
        raise _unfit(right, "in", "comparator", _NUMBER)
    for value in right:
        if isinstance(left, list | dict) and kind_of(left) is kind_of(value):
            # Go crashes here.
            raise Failed("lists and objects cannot be looked for in a list")
        if same(left, value):
            return True
    return False


def _arithmetic(mark: str, left: Any, right: Any) -> float:  # noqa: ANN401
    for value in (left, right):
        if kind_of(value) is not float:
            raise _unfit(value, mark, "modifier", _NUMBER)
    return _ARITHMETIC[mark](left, right)


def _unfit(value: Any, mark: str, what: str, why: str) -> Failed:  # noqa: ANN401
    return Failed(f"Value '{shown(value)}' cannot be used with the {what} '{mark}', {why}")


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


def _signed(number: float) -> int:
    """Convert to int64 as amd64 does: what does not fit is the smallest."""
    return int(number) if -_HALF <= number < _HALF else -_HALF


def _unsigned(number: float) -> int:
    """Convert to uint64 as amd64 does: below 0 it wraps, what does not fit is the half."""
    return int(number) % _WORD if -_HALF <= number < _WORD else _HALF


def _shifted_left(left: float, right: float) -> float:
    count = _unsigned(right)
    return float(_unsigned(left) << count & _WORD - 1) if count < _WORD.bit_length() else 0.0


def _shifted_right(left: float, right: float) -> float:
    count = _unsigned(right)
    return float(_unsigned(left) >> count) if count < _WORD.bit_length() else 0.0


_ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": _remainder,
    "**": power,
    "&": lambda left, right: float(_signed(left) & _signed(right)),
    "|": lambda left, right: float(_signed(left) | _signed(right)),
    "^": lambda left, right: float(_signed(left) ^ _signed(right)),
    "<<": _shifted_left,
    ">>": _shifted_right,
}
