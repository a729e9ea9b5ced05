"""Which token may follow which, and the patterns of regular expressions, which are compiled with the text."""

from sensor.dependencies.filters import regex
from sensor.dependencies.filters.govaluate.tokens import Kind, Malformed, Token

_VALUES = {Kind.NUMERIC, Kind.BOOLEAN, Kind.VARIABLE, Kind.STRING, Kind.TIME}
_OPERANDS = {Kind.PREFIX, *_VALUES, Kind.PATTERN, Kind.ACCESSOR, Kind.OPEN}
_AFTER_VALUE = {Kind.MODIFIER, Kind.COMPARATOR, Kind.LOGICAL, Kind.CLOSE, Kind.SEPARATOR}
_FOLLOWERS: dict[Kind, set[Kind]] = {
    Kind.START: _OPERANDS,
    Kind.OPEN: _OPERANDS | {Kind.CLOSE},
    Kind.CLOSE: _AFTER_VALUE | _VALUES | {Kind.PATTERN, Kind.OPEN, Kind.TERNARY},
    Kind.NUMERIC: _AFTER_VALUE | {Kind.TERNARY},
    Kind.BOOLEAN: _AFTER_VALUE | {Kind.TERNARY},
    Kind.STRING: _AFTER_VALUE | {Kind.TERNARY},
    Kind.VARIABLE: _AFTER_VALUE | {Kind.TERNARY},
    Kind.TIME: _AFTER_VALUE,
    Kind.PATTERN: _AFTER_VALUE,
    Kind.ACCESSOR: _AFTER_VALUE | {Kind.TERNARY, Kind.OPEN},
    # No time behind `+` or `-`: dates are for comparing.
    Kind.MODIFIER: (_OPERANDS | {Kind.CLOSE}) - {Kind.TIME, Kind.PATTERN},
    Kind.COMPARATOR: _OPERANDS | {Kind.CLOSE},
    Kind.LOGICAL: (_OPERANDS | {Kind.CLOSE}) - {Kind.PATTERN},
    Kind.PREFIX: {Kind.NUMERIC, Kind.BOOLEAN, Kind.VARIABLE, Kind.ACCESSOR, Kind.OPEN, Kind.CLOSE},
    Kind.TERNARY: (_OPERANDS | {Kind.SEPARATOR}) - {Kind.PATTERN},
    Kind.SEPARATOR: _OPERANDS - {Kind.PATTERN},
}
_MAY_END = {*_VALUES, Kind.PATTERN, Kind.ACCESSOR, Kind.CLOSE}
_MATCHES = {"=~", "!~"}


def check(tokens: list[Token]) -> None:
    """Check the order of the tokens, and compile the patterns in place. Raises `Malformed`."""
    before = Token(Kind.START, "<nil>")
    for token in tokens:
        if token.kind not in _FOLLOWERS[before.kind]:
            raise _misplaced(before, token)
        before = token
    if before.kind not in _MAY_END:
        raise Malformed("Unexpected end of expression")
    for index, token in enumerate(tokens[:-1]):
        pattern = tokens[index + 1]
        if token.kind is Kind.COMPARATOR and token.value in _MATCHES and pattern.kind is Kind.STRING:
            try:
                tokens[index + 1] = Token(Kind.PATTERN, regex.compile_pattern(pattern.value))
            except regex.BadPattern as error:
                raise Malformed(str(error)) from error


def _misplaced(before: Token, token: Token) -> Malformed:
    if before.kind is Kind.VARIABLE and token.kind is Kind.OPEN:
        return Malformed(f"Undefined function {before.value}")
    return Malformed(f"Cannot transition token types from {_shown(before)} to {_shown(token)}")


def _shown(token: Token) -> str:
    value = token.value
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, float):
        value = f"{value:g}"
    elif isinstance(value, tuple):
        value = f"[{' '.join(value)}]"
    return f"{token.kind} [{value}]"
