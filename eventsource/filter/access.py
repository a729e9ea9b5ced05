"""Members, elements, parts and calls: antonmedv/expr v1.15.5, vm/runtime Fetch and Slice."""

from common.sprig import Function as SprigFunction
from common.sprig import SprigError, method
from common.sprig.values import ANY, decode, encode
from eventsource.filter.budget import Frame
from eventsource.filter.errors import Fault
from eventsource.filter.exports import exported
from eventsource.filter.operators import cut, map_key
from eventsource.filter.values import AnyMap, Function, Map, Uint8, Value, is_list, length, to_int, type_name

_COSTS = {"bcrypt": 100_000, "htpasswd": 100_000, "derivePassword": 200_000, "encryptAES": 100, "decryptAES": 100}
_COST = 20


def fetch(base: Value, key: Value, frame: Frame) -> Value:
    """Do `base[key]`. A key that a map lacks is nil; an element that a list lacks is an error."""
    if isinstance(base, dict):
        zero = "" if isinstance(base, Map) and base.element == "string" else None
        return base.get(map_key(key), zero)
    if isinstance(base, AnyMap):
        return base.get(key)
    if is_list(base):
        return base[_index(len(base), key)]
    if type(base) is str:
        if not base.isascii():
            frame.spend(len(base) // 100)
        data = encode(base)
        return Uint8(data[_index(len(data), key)])
    if type(key) is str and (bound := method(base, key)):
        return foreign(bound)
    raise Fault(f"cannot fetch {_shown(key)} from {type_name(base)}")


def _index(size: int, key: Value) -> int:
    index = to_int(key)
    if index < 0:
        index += size
    if not 0 <= index < size:
        raise Fault("reflect: slice index out of range")
    return index


def _shown(key: Value) -> str:
    return key if type(key) is str else repr(key)


def part(base: Value, start: Value, end: Value, frame: Frame) -> Value:
    """Do `base[start:end]`, in bytes where it is a string."""
    if type(base) is not str and not is_list(base):
        raise Fault(f"cannot slice {type_name(base)}")
    size = length(base)
    frame.spend(1 + size // 100)
    first, last = to_int(start), to_int(end)
    first = max(first + size if first < 0 else first, 0)
    last = min(max(last + size if last < 0 else last, 0), size)
    first = min(first, last)
    if type(base) is not str:
        return cut(base, first, last)
    return base[first:last] if base.isascii() else decode(encode(base)[first:last])


def foreign(function: SprigFunction) -> Function:
    """Let expressions call a function of sprig, or a method; they are stricter than templates about nil."""
    cost = _COSTS.get(function.name, _COST)

    def run(frame: Frame, *arguments: Value) -> Value:
        frame.spend(cost + sum(len(argument) for argument in arguments if type(argument) is str) // 2)
        for number, argument in enumerate(arguments):
            if argument is None and function.wants(number) not in ("", ANY):
                raise Fault(f"{function.name}: nil is no {function.wants(number)}")
        try:
            found = function(*[exported(argument, frame) for argument in arguments])
        except SprigError as error:
            raise Fault(f"{function.name}: {error}") from None
        if isinstance(found, (str, list, dict)):
            frame.characters(len(found))
        return found

    return Function(function.name, run)


def call(callee: Value, arguments: list[Value], frame: Frame) -> Value:
    """Do `callee(arguments)`."""
    if not isinstance(callee, Function):
        raise Fault(f"{type_name(callee)} is not a function")
    return callee.call(frame, *arguments)
