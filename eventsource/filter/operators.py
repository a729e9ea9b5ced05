"""What operators do with two values: antonmedv/expr v1.15.5, vm/runtime."""

import math
import operator
from collections.abc import Callable

from common.sprig import values as go
from common.sprig.powers import power
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.values import (
    INTEGERS,
    NUMBERS,
    AnyMap,
    Duration,
    Function,
    Moment,
    Pair,
    Sized,
    Slice,
    Value,
    is_list,
    is_nil,
    joined,
    to_float,
    type_name,
    wrap,
)


def _mismatch(left: Value, sign: str, right: Value) -> Fault:
    return Fault(f"invalid operation: {type_name(left)} {sign} {type_name(right)}")


# ----------------------------------------------------------------------------------------------------------- equality


def equal(left: Value, right: Value, frame: Frame) -> bool:
    """Say whether Go's expr finds them equal: numbers by value, lists and maps only with the same types inside."""
    kinds = (type(left), type(right))
    if kinds == (str, str):
        return bool(left == right)
    if kinds[0] in NUMBERS and kinds[1] in NUMBERS:
        return bool(float(left) == float(right) if float in kinds else int(left) == int(right))
    if kinds == (Moment, Moment):
        return bool(left.total == right.total)
    if is_nil(left) and is_nil(right):
        return True
    return deep_equal(left, right, frame)


def deep_equal(left: Value, right: Value, frame: Frame) -> bool:
    """Compare as reflect.DeepEqual does: 1 is not 1.0 here."""
    frame.spend(3)
    if left is right and isinstance(left, (list, dict, AnyMap)):
        return True
    if isinstance(left, Function) or type_name(left) != type_name(right) or is_nil(left) != is_nil(right):
        return False
    if is_list(left):
        return len(left) == len(right) and all(deep_equal(*pair, frame) for pair in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(deep_equal(left[key], right[key], frame) for key in left)
    if isinstance(left, AnyMap):
        same_keys = left.entries.keys() == right.entries.keys()
        return same_keys and all(deep_equal(value, right.get(key), frame) for key, value in left.items())
    return bool(left == right)


def contains(needle: Value, array: Value, frame: Frame) -> bool:
    """Do `needle in array`."""
    if array is None:
        return False
    if is_list(array):
        frame.spend(len(array))
        return any(equal(item, needle, frame) for item in array)
    if isinstance(array, AnyMap):
        return array.has(needle)
    if isinstance(array, dict):
        return map_key(needle) in array
    if isinstance(array, Moment) and type(needle) is str:
        return False
    raise Fault(f'operator "in" not defined on {type_name(array)}')


def map_key(key: Value) -> str:
    """Turn a value into a key of a map of strings; nil is the empty one."""
    if key is None:
        return ""
    if type(key) is str:
        return key
    raise Fault(f"reflect: value of type {type_name(key)} is not assignable to type string")


# -------------------------------------------------------------------------------------------------------------- order


def _ordering(sign: str, compare: Callable[[Value, Value], bool]) -> Callable[[Value, Value], bool]:
    def ordered(left: Value, right: Value) -> bool:
        kinds = (type(left), type(right))
        if kinds[0] in NUMBERS and kinds[1] in NUMBERS:
            if float in kinds:
                return compare(float(left), float(right))
            return compare(int(left), int(right))
        if kinds == (str, str):
            # Bytes that are no UTF-8 stand at another place among code points.
            return compare(left, right) if left.isascii() and right.isascii() else compare(go.encode(left), go.encode(right))
        if kinds == (Duration, Duration):
            return compare(left, right)
        if kinds == (Moment, Moment):
            return compare(left.total, right.total)
        raise _mismatch(left, sign, right)

    return ordered


less = _ordering("<", operator.lt)
more = _ordering(">", operator.gt)
less_or_equal = _ordering("<=", operator.le)
more_or_equal = _ordering(">=", operator.ge)

# --------------------------------------------------------------------------------------------------------- arithmetic


def add(left: Value, right: Value, frame: Frame) -> Value:
    """Do `left + right`."""
    kinds = (type(left), type(right))
    if kinds == (str, str):
        frame.characters(len(left) + len(right))
        return joined(left + right)
    if (number := _arithmetic(operator.add, left, right)) is not None:
        return number
    if kinds == (Moment, Duration):
        return left.plus(right)
    if kinds == (Duration, Moment):
        return right.plus(left)
    if kinds == (Duration, Duration):
        return Duration(wrap(left + right))
    raise _mismatch(left, "+", right)


def subtract(left: Value, right: Value) -> Value:
    """Do `left - right`."""
    if (number := _arithmetic(operator.sub, left, right)) is not None:
        return number
    kinds = (type(left), type(right))
    if kinds == (Moment, Moment):
        return since(left, right)
    if kinds == (Moment, Duration):
        return left.plus(-int(right))
    if kinds == (Duration, Duration):
        return Duration(wrap(int(left) - int(right)))
    raise _mismatch(left, "-", right)


def since(left: Moment, right: Moment) -> Duration:
    """Give the time between, at most what a duration can hold."""
    return Duration(max(-(1 << 63), min((1 << 63) - 1, left.total - right.total)))


def multiply(left: Value, right: Value) -> Value:
    """Do `left * right`; a duration times a whole number is a duration."""
    if (number := _arithmetic(operator.mul, left, right)) is not None:
        return number
    kinds = {type(left), type(right)}
    if Duration in kinds and kinds <= NUMBERS | {Duration}:
        if float in kinds:
            return float(left) * float(right)
        return Duration(wrap(int(left) * int(right)))
    raise _mismatch(left, "*", right)


def _arithmetic(do: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    kinds = (type(left), type(right))
    if kinds[0] not in NUMBERS or kinds[1] not in NUMBERS:
        return None
    if float in kinds:
        return do(float(left), float(right))
    return wrap(do(int(left), int(right)))


def divide(left: Value, right: Value) -> float:
    """Do `left / right`, always with a fraction; by zero it is infinite or no number."""
    if type(left) not in NUMBERS or type(right) not in NUMBERS:
        raise _mismatch(left, "/", right)
    return quotient(float(left), float(right))


def quotient(left: float, right: float) -> float:
    """Divide as IEEE 754 says."""
    if right:
        return left / right
    if not left or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def modulo(left: Value, right: Value) -> int:
    """Do `left % right`; the sign is that of the left side."""
    if type(left) not in INTEGERS or type(right) not in INTEGERS:
        raise _mismatch(left, "%", right)
    return remainder(int(left), int(right))


def remainder(left: int, right: int) -> int:
    """Give the rest of a division that rounds to zero. Raises `Fault`."""
    if not right:
        raise Fault("integer divide by zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def exponent(left: Value, right: Value) -> float:
    """Do `left ** right`."""
    return power(to_float(left), to_float(right))


def negate(value: Value) -> Value:
    """Do `-value`."""
    if type(value) is float:
        return -value
    if type(value) in INTEGERS:
        if isinstance(value, Sized):
            return type(value)(wrap(-int(value), value.bits, signed=value.signed))
        return wrap(-value)
    raise Fault(f"invalid operation: - {type_name(value)}")


def span(left: int, right: int, frame: Frame) -> range:
    """Do `left..right`."""
    size = max(wrap(right - left + 1), 0)
    frame.grow(size)
    return range(left, right + 1) if size else range(0)


def cut(value: Value, start: int, end: int) -> Value:
    """Take a part of a list, of the same type."""
    if isinstance(value, Slice):
        return Slice(value[start:end], go.ANY if isinstance(value, Pair) else value.element)
    return value[start:end]
