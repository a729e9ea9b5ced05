"""Cut an expression into tokens, with the habits of the original: blanks split, a backslash makes any character plain."""

import unicodedata
from collections.abc import Callable

from sensor.dependencies.filters.goparse import parse_float
from sensor.dependencies.filters.gotime import Unparsable, parse
from sensor.dependencies.filters.govaluate.tokens import Kind, Malformed, Token

_PREFIXES = frozenset({"-", "!", "~"})
_MARKS = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "**", "&", "|", "^", ">>", "<<"), Kind.MODIFIER),
    **dict.fromkeys(("&&", "||"), Kind.LOGICAL),
    **dict.fromkeys(("==", "!=", ">", ">=", "<", "<=", "=~", "!~"), Kind.COMPARATOR),
    **dict.fromkeys(("?", ":", "??"), Kind.TERNARY),
}
_SINGLE = {",": Kind.SEPARATOR, "(": Kind.OPEN, ")": Kind.CLOSE}
# After these a `-` or `!` belongs to what follows; after anything else it is an operator.
_BEFORE_PREFIX = frozenset({Kind.START, Kind.OPEN, Kind.MODIFIER, Kind.COMPARATOR, Kind.LOGICAL, Kind.TERNARY, Kind.SEPARATOR})
_BLANKS = frozenset("\t\n\v\f\r \x85\xa0")
_QUOTES = frozenset("'\"")
_TIMES = (
    *("Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006", "Mon Jan 02 15:04:05 -0700 2006", "3:04PM"),
    *("2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.999999999Z07:00"),
    *("2006-01-02", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04:05-07:00"),
    *("2006-01-02T15Z0700", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05.999999999Z0700"),
)
_HEX_DIGITS, _LARGEST_HEX = frozenset("0123456789abcdef"), (1 << 64) - 1


def tokens(text: str) -> list[Token]:
    """Give the tokens of an expression. Raises `Malformed`."""
    lexer = _Lexer(text)
    found: list[Token] = []
    before = Kind.START
    while (token := lexer.next(before)) is not None:
        found.append(token)
        before = token.kind
    opened = sum((token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE) for token in found)
    if opened:
        raise Malformed("Unbalanced parenthesis")
    return found


def _is_blank(character: str) -> bool:
    return character in _BLANKS or (not character.isascii() and unicodedata.category(character) in {"Zs", "Zl", "Zp"})


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


def _is_numeric(character: str) -> bool:
    return character == "." or _is_digit(character)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character).startswith("L")


def _is_in_name(character: str) -> bool:
    return character in "_." or _is_letter(character) or _is_digit(character)


def _is_in_mark(character: str) -> bool:
    return character not in "()[]'\"" and not _is_letter(character) and not _is_digit(character)


def _is_hex_digit(character: str) -> bool:
    return character.lower() in _HEX_DIGITS or _is_digit(character)


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self, before: Kind) -> Token | None:
        """Give the next token, or None at the end."""
        while self._at < len(self._text) and _is_blank(self._text[self._at]):
            self._at += 1
        if self._at >= len(self._text):
            return None
        return self._token(self._text[self._at], before)

    def _token(self, character: str, before: Kind) -> Token:
        if _is_numeric(character):
            return self._number()
        if character in _SINGLE:
            self._at += 1
            return Token(_SINGLE[character], "," if character == "," else ord(character))
        if character == "[":
            return Token(Kind.VARIABLE, self._closed("]", "Unclosed parameter bracket"))
        if _is_letter(character):
            return _named(self._word(_is_in_name))
        if character in _QUOTES:
            return _text(self._closed("'\"", "Unclosed string literal"))
        return _mark(self._word(_is_in_mark), before)

    def _number(self) -> Token:
        if self._text.startswith("0x", self._at) and self._at + 2 < len(self._text):
            self._at += 2
            digits = self._word(_is_hex_digit)
            if not digits or not _HEX_DIGITS.issuperset(digits.lower()) or int(digits[:40], 16) > _LARGEST_HEX:
                raise Malformed(f"Unable to parse hex value '{digits}' to uint64")
            return Token(Kind.NUMERIC, float(int(digits, 16)))
        digits = self._word(_is_numeric)
        try:
            return Token(Kind.NUMERIC, parse_float(digits))
        except ValueError as error:
            raise Malformed(f"Unable to parse numeric value '{digits}' to float64") from error

    def _word(self, belongs: Callable[[str], bool]) -> str:
        """Read characters that belong together; a blank ends them, and before the first one blanks are passed over."""
        found: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "\\":
                found.append(self._escaped())
            elif _is_blank(character):
                self._at += 1
                if found:
                    break
            elif belongs(character):
                found.append(character)
                self._at += 1
            else:
                break
        return "".join(found)

    def _closed(self, closing: str, complaint: str) -> str:
        """Read what stands between the mark here and the next closing one."""
        self._at += 1
        found: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "\\":
                found.append(self._escaped())
                continue
            self._at += 1
            if character in closing:
                return "".join(found)
            found.append(character)
        raise Malformed(complaint)

    def _escaped(self) -> str:
        if self._at + 1 >= len(self._text):
            raise Malformed("nothing follows the backslash at the end")
        self._at += 2
        return self._text[self._at - 1]


def _named(word: str) -> Token:
    if word.find(".") > 0:
        return _access(word)
    if word in {"true", "false"}:
        return Token(Kind.BOOLEAN, word == "true")
    if word in {"in", "IN"}:
        return Token(Kind.COMPARATOR, "in")
    return Token(Kind.VARIABLE, word)


def _access(word: str) -> Token:
    if word.endswith("."):
        raise Malformed(f"Hanging accessor on token '{word}'")
    parts = tuple(word.split("."))
    for part in parts[1:]:
        if part and len(part[0].upper()) == 1 and part[0].upper() != part[0]:
            raise Malformed(f"Unable to access unexported field '{part}' in token '{word}'")
    return Token(Kind.ACCESSOR, parts)


def _text(text: str) -> Token:
    """Take a text for a time, if any of the layouts fits."""
    for layout in _TIMES if any(map(str.isdigit, text)) else ():
        try:
            return Token(Kind.TIME, float(parse(layout, text).seconds))
        except Unparsable:
            continue
    return Token(Kind.STRING, text)


def _mark(mark: str, before: Kind) -> Token:
    if mark in _PREFIXES and before in _BEFORE_PREFIX:
        return Token(Kind.PREFIX, mark)
    if mark not in _MARKS:
        raise Malformed(f"Invalid token: '{mark}'")
    return Token(_MARKS[mark], mark)
