"""The builtins that ask a closure about each element: antonmedv/expr v1.15.5, compiler BuiltinNode.

One fault of it is mended: its `findLast` and `findLastIndex` leave a stray bool on the stack, so that `2 == findLast(…)`
compares that one. Here they mean the same on either side of an operator.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from common.sprig.values import encode
from eventsource.filter.budget import Frame, Scope
from eventsource.filter.errors import Fault
from eventsource.filter.values import AnyMap, Slice, Uint8, Value, is_list, truth, type_name

Run = Callable[[Frame], Value]
Body = Callable[[Frame, Scope], Value]
Steps = Callable[[Frame, Scope], Iterator[int]]


@dataclass(frozen=True, slots=True)
class Loop:
    """One call. `mapped` and `throws` are the optimizer's (see `nodes.Builtin`); each step of it costs `pace`."""

    arguments: Sequence[Run]
    mapped: Run | None = None
    throws: bool = False
    pace: int = 1

    @property
    def closure(self) -> Run:
        """What is asked about each element."""
        return self.arguments[1]

    def forwards(self, frame: Frame, scope: Scope) -> Iterator[int]:
        """Go through the list."""
        for index in range(scope.index, len(scope.array)):
            frame.spend(self.pace)
            scope.index = index
            yield index

    def backwards(self, frame: Frame, scope: Scope) -> Iterator[int]:
        """Go through the list from its end."""
        for index in range(len(scope.array) - 1, -1, -1):
            frame.spend(self.pace)
            scope.index = index
            yield index

    def found(self, frame: Frame, scope: Scope, index: int) -> Value:
        """Give the element, or what the optimizer wants of it."""
        return self.mapped(frame) if self.mapped else scope.array[index]


def _loop(loop: Loop, body: Body) -> Run:
    """Make the function that does something within the scope of a list."""
    collection = loop.arguments[0]

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


Maker = Callable[[Loop], Run]


def _search(*, wanted: bool, otherwise: bool) -> Maker:
    """Make `all`, `none` and `any`: the first answer that is as wanted decides."""

    def make(loop: Loop) -> Run:
        predicate = loop.closure

        def body(frame: Frame, scope: Scope) -> Value:
            decided = any(truth(predicate(frame)) is wanted for _ in loop.forwards(frame, scope))
            return otherwise if decided else not otherwise

        return _loop(loop, body)

    return make


def _counted(loop: Loop, frame: Frame, scope: Scope) -> int:
    predicate = loop.closure
    return sum(truth(predicate(frame)) for _ in loop.forwards(frame, scope))


def _count(loop: Loop) -> Run:
    return _loop(loop, lambda frame, scope: _counted(loop, frame, scope))


def _one(loop: Loop) -> Run:
    return _loop(loop, lambda frame, scope: _counted(loop, frame, scope) == 1)


def _filter(loop: Loop) -> Run:
    predicate = loop.closure

    def body(frame: Frame, scope: Scope) -> Value:
        kept = [loop.found(frame, scope, index) for index in loop.forwards(frame, scope) if truth(predicate(frame))]
        frame.grow(len(kept))
        return kept

    return _loop(loop, body)


def _map(loop: Loop) -> Run:
    closure = loop.closure

    def body(frame: Frame, scope: Scope) -> Value:
        made = [closure(frame) for _ in loop.forwards(frame, scope)]
        frame.grow(len(made))
        return made

    return _loop(loop, body)


def _find(loop: Loop, steps: Steps) -> Run:
    predicate = loop.closure

    def body(frame: Frame, scope: Scope) -> Value:
        for index in steps(frame, scope):
            if truth(predicate(frame)):
                return loop.found(frame, scope, index)
        if loop.throws:
            raise Fault("reflect: slice index out of range")
        return None

    return _loop(loop, body)


def _find_index(loop: Loop, steps: Steps) -> Run:
    predicate = loop.closure

    def body(frame: Frame, scope: Scope) -> Value:
        return next((index for index in steps(frame, scope) if truth(predicate(frame))), None)

    return _loop(loop, body)


def _group_by(loop: Loop) -> Run:
    closure = loop.closure

    def body(frame: Frame, scope: Scope) -> Value:
        # Go makes the map for the first element only.
        groups = AnyMap("[]interface {}", Slice(nil=True), nil=not len(scope.array))
        for index in loop.forwards(frame, scope):
            key = closure(frame)
            if not groups.has(key):
                groups.put(key, [])
            groups.get(key).append(scope.array[index])
        return groups

    return _loop(loop, body)


def _reduce(loop: Loop) -> Run:
    closure = loop.closure
    start = loop.arguments[2] if len(loop.arguments) > 2 else None  # noqa: PLR2004

    def body(frame: Frame, scope: Scope) -> Value:
        if start:
            scope.acc = start(frame)
        elif not len(scope.array):
            raise Fault("reflect: slice index out of range")
        else:
            scope.acc, scope.index = scope.array[0], 1
        for _ in loop.forwards(frame, scope):
            scope.acc = closure(frame)
        return scope.acc

    return _loop(loop, body)


LOOPS: dict[str, Maker] = {
    "all": _search(wanted=False, otherwise=False),
    "none": _search(wanted=True, otherwise=False),
    "any": _search(wanted=True, otherwise=True),
    "one": _one,
    "count": _count,
    "filter": _filter,
    "map": _map,
    "find": lambda loop: _find(loop, loop.forwards),
    "findIndex": lambda loop: _find_index(loop, loop.forwards),
    "findLast": lambda loop: _find(loop, loop.backwards),
    "findLastIndex": lambda loop: _find_index(loop, loop.backwards),
    "groupBy": _group_by,
    "reduce": _reduce,
}
