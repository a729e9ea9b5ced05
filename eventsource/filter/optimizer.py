"""What Go works out before it looks at an event: antonmedv/expr v1.15.5, optimizer.

It is kept because it shows: `x.y || true` is true whatever `x` is, `filter(…)[0]` stops at the first that fits, and
`x in ["a"]` refuses an `x` that is no string.
"""

from collections.abc import Callable

from common.sprig.powers import power
from eventsource.filter import nodes, types
from eventsource.filter.errors import ExpressionError, Fault
from eventsource.filter.nodes import Node
from eventsource.filter.operators import quotient, remainder
from eventsource.filter.types import kind
from eventsource.filter.values import wrap

Rewrite = Callable[[Node], Node]

_ROUNDS = 100
_LONGEST_RANGE = 1_000_000
_SINGLE: dict[type[Node], tuple[str, ...]] = {
    nodes.Unary: ("operand",),
    nodes.Binary: ("left", "right"),
    nodes.Chain: ("inner",),
    nodes.Member: ("base", "property"),
    nodes.Slice: ("base", "start", "end"),
    nodes.Call: ("callee",),
    nodes.Closure: ("body",),
    nodes.Let: ("value", "body"),
    nodes.Conditional: ("test", "yes", "no"),
}


def optimize(node: Node) -> Node:
    """Rewrite an expression as Go does, in its order. Raises `ExpressionError` for `1 % 0`."""
    node = _walk(node, _in_array)
    for _ in range(_ROUNDS):
        fold = _Fold()
        node = _walk(node, fold)
        if not fold.applied:
            break
    for rewrite in (_in_range, _constant_range, _filter_map, _filter_len, _filter_last, _filter_first):
        node = _walk(node, rewrite)
    return node


def _walk(node: Node, rewrite: Rewrite) -> Node:
    """Rewrite the parts first, then the node."""
    for name in _SINGLE.get(type(node), ()):
        part = getattr(node, name)
        if part is not None:
            setattr(node, name, _walk(part, rewrite))
    if isinstance(node, (nodes.Call, nodes.Builtin)):
        node.arguments = [_walk(argument, rewrite) for argument in node.arguments]
    elif isinstance(node, nodes.Array):
        node.items = [_walk(item, rewrite) for item in node.items]
    elif isinstance(node, nodes.Map):
        node.pairs = [(_walk(key, rewrite), _walk(value, rewrite)) for key, value in node.pairs]
    return rewrite(node)


# ------------------------------------------------------------------------------------------------------------- `in`


def _in_array(node: Node) -> Node:
    if not isinstance(node, nodes.Binary) or node.operator != "in" or not isinstance(node.right, nodes.Array):
        return node
    items = node.right.items
    integers = [item.value for item in items if isinstance(item, nodes.Integer)]
    strings = [item.value for item in items if isinstance(item, nodes.String)]
    members: Node | None = None
    if items and len(integers) == len(items) and kind(node.left.type) == "int":
        members = nodes.Members(frozenset(integers), int, place=node.right.place)
    elif items and len(strings) == len(items):
        members = nodes.Members(frozenset(strings), str, place=node.right.place)
    return nodes.Binary("in", node.left, members, place=node.place) if members else node


def _in_range(node: Node) -> Node:
    if not isinstance(node, nodes.Binary) or node.operator != "in" or kind(node.left.type) != "int":
        return node
    ends = _integer_ends(node.right)
    if ends is None:
        return node
    low = nodes.Binary(">=", node.left, ends[0], place=node.place)
    high = nodes.Binary("<=", node.left, ends[1], place=node.place)
    return nodes.Binary("and", low, high, place=node.place)


def _integer_ends(node: Node) -> tuple[nodes.Integer, nodes.Integer] | None:
    if (
        isinstance(node, nodes.Binary)
        and node.operator == ".."
        and isinstance(node.left, nodes.Integer)
        and isinstance(node.right, nodes.Integer)
    ):
        return node.left, node.right
    return None


def _constant_range(node: Node) -> Node:
    ends = _integer_ends(node)
    if ends is None or ends[1].value - ends[0].value + 1 > _LONGEST_RANGE:
        return node
    first, last = ends[0].value, ends[1].value
    return nodes.Constant(range(first, last + 1) if last >= first else range(0), place=node.place)


# ----------------------------------------------------------------------------------------------------------- `filter`


def _as_filter(node: Node) -> nodes.Builtin | None:
    if isinstance(node, nodes.Builtin) and node.name == "filter":
        return node
    return None


def _called(node: Node, name: str) -> nodes.Builtin | None:
    """Give the call of this builtin whose first argument is a filter."""
    if isinstance(node, nodes.Builtin) and node.name == name and node.arguments and _as_filter(node.arguments[0]):
        return node
    return None


