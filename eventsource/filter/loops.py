"""The builtins that ask a closure about each element: antonmedv/expr v1.15.5, compiler BuiltinNode."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from common.sprig.values import encode
from eventsource.filter.budget import Frame, Scope
from eventsource.filter.errors import Fault
from eventsource.filter.values import AnyMap, Slice, Uint8, Value, is_list, truth, type_name

Run = Callable[[Frame], Value]
Body = Callable[[Frame, Scope], Value]


def _loop(arguments: Sequence[Run], body: Body) -> Run:
    """Make the function that does something within the scope of a list."""
    collection = arguments[0]

    def run(frame: Frame) -> Value:
        array = collection(frame)
        if not is_list(array):
            array = _measured(array)
        outer = frame.scope
        scope = frame.scope = Scope(array)
        result = body(frame, scope)
        frame.scope = outer
        return result

    return run


class _Entries:
    """A map can be counted through, but has no element with a number."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, _: int) -> Value:
        raise Fault("reflect: call of reflect.Value.Index on map Value")


def _measured(value: Value) -> Any:  # noqa: ANN401 - something with a length
    """Take what is no list but has a length: the bytes of a string, the entries of a map."""
    if type(value) is str:
        return [Uint8(byte) for byte in encode(value)]
    if isinstance(value, (dict, AnyMap)):
        return _Entries(len(value))
    raise Fault(f"cannot loop over {type_name(value)}")


def _steps(frame: Frame, scope: Scope) -> Iterator[int]:
    """Go through the list; each step costs."""
    for index in range(scope.index, len(scope.array)):
        frame.spend(1)
        scope.index = index
        yield index


def _backwards(frame: Frame, scope: Scope) -> Iterator[int]:
    for index in range(len(scope.array) - 1, -1, -1):
        frame.spend(1)
        scope.index = index
        yield index


def _search(wanted: bool, otherwise: bool) -> "Maker":  # noqa: FBT001
    """Make `all`, `none` and `any`: the first answer that is as wanted decides."""

    def make(arguments: Sequence[Run], _: Run | None, __: bool) -> Run:  # noqa: FBT001
        predicate = arguments[1]

        def body(frame: Frame, scope: Scope) -> Value:
            return otherwise if any(truth(predicate(frame)) is wanted for _ in _steps(frame, scope)) else not otherwise

        return _loop(arguments, body)

    return make


def _counted(frame: Frame, scope: Scope, predicate: Run) -> int:
    return sum(truth(predicate(frame)) for _ in _steps(frame, scope))


def _count(arguments: Sequence[Run], _: Run | None, __: bool) -> Run:  # noqa: FBT001
    return _loop(arguments, lambda frame, scope: _counted(frame, scope, arguments[1]))


def _one(arguments: Sequence[Run], _: Run | None, __: bool) -> Run:  # noqa: FBT001
    return _loop(arguments, lambda frame, scope: _counted(frame, scope, arguments[1]) == 1)


def _filter(arguments: Sequence[Run], mapped: Run | None, _: bool) -> Run:  # noqa: FBT001
    predicate = arguments[1]

    def body(frame: Frame, scope: Scope) -> Value:
        kept = [mapped(frame) if mapped else scope.array[index] for index in _steps(frame, scope) if truth(predicate(frame))]
        frame.grow(len(kept))
        return kept

    return _loop(arguments, body)


def _map(arguments: Sequence[Run], _: Run | None, __: bool) -> Run:  # noqa: FBT001
    closure = arguments[1]

    def body(frame: Frame, scope: Scope) -> Value:
        made = [closure(frame) for _ in _steps(frame, scope)]
        frame.grow(len(made))
        return made

    return _loop(arguments, body)


def _find(steps: Callable[[Frame, Scope], Iterator[int]]) -> "Maker":
    def make(arguments: Sequence[Run], mapped: Run | None, throws: bool) -> Run:  # noqa: FBT001
        predicate = arguments[1]

        def body(frame: Frame, scope: Scope) -> Value:
            for index in steps(frame, scope):
                if truth(predicate(frame)):
                    return mapped(frame) if mapped else scope.array[index]
            if throws:
                raise Fault("reflect: slice index out of range")
            return None

        return _loop(arguments, body)

    return make


def _find_index(steps: Callable[[Frame, Scope], Iterator[int]]) -> "Maker":
    def make(arguments: Sequence[Run], _: Run | None, __: bool) -> Run:  # noqa: FBT001
        predicate = arguments[1]

        def body(frame: Frame, scope: Scope) -> Value:
            return next((index for index in steps(frame, scope) if truth(predicate(frame))), None)

        return _loop(arguments, body)

    return make


def _group_by(arguments: Sequence[Run], _: Run | None, __: bool) -> Run:  # noqa: FBT001
    closure = arguments[1]

    def body(frame: Frame, scope: Scope) -> Value:
        # Go makes the map for the first element only.
        groups = AnyMap("[]interface {}", Slice(nil=True), nil=not len(scope.array))
        for index in _steps(frame, scope):
            key = closure(frame)
            if not groups.has(key):
                groups.put(key, [])
            groups.get(key).append(scope.array[index])
        return groups

    return _loop(arguments, body)


def _reduce(arguments: Sequence[Run], _: Run | None, __: bool) -> Run:  # noqa: FBT001
    closure = arguments[1]
    start = arguments[2] if len(arguments) > 2 else None  # noqa: PLR2004

    def body(frame: Frame, scope: Scope) -> Value:
        if start:
            scope.acc = start(frame)
        elif not len(scope.array):
            raise Fault("reflect: slice index out of range")
        else:
            scope.acc, scope.index = scope.array[0], 1
        for _ in _steps(frame, scope):
            scope.acc = closure(frame)
        return scope.acc

    return _loop(arguments, body)


Maker = Callable[[Sequence[Run], Run | None, bool], Run]

LOOPS: dict[str, Maker] = {
    "all": _search(wanted=False, otherwise=False),
    "none": _search(wanted=True, otherwise=False),
    "any": _search(wanted=True, otherwise=True),
    "one": _one,
    "filter": _filter,
    "map": _map,
    "count": _count,
    "find": _find(_steps),
    "findIndex": _find_index(_steps),
    "findLast": _find(_backwards),
    "findLastIndex": _find_index(_backwards),
    "groupBy": _group_by,
    "reduce": _reduce,
}
