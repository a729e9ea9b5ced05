"""`conditions`: names of dependencies, `&&`, `||` and parentheses; `&&` binds tighter.

Empty means all dependencies joined by `&&`, in the order of the document. `-` and `_` are the same letter in a name, as in
Argo Events. Everything else that its expression language would take (quotes, `==`, comments, …) is refused.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*(?:(?P<name>[\w-]+)|(?P<mark>&&|\|\||\(|\)))")
_DEEPEST = 100
"""Parentheses in each other: more are a mistake, and would overflow the stack."""


class Malformed(ValueError):
    """The text is no condition over these dependencies."""


def folded(name: str) -> str:
    """Give the form under which a name is looked up."""
    return name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Name:
    """True when this dependency's event is there."""

    name: str

    def fires(self, present: Collection[str]) -> bool:
        """Say whether it holds with events of these dependencies."""
        return self.name in present

    def leaves(self) -> Iterator[str]:
        """Give the names, left to right."""
        yield self.name

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Both:
    """True when all parts are."""

    parts: tuple["Node", ...]

    def fires(self, present: Collection[str]) -> bool:
        """Say whether it holds with events of these dependencies."""
        return all(part.fires(present) for part in self.parts)

    def leaves(self) -> Iterator[str]:
        """Give the names, left to right."""
        for part in self.parts:
            yield from part.leaves()

    def __str__(self) -> str:
        return "&&".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """True when one part is."""

    parts: tuple["Node", ...]

    def fires(self, present: Collection[str]) -> bool:
        """Say whether it holds with events of these dependencies."""
        return any(part.fires(present) for part in self.parts)

    def leaves(self) -> Iterator[str]:
        """Give the names, left to right."""
        for part in self.parts:
            yield from part.leaves()

    def __str__(self) -> str:
        return "||".join(map(str, self.parts))


Node = Name | Both | Either


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition. `names` are its dependencies, each once, in the order in which they are subscribed to.

    `text` is the condition as it was written, without blanks, and with the names as the dependencies have them.
    """

    root: Node
    text: str
    names: tuple[str, ...]
    joins: bool
    """Whether any `&&` stands in it: then events wait for each other, otherwise each fires alone."""

    def fires(self, present: Collection[str]) -> bool:
        """Say whether events of these dependencies fire the trigger."""
        return self.root.fires(present)

    def __str__(self) -> str:
        return self.text


def parse(text: str, dependencies: Sequence[str]) -> Expression:
    """Parse a condition over the dependencies of a sensor. Raises `Malformed` with the place of the mistake."""
    if not text:
        root = _joined([Name(name) for name in dependencies])
        return _expression(root, str(root))
    parser = _Parser(text, dependencies)
    return _expression(parser.whole(), parser.spelled())


def _expression(root: Node, text: str) -> Expression:
    return Expression(root, text, tuple(dict.fromkeys(root.leaves())), _joins(root))


def _joined(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Both(tuple(parts))


def _joins(node: Node) -> bool:
    return isinstance(node, Both) or (isinstance(node, Either) and any(_joins(part) for part in node.parts))


class _Parser:
    """Recursive descent over the tokens; a position is a column from 1."""

    def __init__(self, text: str, dependencies: Sequence[str]) -> None:
        self._text = text
        self._known = {folded(name): name for name in dependencies}
        self._tokens = list(self._split(text))
        self._next = 0
        self._depth = 0

    @staticmethod
    def _split(text: str) -> Iterator[tuple[str, int]]:
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
                raise Malformed(f"column {column}: names, &&, || and parentheses are wanted, not {text[column - 1]!r}")
            yield match["name"] or match["mark"], match.end() - len(match["name"] or match["mark"]) + 1
            position = match.end()

    def whole(self) -> Node:
        node = self._either()
        if self._next < len(self._tokens):
            token, column = self._tokens[self._next]
            raise Malformed(f"column {column}: && or || is wanted before {token!r}")
        return node

    def spelled(self) -> str:
        return "".join(self._known.get(folded(token), token) for token, _ in self._tokens)

    def _either(self) -> Node:
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Node:
        parts = [self._operand()]
        while self._take("&&"):
            parts.append(self._operand())
        return _joined(parts)

    def _operand(self) -> Node:
        if self._take("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise Malformed(f"more than {_DEEPEST} parentheses in each other")
            node = self._either()
            if not self._take(")"):
                raise Malformed("a closing parenthesis is missing")
            self._depth -= 1
            return node
        if self._next >= len(self._tokens):
            raise Malformed("the name of a dependency is missing at the end")
        token, column = self._tokens[self._next]
        if token in {"&&", "||", ")"}:
            raise Malformed(f"column {column}: the name of a dependency is wanted, not {token!r}")
        if folded(token) not in self._known:
            raise Malformed(f"column {column}: {token!r} is not among the dependencies")
        self._next += 1
        return Name(self._known[folded(token)])

    def _take(self, mark: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next][0] == mark:
            self._next += 1
            return True
        return False
