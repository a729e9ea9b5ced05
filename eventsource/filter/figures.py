"""Builtins on numbers."""

import math
import re
from collections.abc import Callable

from common.sprig.numbers import parse_float, parse_int
from common.sprig.values import Sized
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.operators import less, more
from eventsource.filter.values import INTEGERS, Uint8, Value, is_list, to_float, to_int, type_name, wrap

_HALF = 0.5
_UNDERSCORE = re.compile("(?<=[0-9])_(?=[0-9])")
_EXACT = 2.0**52


def _abs(_: Frame, value: Value) -> Value:
    if type(value) is float:
        return abs(value) if value < 0 else value
    if type(value) in INTEGERS:
        number = wrap(abs(value))
        return number if type(value) is int else type(value)(number)
    raise Fault(f"invalid argument for abs (type {type_name(value)})")


def _rounding(name: str, do: Callable[[float], float]) -> Callable[[Frame, Value], float]:
    def rounded(_: Frame, value: Value) -> float:
        if type(value) in INTEGERS:
            return float(value)
        if type(value) is not float:
            raise Fault(f"invalid argument for {name} (type {type_name(value)})")
        return value if math.isnan(value) or abs(value) >= _EXACT else math.copysign(do(value), value)

    return rounded


def _half_away(value: float) -> float:
    whole = math.trunc(value)
    return whole + math.copysign(1, value) if abs(value - whole) >= _HALF else whole


def to_integer(_: Frame, value: Value) -> int:
    """Do `int(x)`: a number is cut, a text must be a whole number."""
    if type(value) is not str:
        return to_int(value)
    number = parse_int(value, 10)
    if number is None:
        raise Fault(f"invalid operation: int({value})")
    return number


def to_number(_: Frame, value: Value) -> float:
    """Do `float(x)`."""
    if type(value) is not str:
        return to_float(value)
    number = parse_float(_UNDERSCORE.sub("", value))
    if number is None:
        raise Fault(f"invalid operation: float({value})")
    return number


def _extreme(better: Callable[[Value, Value], bool]) -> Callable[..., Value]:
    def extreme(frame: Frame, *values: Value) -> Value:
        frame.spend(len(values))
        best: Value = None
        for value in values:
            if best is None or better(best, value):
                best = value
        return best

    return extreme


def _numbers(frame: Frame, name: str, value: Value) -> Value:
    """Insist on a list of signed numbers, durations and months included."""
    if not is_list(value):
        raise Fault(f"cannot {name} {type_name(value)}")
    frame.spend(len(value))
    for item in value:
        signed = type(item) in (int, float) or (isinstance(item, Sized) and item.signed and not isinstance(item, Uint8))
        if not signed:
            raise Fault(f"cannot {name} {type_name(item)}")
    return value


def _sum(frame: Frame, value: Value) -> Value:
    whole, fraction = 0, 0.0
    is_fraction = False
    for item in _numbers(frame, "sum", value):
        if not is_fraction and type(item) is not float:
            whole = wrap(whole + int(item))
            continue
        if not is_fraction:
            is_fraction, fraction = True, float(whole)
        fraction += float(item)
    return fraction if is_fraction else whole


def _mean(frame: Frame, value: Value) -> float:
    numbers = _numbers(frame, "mean", value)
    total = 0.0
    for number in numbers:
        total += float(number)
    return total / len(numbers) if numbers else 0.0


def _median(frame: Frame, value: Value) -> float:
    # Go sorts what is no number to the front.
    numbers = sorted(map(float, _numbers(frame, "median", value)), key=lambda number: (not math.isnan(number), number))
    if not numbers:
        return 0.0
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


CALLS: dict[str, Callable[..., Value]] = {
    "abs": _abs,
    "ceil": _rounding("ceil", math.ceil),
    "floor": _rounding("floor", math.floor),
    "round": _rounding("round", _half_away),
    "int": to_integer,
    "float": to_number,
    "max": _extreme(less),
    "min": _extreme(more),
    "sum": _sum,
    "mean": _mean,
    "median": _median,
}
