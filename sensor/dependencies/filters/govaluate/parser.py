"""Build the tree: one function for all ranks of operators, which are taken left to right."""

from sensor.dependencies.filters.govaluate.tokens import Access, Chain, Kind, Literal, Malformed, Name, Node, Prefixed, Token

_RANKS: tuple[tuple[Kind, frozenset[str]], ...] = (
    (Kind.SEPARATOR, frozenset({","})),
    (Kind.TERNARY, frozenset({"?", ":", "??"})),
    (Kind.LOGICAL, frozenset({"||"})),
    (Kind.LOGICAL, frozenset({"&&"})),
    (Kind.COMPARATOR, frozenset({"==", "!=", ">", ">=", "<", "<=", "=~", "!~", "in"})),
    (Kind.MODIFIER, frozenset({"^", "&", "|"})),
    (Kind.MODIFIER, frozenset({">>", "<<"})),
    (Kind.MODIFIER, frozenset({"+", "-"})),
    (Kind.MODIFIER, frozenset({"*", "/", "%"})),
    (Kind.MODIFIER, frozenset({"**"})),
)
"""Loosest first."""
_RANK_OF = {mark: rank for rank, (_, marks) in enumerate(_RANKS) for mark in marks}
_RANKED_KINDS = frozenset(kind for kind, _ in _RANKS)
_LITERALS = frozenset({Kind.NUMERIC, Kind.STRING, Kind.PATTERN, Kind.BOOLEAN, Kind.TIME})
_DEEPEST = 40


def parse(tokens: list[Token]) -> Node:
    """Build the tree of a checked list of tokens. What stands behind a complete expression is not looked at, as in Go."""
    return _Parser(tokens).expression()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def expression(self) -> Node:
        """Read one whole expression."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Malformed(f"more than {_DEEPEST} parentheses in each other")
        node = self._chain(0)
        self._depth -= 1
        return node

    def _chain(self, loosest: int) -> Node:
        """Read operands and the operators between them, as far as none binds looser than `loosest`."""
        node = self._operand()
        while (rank := self._rank_here()) >= loosest:
            rest: list[tuple[str, Node]] = []
            while self._rank_here() == rank:
                mark = self._tokens[self._at].value
                self._at += 1
                rest.append((mark, self._chain(rank + 1)))
            node = Chain(node, tuple(rest))
        return node

    def _rank_here(self) -> int:
        if self._at >= len(self._tokens) or self._tokens[self._at].kind not in _RANKED_KINDS:
            return -1
        return _RANK_OF[self._tokens[self._at].value]

    def _operand(self) -> Node:
        token = self._taken()
        if token.kind is Kind.OPEN:
            inner = self.expression()
            # Whatever stands here is taken for the closing parenthesis: it may be a value that nothing joins to the rest.
            self._taken()
            return inner
        if token.kind is Kind.PREFIX:
            return Prefixed(token.value, self._operand())
        if token.kind is Kind.ACCESSOR:
            opened = self._at < len(self._tokens) and self._tokens[self._at].kind is Kind.OPEN
            return Access(token.value, self.expression() if opened else None)
        if token.kind in _LITERALS:
            return Literal(token.value)
        if token.kind is Kind.VARIABLE:
            return Name(token.value)
        if token.kind is not Kind.CLOSE:
            raise Malformed(f"Unable to plan token kind: '{token.kind}', value: '{token.value}'")
        self._at -= 1
        return None

    def _taken(self) -> Token:
        if self._at >= len(self._tokens):
            raise Malformed("the expression ends too early")
        self._at += 1
        return self._tokens[self._at - 1]
