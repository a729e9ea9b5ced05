"""Queries: whether one element of an array fulfils `operator value`. Each JSON type has its own operators."""

import operator as operators
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sensor.paths.glob import Matcher, compile_glob
from sensor.paths.numbers import parse_float
from sensor.paths.result import Kind, Result, falseish

_ORDER: dict[bytes, Callable[[Any, Any], bool]] = {
    b"=": operators.eq,
    b"!=": operators.ne,
    b"<": operators.lt,
    b"<=": operators.le,
    b">": operators.gt,
    b">=": operators.ge,
}
# A truth is compared with the text of the query, which may be neither `true` nor `false`.
_TRUTHS: dict[tuple[Kind, bytes], Callable[[bytes], bool]] = {
    (Kind.TRUE, b"="): lambda value: value == b"true",
    (Kind.TRUE, b"!="): lambda value: value != b"true",
    (Kind.TRUE, b">"): lambda value: value == b"false",
    (Kind.TRUE, b">="): lambda _: True,
    (Kind.FALSE, b"="): lambda value: value == b"false",
    (Kind.FALSE, b"!="): lambda value: value != b"false",
    (Kind.FALSE, b"<"): lambda value: value == b"true",
    (Kind.FALSE, b"<="): lambda _: True,
}
# `~true` and its like ask what a value amounts to.
_AMOUNTS: dict[bytes, Callable[[Result], bool]] = {
    b"~*": lambda result: result.exists,
    b"~null": lambda result: result.kind is Kind.NULL,
    b"~true": lambda result: result.bool,
    b"~false": falseish,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator and the value to its right; no operator asks only whether there is anything."""

    operator: bytes
    value: bytes
    number: float
    matches: Matcher | None

    @classmethod
    def of(cls, operator: bytes, value: bytes) -> "Comparison":
        """Prepare a comparison."""
        return cls(operator, value, parse_float(value), compile_glob(value) if operator in {b"%", b"!%"} else None)

    def accepts(self, result: Result) -> bool:
        """Say whether this value is on the right side."""
        if self.value.startswith(b"~"):
            amounts = _AMOUNTS.get(self.value)
            if amounts is None:
                return False
            return not self.operator or self._truth(Kind.TRUE if amounts(result) else Kind.FALSE, b"true")
        if not result.exists or not self.operator:
            return result.exists
        if result.kind is Kind.STRING:
            return self._text(result.content)
        if result.kind is Kind.NUMBER:
            compare = _ORDER.get(self.operator)
            return compare is not None and compare(result.float, self.number)
        return self._truth(result.kind, self.value)

    def _text(self, content: bytes) -> bool:
        if self.matches is not None:
            return self.matches(content) is (self.operator == b"%")
        compare = _ORDER.get(self.operator)
        return compare is not None and compare(content, self.value)

    def _truth(self, kind: Kind, value: bytes) -> bool:
        compare = _TRUTHS.get((kind, self.operator))
        return compare is not None and compare(value)
