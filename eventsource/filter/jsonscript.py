"""Expressions within paths, `@.price > 10 && @.name == 'x'`: the standard script engine of evilmonkeyinc/jsonpath v0.8.1.

Operators are found by splitting the text at them, the weakest first; both sides of `&&` and `||` are always evaluated.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from common.sprig.numbers import parse_float, parse_int
from common.sprig.powers import power
from common.sprig.printing import show
from eventsource.filter.budget import Frame
from eventsource.filter.document import load
from eventsource.filter.errors import Fault
from eventsource.filter.jsonpath import Script, Walk, compile_path
from eventsource.filter.operators import quotient, remainder
from eventsource.filter.patterns import found, pattern
from eventsource.filter.values import Int64, Value

_SIGNS = ("||", "&&", "==", "!=", "<=", ">=", "<", ">", "=~", "!", "+", "-", "**", "*", "/", "%", "not in", "in", "@", "$")
_WITHOUT_LEFT = ("@", "$", "!")
_DEEPEST = 40
_NIL = ("nil", "null")
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")

Sides = tuple[Any, Any]
Context = tuple[Frame, Value, Value]


def compile_script(text: str) -> Script:
    """Read an expression. Raises `Fault`."""
    built = _build(text, _SIGNS, 0)

    def run(frame: Frame, root: Value, current: Value) -> Value:
        frame.spend(1)
        if built is not None:
            return built(frame, root, current)
        if not text:
            raise Fault("invalid expression. is empty")
        return _literal(text, (frame, root, current))

    return run


def _literal(text: str, context: Context) -> Value:
    if text in _NIL:
        return None
    for convert in (_number, _boolean):
        try:
            return convert(text, context)
        except Fault:
            continue
    return text


# ------------------------------------------------------------------------------------------------------------ reading


def _build(text: str, signs: Sequence[str], depth: int) -> Script | None:
    """Find the weakest operator and build both of its sides; None for a literal."""
    if depth > _DEEPEST:
        raise Fault("a JSONPath expression is nested too deeply")
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text, signs = text[1:-1].strip(), _SIGNS
    for number, sign in enumerate(signs):
        index = _find(text, sign) if text else -1
        if index < 0:
            continue
        left, right = text[:index].strip(), text[index + len(sign) :].strip()
        if sign in ("@", "$"):
            if left:
                continue
            return _path(text)
        if not right or bool(left) == (sign == "!"):
            continue
        return _operation(sign, _side(left, signs[number:], depth), _side(right, signs[number:], depth))
    return None


def _find(text: str, sign: str) -> int:
    """Find an operator outside of quotes and brackets."""
    quote, square, rounded = "", 0, 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif square:
            square += (char == "[") - (char == "]")
        elif rounded:
            rounded += (char == "(") - (char == ")")
        elif char in "'\"":
            quote = char
        else:
            square, rounded = int(char == "["), int(char == "(")
        start = index + 1 - len(sign)
        if not (quote or square or rounded) and start >= 0 and text.startswith(sign, start):
            return start
    return -1


def _side(text: str, signs: Sequence[str], depth: int) -> Any:  # noqa: ANN401 - a script or a literal
    built = _build(text, signs, depth + 1)
    if built is not None:
        return built
    if text[:1] + text[-1:] in ("[]", "{}"):
        try:
            return load(text.encode("utf-8", "surrogateescape"))
        except Fault:
            return text
    return text or None


def _path(text: str) -> Script:
    steps = compile_path(text)

    def run(frame: Frame, root: Value, current: Value) -> Value:
        value = Walk(frame, root).on(current, steps)
        if isinstance(value, str) and not (len(value) > 1 and value[0] == "'" and value[-1] == "'"):
            return f"'{value}'"
        return value

    return run


# --------------------------------------------------------------------------------------------------------- evaluating


def _operation(sign: str, left: Any, right: Any) -> Script:  # noqa: ANN401 - scripts or literals
    do = _OPERATIONS[sign]

    def run(frame: Frame, root: Value, current: Value) -> Value:
        frame.spend(1)
        return do((left, right), (frame, root, current))

    return run


def _value(side: Any, context: Context) -> Value:  # noqa: ANN401 - a script or a literal
    """Evaluate one side; a text may be the name of nil."""
    value = side(*context) if callable(side) else side
    return None if isinstance(value, str) and value in _NIL else value


def _number(side: Any, context: Context) -> float:  # noqa: ANN401
    number = parse_float(show(_value(side, context)))
    if number is None:
        raise Fault("invalid argument. expected number")
    return number


def _integer(side: Any, context: Context) -> int:  # noqa: ANN401
    number = parse_int(show(_value(side, context)), 10)
    if number is None:
        raise Fault("invalid argument. expected integer")
    return number


def _boolean(side: Any, context: Context) -> bool:  # noqa: ANN401
    value = _value(side, context)
    if value is None:
        return False
    shown = show(value)
    if shown not in _TRUE + _FALSE:
        raise Fault("invalid argument. expected boolean")
    return shown in _TRUE


def _string(side: Any, context: Context) -> str:  # noqa: ANN401
    if side is None:
        raise Fault("invalid argument. is nil")
    value = _value(side, context)
    if isinstance(value, str) and len(value) > 1 and value[0] == '"' and value[-1] == '"':
        return f"'{value[1:-1]}'"
    return show(value)


def _equal(sides: Sides, context: Context) -> bool:
    try:
        return _number(sides[0], context) == _number(sides[1], context)
    except Fault:
        return _string(sides[0], context) == _string(sides[1], context)


def _matches(sides: Sides, context: Context) -> bool:
    text, expression = (_unquoted(_string(side, context)) for side in sides)
    compiled = pattern(expression)
    if compiled is None:
        raise Fault("invalid argument. expected a valid regexp")
    return found(compiled, text)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == "'" and text[-1] == "'" else text


def _within(sides: Sides, context: Context) -> bool:
    item: Value = sides[0]
    for convert in (_number, _string, _boolean):
        try:
            item = convert(sides[0], context)
            break
        except Fault:
            continue
    elements = _value(sides[1], context)
    if isinstance(elements, str) and elements[:1] + elements[-1:] in ("[]", "{}"):
        elements = load(elements.encode("utf-8", "surrogateescape"))
    if not isinstance(elements, (list, dict)):
        raise Fault("invalid argument. expected array, map, or slice")
    members = elements.values() if isinstance(elements, dict) else elements
    return any(type(member) is type(item) and member == item for member in members)


def _calculation(do: Callable[[float, float], Value]) -> Callable[[Sides, Context], Value]:
    return lambda sides, context: do(_number(sides[0], context), _number(sides[1], context))


def _both(do: Callable[[bool, bool], bool]) -> Callable[[Sides, Context], Value]:
    return lambda sides, context: do(_boolean(sides[0], context), _boolean(sides[1], context))


_OPERATIONS: dict[str, Callable[[Sides, Context], Value]] = {
    "||": _both(operator.or_),
    "&&": _both(operator.and_),
    "==": _equal,
    "!=": lambda sides, context: not _equal(sides, context),
    "<=": _calculation(operator.le),
    ">=": _calculation(operator.ge),
    "<": _calculation(operator.lt),
    ">": _calculation(operator.gt),
    "=~": _matches,
    "!": lambda sides, context: not _boolean(sides[1], context),
    "+": _calculation(operator.add),
    "-": _calculation(operator.sub),
    "**": _calculation(power),
    "*": _calculation(operator.mul),
    "/": _calculation(quotient),
    "%": lambda sides, context: Int64(remainder(_integer(sides[0], context), _integer(sides[1], context))),
    "not in": lambda sides, context: not _within(sides, context),
    "in": _within,
}
