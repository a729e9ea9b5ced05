"""What Go refuses before it looks at an event: antonmedv/expr v1.15.5, checker, without a declared environment.

Each node gets its static type; the optimizer and the compiler look at it.
"""

from collections.abc import Callable
from typing import Any

from eventsource.filter import nodes, types
from eventsource.filter.errors import ExpressionError
from eventsource.filter.names import BUILTINS, PREDICATES
from eventsource.filter.patterns import pattern
from eventsource.filter.signatures import METHODS, Mismatch, check_arguments, check_call
from eventsource.filter.types import Type, assignable, is_any, is_array, is_bool, is_integer, kind, show


def check(node: nodes.Node) -> None:
    """Find the types of all nodes. Raises `ExpressionError` for what can never be evaluated."""
    _Checker().visit(node)


class _Checker:
    def __init__(self) -> None:
        self._closures: list[tuple[Type, dict[str, Type]]] = []
        self._variables: list[tuple[str, Type | None, str]] = []

    def visit(self, node: nodes.Node) -> Type | None:
        node.type = _VISITS[type(node)](self, node)
        return node.type

    # -------------------------------------------------------------------------------------------------------- names

    def identifier(self, node: nodes.Identifier) -> Type | None:
        for name, found, _ in reversed(self._variables):
            if name == node.name:
                return found
        if node.name == "$env":
            return types.MAP
        return types.FUNCTION if node.name in BUILTINS else types.ANY

    def pointer(self, node: nodes.Pointer) -> Type | None:
        if not self._closures:
            raise ExpressionError("cannot use pointer accessor outside closure", node.place)
        collection, known = self._closures[-1]
        if not node.name:
            return types.ANY if is_any(collection) else collection.elem
        if node.name not in known:
            raise ExpressionError(f"unknown pointer #{node.name}", node.place)
        return known[node.name]

    def let(self, node: nodes.Let) -> Type | None:
        if node.name in BUILTINS:
            raise ExpressionError(f"cannot redeclare builtin {node.name}", node.place)
        if any(name == node.name for name, _, _ in self._variables):
            raise ExpressionError(f"cannot redeclare variable {node.name}", node.place)
        value = self.visit(node.value)
        self._variables.append((node.name, value, self._builtin_behind(node.value)))
        found = self.visit(node.body)
        self._variables.pop()
        return found

    def _builtin_behind(self, node: nodes.Node) -> str:
        """Name the builtin that a callee stands for: `$env.len`, or a variable that holds one."""
        if isinstance(node, nodes.Identifier):
            for name, _, builtin in reversed(self._variables):
                if name == node.name:
                    return builtin
            return node.name if node.name in BUILTINS else ""
        name = _name_in_environment(node)
        return name if name in BUILTINS else ""

    # ------------------------------------------------------------------------------------------------------- members

    def member(self, node: nodes.Member) -> Type | None:
        base, key = self.visit(node.base), self.visit(node.property)
        if isinstance(node.base, nodes.Identifier) and node.base.name == "$env":
            return types.FUNCTION if _name_in_environment(node) in BUILTINS else types.ANY
        if isinstance(node.property, nodes.String):
            if base is None:
                raise ExpressionError(f"type <nil> has no field {node.property.value}", node.place)
            if method := METHODS.get(base, {}).get(node.property.value):
                return method
        return self._element(node, base, key)

    def _element(self, node: nodes.Member, base: Type | None, key: Type | None) -> Type | None:
        if is_any(base):
            return types.ANY
        if base and base.kind == "map" and base.key:
            if key and not assignable(key, base.key) and not is_any(key):
                raise ExpressionError(f"cannot use {key} to get an element from {base}", node.property.place)
            return base.elem
        if base and base.kind == "slice":
            if not is_integer(key) and not is_any(key):
                message = f"array elements can only be selected using an integer (got {show(key)})"
                raise ExpressionError(message, node.property.place)
            return base.elem
        raise ExpressionError(f"type {show(base)}[{show(key)}] is undefined", node.place)

    def slice(self, node: nodes.Slice) -> Type | None:
        base = self.visit(node.base)
        if kind(base) not in ("interface", "string", "slice"):
            raise ExpressionError(f"cannot slice {show(base)}", node.place)
        for end in (node.start, node.end):
            if end is not None:
                found = self.visit(end)
                if not is_integer(found) and not is_any(found):
                    raise ExpressionError(f"non-integer slice index {show(found)}", end.place)
        return base

    # --------------------------------------------------------------------------------------------------------- calls

    def call(self, node: nodes.Call) -> Type | None:
        callee = self.visit(node.callee)
        node.builtin = self._builtin_behind(node.callee)
        if is_any(callee) and not node.builtin:
            # Of a function that nothing is known of, Go does not even look at the arguments.
            return types.ANY
        arguments = [self.visit(argument) for argument in node.arguments]
        try:
            if node.builtin:
                return check_call(node.builtin, arguments)
            return check_arguments(callee, arguments)
        except Mismatch as mismatch:
            raise ExpressionError(str(mismatch), node.place) from None

    def builtin(self, node: nodes.Builtin) -> Type | None:
        if node.name in PREDICATES:
            return self._predicate(node)
        if node.name == "get" and len(node.arguments) == 2:  # noqa: PLR2004
            base, key = node.arguments
            if _is_environment(base):
                return None if isinstance(key, nodes.String) else types.ANY
            if is_any(self.visit(base)):
                return types.ANY
        try:
            return check_call(node.name, [self.visit(argument) for argument in node.arguments])
        except Mismatch as mismatch:
            raise ExpressionError(str(mismatch), node.place) from None

    def _predicate(self, node: nodes.Builtin) -> Type | None:
        collection = self.visit(node.arguments[0])
        if collection is None or not (is_array(collection) or is_any(collection)):
            message = f"builtin {node.name} takes only array (got {show(collection)})"
            raise ExpressionError(message, node.arguments[0].place)
        known = {"index": types.INT} if node.name in ("map", "reduce") else {}
        if node.name == "reduce":
            known["acc"] = types.ANY
        self._closures.append((collection, known))
        answer = self.visit(node.arguments[1])
        self._closures.pop()
        for argument in node.arguments[2:]:
            self.visit(argument)
        if answer is None:
            raise ExpressionError("closure cannot be nil", node.arguments[1].place)
        return _result(node, collection, answer)

    def closure(self, node: nodes.Closure) -> Type | None:
        return self.visit(node.body)

    # ----------------------------------------------------------------------------------------------------- operators

    def unary(self, node: nodes.Unary) -> Type | None:
        operand = self.visit(node.operand)
        if node.operator in ("!", "not"):
            if is_bool(operand) or is_any(operand):
                return types.BOOL
        elif types.is_number(operand) or is_any(operand):
            return operand
        raise ExpressionError(f"invalid operation: {node.operator} (mismatched type {show(operand)})", node.place)

    def binary(self, node: nodes.Binary) -> Type | None:
        left, right = self.visit(node.left), self.visit(node.right)
        if node.operator == "matches" and isinstance(node.right, nodes.String):
            node.pattern = pattern(node.right.value)
            if node.pattern is None:
                raise ExpressionError(f"not a regular expression: {node.right.value!r}", node.place)
        if node.operator == "??":
            return _coalesced(left, right)
        found = _membership(node, left, right) if node.operator == "in" else _OPERATORS[node.operator](left, right)
        if found is None:
            message = f"invalid operation: {node.operator} (mismatched types {show(left)} and {show(right)})"
            raise ExpressionError(message, node.place)
        return found

    def conditional(self, node: nodes.Conditional) -> Type | None:
        test = self.visit(node.test)
        if not is_bool(test) and not is_any(test):
            raise ExpressionError(f"non-bool expression (type {show(test)}) used as condition", node.test.place)
        yes, no = self.visit(node.yes), self.visit(node.no)
        if yes is None or no is None:
            return yes or no
        return yes if assignable(yes, no) else types.ANY

    # ------------------------------------------------------------------------------------------------------ literals

    def array(self, node: nodes.Array) -> Type | None:
        for item in node.items:
            self.visit(item)
        return types.ARRAY

    def map(self, node: nodes.Map) -> Type | None:
        for key, value in node.pairs:
            self.visit(key)
            self.visit(value)
        return types.MAP

    def chain(self, node: nodes.Chain) -> Type | None:
        return self.visit(node.inner)


