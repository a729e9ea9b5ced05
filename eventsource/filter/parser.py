"""The grammar of the language: antonmedv/expr v1.15.5, parser. Its quirks are kept, each with a test."""

import math
import re

from eventsource.filter import nodes
from eventsource.filter.errors import ExpressionError, Place
from eventsource.filter.lexer import Token, is_name, tokens
from eventsource.filter.names import BUILTINS, PREDICATES

LONGEST_TEXT = 65_536
"""Characters of an expression."""
DEEPEST = 120
"""Levels of brackets, operators and calls inside each other."""

UNARY = {"not": 50, "!": 50, "-": 90, "+": 90}
BINARY = {
    "|": 0,
    **dict.fromkeys(("or", "||"), 10),
    **dict.fromkeys(("and", "&&"), 15),
    **dict.fromkeys(("==", "!=", "<", ">", ">=", "<=", "in", "matches", "contains", "startsWith", "endsWith"), 20),
    "..": 25,
    **dict.fromkeys(("+", "-"), 30),
    **dict.fromkeys(("*", "/", "%"), 60),
    **dict.fromkeys(("**", "^"), 100),
    "??": 500,
}
_RIGHT_FIRST = ("**", "^")
_INTEGER = re.compile(r"[0-9]+")
_FLOAT = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_LARGEST = 2**63 - 1
_MOST_DIGITS = 4_000


