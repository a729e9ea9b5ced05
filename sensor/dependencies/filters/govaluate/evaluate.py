"""Walk the tree. Left before right, and only as much as decides; the types are checked where Go checks them."""

from collections.abc import Mapping
from typing import Any

from sensor.dependencies.filters.govaluate import operators
from sensor.dependencies.filters.govaluate.operators import kind_of
from sensor.dependencies.filters.govaluate.printing import shown
from sensor.dependencies.filters.govaluate.tokens import Access, Chain, Failed, Literal, Name, Node, Prefixed

Names = Mapping[str, Any]


def value_of(node: Node, names: Names) -> Any:  # noqa: ANN401 - any JSON value
    """Give the value of a node. Raises `Failed`."""
    match node:
        case Literal(value):
            return value
        case Name(name):
            return _looked_up(name, names)
        case Prefixed(mark, operand):
            return operators.prefixed(mark, value_of(operand, names))
        case Chain(first, rest):
            value = value_of(first, names)
            for mark, operand in rest:
                value = _joined(mark, value, operand, names)
            return value
        case Access(path, arguments):
            value_of(arguments, names)
            _looked_up(path[0], names)
            raise Failed(f"Unable to access '{path[1]}', '{path[0]}' is not a struct")
        case None:
            return None


def _looked_up(name: str, names: Names) -> Any:  # noqa: ANN401
    if name not in names:
        raise Failed(f"No parameter '{name}' found.")
    return names[name]


def _joined(mark: str, left: Any, operand: Node, names: Names) -> Any:  # noqa: ANN401, PLR0911
    match mark:
        case "&&" if left is False:
            return False
        case "||" if left is True:
            return True
        case "?" if left is False:
            return None
        case ":" | "??" if left is not None:
            return left
        case ":" | "??":
            return value_of(operand, names)
        case "?":
            right = value_of(operand, names)
            if left is not True:
                raise Failed(f"Value '{shown(left)}' cannot be used with the ternary operator '?', it is not a bool")
            return right
        case ",":
            right = value_of(operand, names)
            return [*left, right] if kind_of(left) is list else [left, right]
    return operators.apply(mark, left, value_of(operand, names))