_VISITS: dict[type[nodes.Node], Callable[[_Checker, Any], Type | None]] = {
    nodes.Nil: lambda _, __: None,
    nodes.Integer: lambda _, __: types.INT,
    nodes.Float: lambda _, __: types.FLOAT,
    nodes.Bool: lambda _, __: types.BOOL,
    nodes.String: lambda _, __: types.STRING,
    nodes.Identifier: _Checker.identifier,
    nodes.Pointer: _Checker.pointer,
    nodes.Let: _Checker.let,
    nodes.Member: _Checker.member,
    nodes.Slice: _Checker.slice,
    nodes.Call: _Checker.call,
    nodes.Builtin: _Checker.builtin,
    nodes.Closure: _Checker.closure,
    nodes.Unary: _Checker.unary,
    nodes.Binary: _Checker.binary,
    nodes.Conditional: _Checker.conditional,
    nodes.Array: _Checker.array,
    nodes.Map: _Checker.map,
    nodes.Chain: _Checker.chain,
}


def _is_environment(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Identifier) and node.name == "$env"


def _name_in_environment(node: nodes.Node) -> str:
    if isinstance(node, nodes.Member) and _is_environment(node.base) and isinstance(node.property, nodes.String):
        return node.property.value
    return ""


def _result(node: nodes.Builtin, collection: Type, answer: Type) -> Type | None:
    if node.name == "map":
        return types.slice_of(answer)
    if node.name == "groupBy":
        return types.GROUPS
    if node.name == "reduce":
        return answer
    if not is_bool(answer) and not is_any(answer):
        raise ExpressionError(f"predicate should return boolean (got {answer})", node.arguments[1].place)
    if node.name == "filter":
        return types.ARRAY if is_any(collection) else collection
    if node.name in ("find", "findLast"):
        return types.ANY if is_any(collection) else collection.elem
    return types.INT if node.name in ("count", "findIndex", "findLastIndex") else types.BOOL