def parse(text: str) -> nodes.Node:
    """Read an expression. Raises `ExpressionError`."""
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(f"the expression is longer than {LONGEST_TEXT} characters")
    parser = _Parser(tokens(text))
    node = parser.expression(0)
    if parser.current.kind != "end":
        raise parser.unexpected()
    return node


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._position = 0
        self._closures = 0
        self._depth = 0
        self.current = words[0]

    # ------------------------------------------------------------------------------------------------------- helpers

    def unexpected(self) -> ExpressionError:
        return ExpressionError(f"unexpected {self.current}", self.current.place)

    def _next(self) -> Token:
        taken = self.current
        if taken.kind == "end":
            raise ExpressionError("unexpected end of expression", taken.place)
        self._position += 1
        self.current = self._words[self._position]
        return taken

    def _at(self, kind: str, *values: str) -> bool:
        return self.current.kind == kind and (not values or self.current.value in values)

    def _expect(self, kind: str, value: str = "") -> Token:
        if self.current.kind != kind or (value and self.current.value != value):
            raise self.unexpected()
        return self._next()

    # ----------------------------------------------------------------------------------------------------- operators

    def expression(self, precedence: int) -> nodes.Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(f"the expression is nested deeper than {DEEPEST} levels", self.current.place)
        node = self._let() if precedence == 0 and self._at("operator", "let") else self._operators(precedence)
        self._depth -= 1
        return node

    def _let(self) -> nodes.Node:
        self._expect("operator", "let")
        name = self._expect("identifier")
        self._expect("operator", "=")
        value = self.expression(0)
        self._expect("operator", ";")
        return nodes.Let(name.value, value, self.expression(0), place=name.place)

    def _operators(self, precedence: int) -> nodes.Node:
        left = self._primary()
        previous = ""
        while self._at("operator"):
            negation: Place | None = None
            if self._at("operator", "not"):
                # Consumed even if the operator behind it binds too weakly here: `1 + 2 not in x` is `1 + 2 in x`.
                self._next()
                negation = self.current.place
            operator = self.current
            if BINARY.get(operator.value, -1) < precedence or operator.kind == "end":
                break
            self._next()
            left = self._pipe(left) if operator.value == "|" else self._binary(left, operator, previous, negation)
            previous = operator.value
        return self._conditional(left) if precedence == 0 else left

    def _binary(self, left: nodes.Node, operator: Token, previous: str, negation: Place | None) -> nodes.Node:
        sign = operator.value
        if previous == "??" and sign != "??":
            message = f"Operator ({sign}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses."
            raise ExpressionError(message, operator.place)
        right = self.expression(BINARY[sign] + (sign not in _RIGHT_FIRST))
        node: nodes.Node = nodes.Binary(sign, left, right, place=operator.place)
        return nodes.Unary("not", node, place=negation) if negation else node

    def _conditional(self, node: nodes.Node) -> nodes.Node:
        while self._at("operator", "?"):
            place = self._next().place
            if self._at("operator", ":"):
                self._next()
                yes = node
            else:
                yes = self.expression(0)
                self._expect("operator", ":")
            node = nodes.Conditional(node, yes, self.expression(0), place=place)
        return node

    # ------------------------------------------------------------------------------------------------------ operands

    def _primary(self) -> nodes.Node:
        token = self.current
        if token.kind == "operator" and token.value in UNARY:
            self._next()
            operand = self.expression(UNARY[token.value])
            return self._postfix(nodes.Unary(token.value, operand, place=token.place))
        if self._at("bracket", "("):
            self._next()
            inner = self.expression(0)
            self._expect("bracket", ")")
            return self._postfix(inner)
        if self._at("operator", "#", "."):
            return self._pointer()
        return self._secondary()

    def _pointer(self) -> nodes.Node:
        place = self.current.place
        if not self._closures:
            raise ExpressionError("cannot use pointer accessor outside closure", place)
        name = ""
        if self._at("operator", "#"):
            self._next()
            if self._at("identifier"):
                name = self._next().value
        return self._postfix(nodes.Pointer(name, place=place))

    def _secondary(self) -> nodes.Node:
        token = self.current
        if literal := _literal(token):
            # Nothing follows a literal: `"abc"[0]` is an error.
            self._next()
            return literal
        if token.kind == "identifier":
            self._next()
            return self._postfix(self._named(token))
        if self._at("bracket", "["):
            return self._postfix(self._array())
        if self._at("bracket", "{"):
            return self._postfix(self._map())
        raise self.unexpected()

    def _named(self, token: Token) -> nodes.Node:
        if not self._at("bracket", "("):
            return nodes.Identifier(token.value, place=token.place)
        return self._call(token, [])

    def _call(self, token: Token, arguments: list[nodes.Node]) -> nodes.Node:
        """Read the arguments of a call; a pipe gives the first one."""
        if token.value in PREDICATES:
            return self._predicate(token, arguments)
        arguments = arguments + self._arguments()
        if token.value in BUILTINS:
            return nodes.Builtin(token.value, arguments, place=token.place)
        return nodes.Call(nodes.Identifier(token.value, place=token.place), arguments, place=token.place)

    def _predicate(self, token: Token, arguments: list[nodes.Node]) -> nodes.Node:
        self._expect("bracket", "(")
        if not arguments:
            arguments = [self.expression(0)]
            self._expect("operator", ",")
        arguments = [*arguments, self._closure()]
        if token.value == "reduce" and self._at("operator", ","):
            self._next()
            arguments.append(self.expression(0))
        self._expect("bracket", ")")
        return nodes.Builtin(token.value, arguments, place=token.place)

    def _pipe(self, left: nodes.Node) -> nodes.Node:
        return self._call(self._expect("identifier"), [left])

    def _closure(self) -> nodes.Node:
        place = self.current.place
        braces = self._at("bracket", "{")
        if braces:
            self._next()
        self._closures += 1
        body = self.expression(0)
        self._closures -= 1
        if braces:
            self._expect("bracket", "}")
        return nodes.Closure(body, place=place)

    def _arguments(self) -> list[nodes.Node]:
        self._expect("bracket", "(")
        arguments: list[nodes.Node] = []
        while not self._at("bracket", ")"):
            if arguments:
                self._expect("operator", ",")
            arguments.append(self.expression(0))
        self._next()
        return arguments

    def _array(self) -> nodes.Node:
        place = self._next().place
        items: list[nodes.Node] = []
        while not self._at("bracket", "]"):
            if items:
                self._expect("operator", ",")
                if self._at("bracket", "]"):
                    break
            items.append(self.expression(0))
        self._next()
        return nodes.Array(items, place=place)

    def _map(self) -> nodes.Node:
        place = self._next().place
        pairs: list[tuple[nodes.Node, nodes.Node]] = []
        while not self._at("bracket", "}"):
            if pairs:
                self._expect("operator", ",")
                if self._at("bracket", "}"):
                    break
            key = self._map_key(place)
            self._expect("operator", ":")
            pairs.append((key, self.expression(0)))
        self._next()
        return nodes.Map(pairs, place=place)

    def _map_key(self, place: Place) -> nodes.Node:
        if self.current.kind in ("number", "string", "identifier"):
            return nodes.String(self._next().value, place=place)
        if self._at("bracket", "("):
            return self.expression(0)
        raise ExpressionError(
            f"a map key must be a quoted string, a number, a identifier, or an expression enclosed in parentheses "
            f"(unexpected {self.current})",
            self.current.place,
        )

    # ------------------------------------------------------------------------------------------------ what follows one

    def _postfix(self, node: nodes.Node) -> nodes.Node:
        while True:
            if self._at("operator", ".", "?."):
                node = self._member(node)
            elif self._at("bracket", "["):
                node = self._subscript(node)
            else:
                return node

    def _member(self, node: nodes.Node) -> nodes.Node:
        optional = self._next().value == "?."
        token = self._next()
        if token.kind != "identifier" and (token.kind != "operator" or not is_name(token.value)):
            raise ExpressionError(f"expected name, not {token}", token.place)
        chained = isinstance(node, nodes.Chain)
        base = node.inner if isinstance(node, nodes.Chain) else node
        name = nodes.String(token.value, place=token.place)
        found: nodes.Node = nodes.Member(base, name, optional, place=token.place)
        if self._at("bracket", "("):
            found = nodes.Call(found, self._arguments(), place=token.place)
        return nodes.Chain(found, place=token.place) if chained or optional else found

    def _subscript(self, node: nodes.Node) -> nodes.Node:
        place = self._next().place
        start = None if self._at("operator", ":") else self.expression(0)
        if start is not None and not self._at("operator", ":"):
            self._expect("bracket", "]")
            return nodes.Member(node, start, place=place)
        self._expect("operator", ":")
        end = None if self._at("bracket", "]") else self.expression(0)
        self._expect("bracket", "]")
        return nodes.Slice(node, start, end, place=place)


def _literal(token: Token) -> nodes.Node | None:
    if token.kind == "number":
        return _number(token)
    if token.kind == "string":
        return nodes.String(token.value, place=token.place)
    if token.kind == "identifier" and token.value in ("true", "false"):
        return nodes.Bool(token.value == "true", place=token.place)
    if token.kind == "identifier" and token.value == "nil":
        return nodes.Nil(place=token.place)
    return None


def _number(token: Token) -> nodes.Node:
    text = token.value.replace("_", "")
    if "x" in text:
        value: int | None = int(text, 16) if _HEX.fullmatch(text) else None
    elif any(sign in text for sign in ".eE"):
        number = float(text) if _FLOAT.fullmatch(text) else math.inf
        if math.isinf(number):
            raise ExpressionError(f"invalid float literal: {token.value}", token.place)
        return nodes.Float(number, place=token.place)
    else:
        value = int(text) if _INTEGER.fullmatch(text) and len(text) <= _MOST_DIGITS else None
    if value is None or value > _LARGEST:
        raise ExpressionError(f"invalid integer literal: {token.value}", token.place)
    return nodes.Integer(value, place=token.place)
