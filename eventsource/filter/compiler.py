"""A checked expression becomes one Python function of the frame: antonmedv/expr v1.15.5, compiler and vm."""

from collections.abc import Callable
from typing import Any

from eventsource.filter import nodes, operators, types
from eventsource.filter.access import call, fetch, part
from eventsource.filter.budget import Frame
from eventsource.filter.builtins import CALLS, COSTS
from eventsource.filter.errors import ExpressionError, Fault, Place
from eventsource.filter.loops import LOOPS, Loop
from eventsource.filter.patterns import found, pattern
from eventsource.filter.signatures import takes
from eventsource.filter.values import Value, is_nil, length, text, to_int, truth, type_name

Run = Callable[[Frame], Value]


class _Absent(Exception):
    """`?.` met nil."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


def compile_node(node: nodes.Node) -> Run:
    """Make the function."""
    return _Compiler().make(node)


class _Compiler:
    def __init__(self) -> None:
        self._variables: list[tuple[str, int]] = []
        self._count = 0

    def make(self, node: nodes.Node) -> Run:
        return _MAKES[type(node)](self, node)

    # ------------------------------------------------------------------------------------------------ names, literals

    def literal(self, node: Any) -> Run:  # noqa: ANN401 - any node with a value
        value = node.value
        return lambda _: value

    def nil(self, _: nodes.Nil) -> Run:
        return lambda _: None

    def identifier(self, node: nodes.Identifier) -> Run:
        for name, slot in reversed(self._variables):
            if name == node.name:
                return lambda frame: frame.variables[slot]
        key = node.name
        if key == "$env":
            return lambda frame: frame.environment
        return lambda frame: frame.environment.get(key)

    def let(self, node: nodes.Let) -> Run:
        value = self.make(node.value)
        slot, self._count = self._count, self._count + 1
        self._variables.append((node.name, slot))
        body = self.make(node.body)
        self._variables.pop()

        def run(frame: Frame) -> Value:
            frame.variables[slot] = value(frame)
            return body(frame)

        return run

    def pointer(self, node: nodes.Pointer) -> Run:
        if node.name not in _POINTERS:
            raise ExpressionError(f"unknown pointer #{node.name}", node.place)
        return _located(_POINTERS[node.name], node.place)

    def array(self, node: nodes.Array) -> Run:
        items = [self.make(item) for item in node.items]

        def run(frame: Frame) -> Value:
            values = [item(frame) for item in items]
            frame.grow(len(values))
            return values

        return _located(run, node.place)

    def map(self, node: nodes.Map) -> Run:
        pairs = [(self.make(key), self.make(value)) for key, value in node.pairs]

        def run(frame: Frame) -> Value:
            entries = [(key(frame), value(frame)) for key, value in pairs]
            frame.grow(len(entries))
            # Of equal keys the first counts.
            return {text(key): value for key, value in reversed(entries)}

        return _located(run, node.place)

    # ------------------------------------------------------------------------------------------------ members, calls

    def chain(self, node: nodes.Chain) -> Run:
        inner = self.make(node.inner)

        def run(frame: Frame) -> Value:
            try:
                return inner(frame)
            except _Absent as absent:
                return absent.value

        return run

    def member(self, node: nodes.Member) -> Run:
        base, place = self.make(node.base), node.place
        optional = node.optional
        if isinstance(node.property, nodes.String) and not optional:
            return _named_member(base, node.property.value, place)
        key = self.make(node.property)

        def run(frame: Frame) -> Value:
            value = base(frame)
            if optional and is_nil(value):
                raise _Absent(value)
            try:
                return fetch(value, key(frame), frame)
            except Fault as fault:
                raise fault.at(place) from None

        return run

    def slice(self, node: nodes.Slice) -> Run:
        base = self.make(node.base)
        start = self.make(node.start) if node.start else None
        end = self.make(node.end) if node.end else None

        def run(frame: Frame) -> Value:
            value = base(frame)
            last = end(frame) if end else length(value)
            return part(value, start(frame) if start else 0, last, frame)

        return _located(run, node.place)

    def call(self, node: nodes.Call) -> Run:
        arguments = [self.make(argument) for argument in node.arguments]
        if node.builtin:
            return _builtin(node.builtin, arguments, node.place)
        callee = self.make(node.callee)

        def run(frame: Frame) -> Value:
            values = [argument(frame) for argument in arguments]
            return call(callee(frame), values, frame)

        return _located(run, node.place)

    def builtin(self, node: nodes.Builtin) -> Run:
        arguments = [self.make(argument) for argument in node.arguments]
        if node.name not in LOOPS:
            return _builtin(node.name, arguments, node.place)
        mapped = self.make(node.mapped) if node.mapped else None
        # A long closure costs more than a short one.
        pace = 1 + sum(map(nodes.size, (*node.arguments[1:], node.mapped))) // 4
        return _located(LOOPS[node.name](Loop(arguments, mapped, node.throws, pace)), node.place)

    def closure(self, node: nodes.Closure) -> Run:
        return self.make(node.body)

    # ------------------------------------------------------------------------------------------------------ operators

    def unary(self, node: nodes.Unary) -> Run:
        operand = self.make(node.operand)
        if node.operator == "+":
            return operand
        if node.operator == "-":
            return _located(lambda frame: operators.negate(operand(frame)), node.place)
        return _located(lambda frame: not truth(operand(frame)), node.place)

    def binary(self, node: nodes.Binary) -> Run:
        left, right = self.make(node.left), self.make(node.right)
        if node.operator in ("and", "&&", "or", "||"):
            return _logic(left, right, node)
        if node.operator == "??":
            return _coalesce(left, right)
        if node.operator == "in" and isinstance(node.right, nodes.Members):
            return _member_of(left, node.right, node.place)
        if node.operator == "matches" and node.pattern is not None:
            compiled = node.pattern
            return _located(lambda frame: _found(compiled, left(frame), frame), node.place)
        if node.operator == "==" and (same := _same_type(node)):
            return _located(lambda frame: same(left(frame)) == same(right(frame)), node.place)
        return _operation(_OPERATIONS[node.operator], left, right, node.place)

    def conditional(self, node: nodes.Conditional) -> Run:
        test, yes, no = self.make(node.test), self.make(node.yes), self.make(node.no)
        return _located(lambda frame: yes(frame) if truth(test(frame)) else no(frame), node.place)


_MAKES: dict[type[nodes.Node], Callable[[_Compiler, Any], Run]] = {
    nodes.Nil: _Compiler.nil,
    nodes.Integer: _Compiler.literal,
    nodes.Float: _Compiler.literal,
    nodes.Bool: _Compiler.literal,
    nodes.String: _Compiler.literal,
    nodes.Constant: _Compiler.literal,
    nodes.Members: _Compiler.nil,
    nodes.Identifier: _Compiler.identifier,
    nodes.Pointer: _Compiler.pointer,
    nodes.Let: _Compiler.let,
    nodes.Member: _Compiler.member,
    nodes.Slice: _Compiler.slice,
    nodes.Call: _Compiler.call,
    nodes.Builtin: _Compiler.builtin,
    nodes.Closure: _Compiler.closure,
    nodes.Unary: _Compiler.unary,
    nodes.Binary: _Compiler.binary,
    nodes.Conditional: _Compiler.conditional,
    nodes.Array: _Compiler.array,
    nodes.Map: _Compiler.map,
    nodes.Chain: _Compiler.chain,
}


def _located(run: Run, place: Place) -> Run:
    """Add the place of the node to faults."""

    def located(frame: Frame) -> Value:
        try:
            return run(frame)
        except Fault as fault:
            raise fault.at(place) from None

    return located


def _named_member(base: Run, name: str, place: Place) -> Run:
    """Do the most frequent thing of all quickly: a member of a JSON object."""

    def run(frame: Frame) -> Value:
        value = base(frame)
        if type(value) is dict:
            return value.get(name)
        try:
            return fetch(value, name, frame)
        except Fault as fault:
            raise fault.at(place) from None

    return run


def _builtin(name: str, arguments: list[Run], place: Place) -> Run:
    function = CALLS.get(name)
    if function is None or not takes(name, len(arguments)):
        raise ExpressionError(f"invalid number of arguments for {name} (got {len(arguments)})", place)

    cost = COSTS.get(name, 1)

    def run(frame: Frame) -> Value:
        try:
            frame.spend(cost)
            return function(frame, *[argument(frame) for argument in arguments])
        except Fault as fault:
            raise fault.at(place) from None

    return run


def _operation(do: Callable[[Value, Value, Frame], Value], left: Run, right: Run, place: Place) -> Run:
    def run(frame: Frame) -> Value:
        try:
            return do(left(frame), right(frame), frame)
        except Fault as fault:
            raise fault.at(place) from None

    return run


def _logic(left: Run, right: Run, node: nodes.Binary) -> Run:
    """Ask the left side for a bool, the right one for anything: `true && 17` is 17."""
    place = node.place
    decisive = node.operator in ("or", "||")

    def run(frame: Frame) -> Value:
        value = left(frame)
        if value is decisive:
            return value
        if value is not (not decisive):
            raise Fault(f"interface conversion: interface {{}} is {type_name(value)}, not bool").at(place)
        return right(frame)

    return run


def _coalesce(left: Run, right: Run) -> Run:
    def run(frame: Frame) -> Value:
        value = left(frame)
        return right(frame) if is_nil(value) else value

    return run


def _member_of(left: Run, members: nodes.Members, place: Place) -> Run:
    values, kind = members.values, members.kind

    def run(frame: Frame) -> Value:
        value = left(frame)
        if type(value) is kind:
            return value in values
        if value is None:
            return kind() in values
        wanted = "int" if kind is int else "string"
        raise Fault(f"reflect: value of type {type_name(value)} is not assignable to type {wanted}").at(place)

    return run


def _same_type(node: nodes.Binary) -> Callable[[Value], Value] | None:
    """Give the check of both sides where Go is sure of their types (and wrong, in `(c ? 1 : x) == 1`)."""
    if node.left.type != node.right.type:
        return None
    if node.left.type == types.STRING:
        return text
    return _integer if node.left.type == types.INT else None


def _integer(value: Value) -> Value:
    if type(value) is int:
        return value
    raise Fault(f"interface conversion: interface {{}} is {type_name(value)}, not int")


def _matches(value: Value, expression: Value, frame: Frame) -> bool:
    compiled = pattern(text(expression))
    if compiled is None:
        raise Fault(f"not a regular expression: {expression!r}")
    return _found(compiled, value, frame)


def _found(compiled: Any, value: Value, frame: Frame) -> bool:  # noqa: ANN401 - a pattern
    frame.spend(1 + len(text(value)) // 20)
    return found(compiled, value)


def _texts(do: Callable[[str, str], bool]) -> Callable[[Value, Value, Frame], bool]:
    def run(left: Value, right: Value, frame: Frame) -> bool:
        frame.spend(len(text(left)) // 1000)
        return do(left, text(right))

    return run


def _plain(do: Callable[[Value, Value], Value]) -> Callable[[Value, Value, Frame], Value]:
    return lambda left, right, _: do(left, right)


_OPERATIONS: dict[str, Callable[[Value, Value, Frame], Value]] = {
    "==": operators.equal,
    "!=": lambda left, right, frame: not operators.equal(left, right, frame),
    "<": _plain(operators.less),
    ">": _plain(operators.more),
    "<=": _plain(operators.less_or_equal),
    ">=": _plain(operators.more_or_equal),
    "+": operators.add,
    "-": _plain(operators.subtract),
    "*": _plain(operators.multiply),
    "/": _plain(operators.divide),
    "%": _plain(operators.modulo),
    "**": _plain(operators.exponent),
    "^": _plain(operators.exponent),
    "in": operators.contains,
    "..": lambda left, right, frame: operators.span(to_int(left), to_int(right), frame),
    "matches": _matches,
    "contains": _texts(lambda left, right: right in left),
    "startsWith": _texts(str.startswith),
    "endsWith": _texts(str.endswith),
}


def _pointer_value(frame: Frame) -> Value:
    scope = frame.scope
    if scope is None or not 0 <= scope.index < len(scope.array):
        raise Fault("reflect: slice index out of range")
    return scope.array[scope.index]


_POINTERS: dict[str, Run] = {
    "": _pointer_value,
    "index": lambda frame: frame.scope.index if frame.scope else None,
    "acc": lambda frame: frame.scope.acc if frame.scope else None,
}