# ------------------------------------------------------------------------------------- which types go with an operator

Rule = Callable[[Type | None, Type | None], Type | None]


def _one_unknown(left: Type | None, right: Type | None, *wanted: Callable[[Type | None], bool]) -> bool:
    if is_any(left):
        return is_any(right) or any(ask(right) for ask in wanted)
    return is_any(right) and any(ask(left) for ask in wanted)


def _logic(left: Type | None, right: Type | None) -> Type | None:
    return types.BOOL if (is_bool(left) and is_bool(right)) or _one_unknown(left, right, is_bool) else None


def _order(left: Type | None, right: Type | None) -> Type | None:
    asks = (types.is_number, types.is_string, types.is_time)
    if any(ask(left) and ask(right) for ask in asks) or _one_unknown(left, right, *asks):
        return types.BOOL
    return None


def _numbers(left: Type | None, right: Type | None) -> Type | None:
    return types.combined(left, right) if left and right and types.is_number(left) and types.is_number(right) else None


def _add(left: Type | None, right: Type | None) -> Type | None:
    if found := _numbers(left, right):
        return found
    if types.is_string(left) and types.is_string(right):
        return types.STRING
    if (types.is_time(left) and types.is_duration(right)) or (types.is_duration(left) and types.is_time(right)):
        return types.TIME
    asks = (types.is_number, types.is_string, types.is_time, types.is_duration)
    return types.ANY if _one_unknown(left, right, *asks) else None


def _subtract(left: Type | None, right: Type | None) -> Type | None:
    if found := _numbers(left, right):
        return found
    if types.is_time(left) and types.is_time(right):
        return types.DURATION
    if types.is_time(left) and types.is_duration(right):
        return types.TIME
    return types.ANY if _one_unknown(left, right, types.is_number, types.is_time) else None


def _multiply(left: Type | None, right: Type | None) -> Type | None:
    return _numbers(left, right) or (types.ANY if _one_unknown(left, right, types.is_number) else None)


def _divide(left: Type | None, right: Type | None) -> Type | None:
    return types.FLOAT if _numbers(left, right) or _one_unknown(left, right, types.is_number) else None


def _modulo(left: Type | None, right: Type | None) -> Type | None:
    if left and right and is_integer(left) and is_integer(right):
        return types.combined(left, right)
    return types.ANY if _one_unknown(left, right, is_integer) else None


def _range(left: Type | None, right: Type | None) -> Type | None:
    return types.INTS if (is_integer(left) and is_integer(right)) or _one_unknown(left, right, is_integer) else None


def _text(left: Type | None, right: Type | None) -> Type | None:
    both = types.is_string(left) and types.is_string(right)
    return types.BOOL if both or _one_unknown(left, right, types.is_string) else None


def _equality(left: Type | None, right: Type | None) -> Type | None:
    return types.BOOL if types.comparable(left, right) else None


_OPERATORS: dict[str, Rule] = {
    **dict.fromkeys(("==", "!="), _equality),
    **dict.fromkeys(("or", "||", "and", "&&"), _logic),
    **dict.fromkeys(("<", ">", ">=", "<="), _order),
    **dict.fromkeys(("matches", "contains", "startsWith", "endsWith"), _text),
    **dict.fromkeys(("**", "^", "/"), _divide),
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "%": _modulo,
    "..": _range,
}


def _coalesced(left: Type | None, right: Type | None) -> Type | None:
    if left is None or right is None:
        return left or right
    return left if assignable(right, left) else types.ANY


def _membership(node: nodes.Binary, left: Type | None, right: Type | None) -> Type | None:
    if right and right.kind == "struct" and (types.is_string(left) or is_any(left)):
        return types.BOOL
    if right and right.kind == "map" and right.key:
        if left and not is_any(left) and not assignable(left, right.key):
            raise ExpressionError(f"cannot use {left} as type {right.key} in map key", node.place)
        return types.BOOL
    if right and right.kind == "slice":
        if left is None:
            return types.BOOL
        for elem in (right.elem, _common_type(node.right)):
            if not types.comparable(left, elem):
                raise ExpressionError(f"cannot use {left} as type {show(elem)} in array", node.place)
        return types.BOOL
    return types.BOOL if is_any(right) or (is_any(left) and types.is_string(right)) else None


def _common_type(node: nodes.Node) -> Type | None:
    """Name the type that all items of a list literal have; like Go, look at the kinds of neighbours only."""
    if not isinstance(node, nodes.Array) or not node.items:
        return None
    kinds = {kind(item.type) for item in node.items}
    return node.items[-1].type if len(kinds) == 1 else None
