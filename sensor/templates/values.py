"""Reckon the values of pipelines: fields, functions, methods, and the types of arguments, all by Go's rules.

Go tells a value that is not there from one that is nil. The first is `MISSING` here: its members are missing as well.
The second is None: to ask it for a member is an error. What comes out of a pipeline is never None.
"""

from typing import Any

from common.sprig import Function, SprigError, assign, method, type_of
from common.sprig.durations import Duration
from common.sprig.values import ANY, Int64, Map, Sized, Uint32, Uint64, is_empty
from sensor.templates.errors import Fault
from sensor.templates.limits import Budget
from sensor.templates.nodes import Bool, Call, Chain, Command, Dot, Field, Nil, Number, Operand, Pipe, Text, Variable


class Missing:
    """A value that is not there."""


MISSING = Missing()
_ABSENT = Missing()
_SIGNED: dict[str, type[int]] = {"int": int, "int64": Int64, Duration.go_type: Duration}
_UNSIGNED: dict[str, type[Sized]] = {"uint32": Uint32, "uint64": Uint64}
_MAP = f"map[string]{ANY}"


class Reckoner:
    """Reckons values for one template body; `variables` grows and shrinks as they come and go."""

    def __init__(self, dot: Any, budget: Budget) -> None:  # noqa: ANN401 - any Go value
        self.variables: list[tuple[str, Any]] = [("$", dot)]
        self.budget = budget

    def pipe(self, dot: Any, pipe: Pipe) -> Any:  # noqa: ANN401 - any Go value
        """Give the value of a pipeline, and set its variables."""
        value: Any = _ABSENT
        for command in pipe.commands:
            value = self._command(dot, command, value)
            value = MISSING if value is None else value
        for name in pipe.variables:
            if pipe.assigns:
                self.set(name, value, pipe.at)
            else:
                self.variables.append((name, value))
        return value

    def set(self, name: str, value: Any, at: int) -> None:  # noqa: ANN401 - any Go value
        """Give a variable another value."""
        for number in range(len(self.variables) - 1, -1, -1):
            if self.variables[number][0] == name:
                self.variables[number] = (name, value)
                return
        raise Fault(f"undefined variable: {name}", at)

    def _variable(self, name: str, at: int) -> Any:  # noqa: ANN401 - any Go value
        for known, value in reversed(self.variables):
            if known == name:
                return value
        raise Fault(f"undefined variable: {name}", at)

    def _command(self, dot: Any, command: Command, final: Any) -> Any:  # noqa: ANN401 - any Go value
        self.budget.step(command.at)
        first, *arguments = command.operands
        if isinstance(first, Field | Chain | Call) or (isinstance(first, Variable) and first.names):
            return self._called(dot, first, arguments, final)
        if arguments or final is not _ABSENT:
            raise Fault("can't give argument to non-function", first.at)
        if isinstance(first, Nil):
            raise Fault("nil is not a command", first.at)
        return self._operand(dot, first)

    def _operand(self, dot: Any, operand: Operand) -> Any:  # noqa: ANN401, PLR0911 - one line a kind
        """Give the value of an operand for whatever type."""
        if isinstance(operand, Text | Bool):
            return operand.value
        if isinstance(operand, Dot):
            return dot
        if isinstance(operand, Number):
            if operand.any is None:
                raise Fault(f"{operand.text} overflows int", operand.at)
            return operand.any
        if isinstance(operand, Pipe):
            return self.pipe(dot, operand)
        if isinstance(operand, Nil):
            return None
        if isinstance(operand, Variable) and not operand.names:
            return self._variable(operand.name, operand.at)
        return self._called(dot, operand, [], _ABSENT)

    def _called(self, dot: Any, operand: Field | Variable | Chain | Call, arguments: list[Operand], final: Any) -> Any:  # noqa: ANN401
        """Give the value of what may take arguments: a function, or a field that turns out to be a method."""
        if isinstance(operand, Call):
            return self._call(dot, operand.function, operand.at, arguments, final)
        if isinstance(operand, Field):
            receiver = dot
        elif isinstance(operand, Variable):
            receiver = self._variable(operand.name, operand.at)
        elif isinstance(operand.operand, Nil):
            raise Fault("indirection through explicit nil", operand.at)
        else:
            receiver = self._operand(dot, operand.operand)
        for name in operand.names[:-1]:
            receiver = self._field(dot, receiver, name, operand.at, [], _ABSENT)
        return self._field(dot, receiver, operand.names[-1], operand.at, arguments, final)

    def _field(self, dot: Any, receiver: Any, name: str, at: int, arguments: list[Operand], final: Any) -> Any:  # noqa: ANN401, PLR0917
        """Look up a member of a map, or call a method."""
        if receiver is MISSING:
            return MISSING
        if receiver is None:
            raise Fault(f"nil pointer evaluating {ANY}.{name}", at)
        if isinstance(receiver, dict):
            if arguments or final is not _ABSENT:
                raise Fault(f"{name} is not a method but has arguments", at)
            return receiver.get(name, MISSING)
        found = method(receiver, name)
        if found is None:
            raise Fault(f"can't evaluate field {name} in type {type_of(receiver)}", at)
        return self._call(dot, found, at, arguments, final)

    def _call(self, dot: Any, function: Function, at: int, arguments: list[Operand], final: Any) -> Any:  # noqa: ANN401
        """Call a function. Each argument is read as the type that the function wants there."""
        count = len(arguments) + (final is not _ABSENT)
        fault = function.fault(count)
        if fault:
            raise Fault(fault, at)
        self.budget.step(at)
        if function.name in {"and", "or"}:
            return self._either(dot, function, arguments, final)
        values = [self._argument(dot, operand, function.wants(number)) for number, operand in enumerate(arguments)]
        if final is not _ABSENT:
            values.append(_assigned(final, function.wants(count - 1), at))
        self.budget.look(at)
        try:
            return function.call(values)
        except SprigError as error:
            raise Fault(f"error calling {function.name}: {error}", at) from error

    def _either(self, dot: Any, function: Function, arguments: list[Operand], final: Any) -> Any:  # noqa: ANN401
        """Carry out `and` and `or`: stop at the first value that settles it."""
        value: Any = None
        for operand in arguments:
            value = self._argument(dot, operand, ANY)
            if is_empty(value) == (function.name == "and"):
                return value
        return value if final is _ABSENT else _assigned(final, ANY, 0)

    def _argument(self, dot: Any, operand: Operand, wanted: str) -> Any:  # noqa: ANN401 - any Go value
        if isinstance(operand, Number) and wanted != ANY:
            return _number(operand, wanted)
        if isinstance(operand, Text | Bool) and wanted not in {ANY, "string" if isinstance(operand, Text) else "bool"}:
            raise Fault(f"expected {wanted}; found {operand.value!r}", operand.at)
        if isinstance(operand, Nil):
            if wanted not in {ANY, _MAP}:
                raise Fault(f"cannot assign nil to {wanted}", operand.at)
            return Map(nil=True) if wanted == _MAP else None
        return _assigned(self._operand(dot, operand), wanted, operand.at)


def _assigned(value: Any, wanted: str, at: int) -> Any:  # noqa: ANN401 - any Go value
    if value is None and wanted != ANY:
        raise Fault(f"wrong type for value; expected {wanted}; got {ANY}", at)
    try:
        return assign(None if value is MISSING else value, wanted)
    except SprigError as error:
        raise Fault(str(error), at) from error


def _number(operand: Number, wanted: str) -> Any:  # noqa: ANN401 - the wanted type
    """Read a constant as the wanted type."""
    if wanted in _SIGNED and operand.integer is not None:
        return _SIGNED[wanted](operand.integer)
    if wanted in _UNSIGNED and operand.unsigned is not None:
        kind = _UNSIGNED[wanted]
        return kind(operand.unsigned % (1 << kind.bits))
    if wanted == "float64" and operand.float is not None:
        return operand.float
    raise Fault(f"expected {wanted}; found {operand.text}", operand.at)
