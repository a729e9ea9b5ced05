"""The language of `exprs`: what github.com/Knetic/govaluate makes of an expression (its commit 9aa49832a739).

    expression = compile_expression('price > 10 && kind in ("a", "b")')     once; raises `Malformed`
    value = expression.evaluate({"price": 12.0, "kind": "a"})               per event; raises `Failed`

Users' expressions mean what they meant there, surprises included: a text in quotes that looks like a date is a number, `nil`
is a name like any other, operators of one rank are taken left to right (`2 ** 3 ** 2` is 64), `&` binds closer than `==`, and
what stands behind a complete expression inside parentheses is not looked at. Where Go crashes, the answer is `Failed`.

`lexer` cuts the text into tokens, `grammar` says which may follow which, `parser` builds the tree, `evaluate` walks it,
`operators` holds what the operators do, `printing` is how values look as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sensor.dependencies.filters.govaluate import evaluate, grammar, lexer, parser
from sensor.dependencies.filters.govaluate.tokens import Failed, Malformed, Node

__all__ = ["Expression", "Failed", "Malformed", "compile_expression"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression."""

    root: Node

    def evaluate(self, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        """Give its value over these names. Raises `Failed`."""
        return evaluate.value_of(self.root, names)


def compile_expression(text: str) -> Expression:
    """Compile an expression. Raises `Malformed`."""
    tokens = lexer.tokens(text)
    grammar.check(tokens)
    return Expression(parser.parse(tokens))