def _filter_map(node: Node) -> Node:
    call = _called(node, "map")
    if call is None:
        return node
    inner, closure = _as_filter(call.arguments[0]), call.arguments[1]
    if inner is None or inner.mapped is not None or not isinstance(closure, nodes.Closure):
        return node
    return nodes.Builtin("filter", inner.arguments, mapped=closure.body, place=node.place)


def _filter_len(node: Node) -> Node:
    call = _called(node, "len")
    inner = _as_filter(call.arguments[0]) if call else None
    return nodes.Builtin("count", inner.arguments, place=node.place) if inner else node


def _filter_last(node: Node) -> Node:
    return _filter_end(node, "last", "findLast", -1)


def _filter_first(node: Node) -> Node:
    return _filter_end(node, "first", "find", 0)


def _filter_end(node: Node, name: str, find: str, index: int) -> Node:
    if isinstance(node, nodes.Member) and not node.optional:
        inner, key = _as_filter(node.base), node.property
        if inner and isinstance(key, nodes.Integer) and key.value == index:
            return nodes.Builtin(find, inner.arguments, throws=True, mapped=inner.mapped, place=node.place)
    call = _called(node, name)
    inner = _as_filter(call.arguments[0]) if call else None
    if inner:
        return nodes.Builtin(find, inner.arguments, mapped=inner.mapped, place=node.place)
    return node


# ------------------------------------------------------------------------------------------------------------ folding


class _Fold:
    """Works out what does not depend on the event, once."""

    def __init__(self) -> None:
        self.applied = False

    def __call__(self, node: Node) -> Node:
        found: Node | None = None
        if isinstance(node, nodes.Unary):
            found = _unary(node)
        elif isinstance(node, nodes.Binary):
            found = _binary(node)
        elif inner := _called(node, "filter"):
            found = _nested_filter(inner)
        self.applied = self.applied or found is not None
        return node if found is None else found


def _nested_filter(node: nodes.Builtin) -> Node | None:
    inner = _as_filter(node.arguments[0])
    if inner is None:
        return None
    both = nodes.Binary("&&", inner.arguments[1], node.arguments[1], place=node.place)
    return nodes.Builtin("filter", [inner.arguments[0], both], place=node.place)


def _unary(node: nodes.Unary) -> Node | None:
    operand = node.operand
    if node.operator in ("!", "not"):
        return nodes.Bool(not operand.value, place=node.place) if isinstance(operand, nodes.Bool) else None
    if not isinstance(operand, (nodes.Integer, nodes.Float)):
        return None
    value = -operand.value if node.operator == "-" else operand.value
    return _number(wrap(value) if isinstance(value, int) else value, node)


def _number(value: float, node: Node) -> Node:
    if isinstance(value, int):
        return nodes.Integer(value, place=node.place, type=types.INT)
    return nodes.Float(value, place=node.place, type=types.FLOAT)


def _binary(node: nodes.Binary) -> Node | None:
    if node.operator in ("and", "&&", "or", "||"):
        return _logic(node)
    left, right = node.left, node.right
    if node.operator == "==":
        return _equality(left, right, node)
    if isinstance(left, nodes.String) and isinstance(right, nodes.String) and node.operator == "+":
        return nodes.String(left.value + right.value, place=node.place)
    if not isinstance(left, (nodes.Integer, nodes.Float)) or not isinstance(right, (nodes.Integer, nodes.Float)):
        return None
    return _arithmetic(node, left.value, right.value)


def _arithmetic(node: nodes.Binary, left: float, right: float) -> Node | None:
    whole = isinstance(left, int) and isinstance(right, int)
    if node.operator == "/":
        return _number(quotient(float(left), float(right)), node)
    if node.operator in ("**", "^"):
        return _number(power(float(left), float(right)), node)
    if node.operator == "%" and isinstance(left, int) and isinstance(right, int):
        try:
            return nodes.Integer(remainder(left, right), place=node.place)
        except Fault as fault:
            raise ExpressionError(fault.message, node.place) from None
    if node.operator in _DO:
        value = _DO[node.operator](left, right) if whole else _DO[node.operator](float(left), float(right))
        return _number(wrap(value) if isinstance(value, int) else value, node)
    return None


_DO: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}


def _logic(node: nodes.Binary) -> Node | None:
    """Drop the side that decides nothing, or the one that the other decides over, on whichever side it stands."""
    neutral = node.operator in ("and", "&&")
    left = node.left.value if isinstance(node.left, nodes.Bool) else None
    right = node.right.value if isinstance(node.right, nodes.Bool) else None
    if left is neutral:
        return _moved(node.right, node)
    if right is neutral:
        return _moved(node.left, node)
    if left is not None or right is not None:
        return nodes.Bool(not neutral, place=node.place)
    return None


def _moved(node: Node, place: Node) -> Node:
    node.place = place.place
    return node


def _equality(left: Node, right: Node, node: Node) -> Node | None:
    for literal in (nodes.Integer, nodes.String, nodes.Bool):
        if isinstance(left, literal) and isinstance(right, literal):
            return nodes.Bool(left.value == right.value, place=node.place)
    return None
