"""The words of the language: antonmedv/expr v1.15.5, parser/lexer."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from eventsource.filter.errors import ExpressionError, Place

Kind = Literal["identifier", "number", "string", "operator", "bracket", "end"]

_WORDS = frozenset(("not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let"))
_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ESCAPE = r"\\(?:[abfnrtv\\{quote}]|[0-3][0-7]{{2}}|x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}})"
_STRINGS = {quote: re.compile(rf"{quote}(?:[^\\\n{quote}]|{_ESCAPE.format(quote=quote)})*+{quote}") for quote in ('"', "'")}
_SKIPPED = re.compile(rf"[{_SPACE}]+|//[^\n]*\n?|/\*(?s:.*?)\*/")
_NUMBER = re.compile(
    r"(?:0[xX][0-9a-fA-F_]*(?:\.(?!\.)[0-9a-fA-F_]*)?"
    r"|0[oO][0-7_]*(?:\.(?!\.)[0-7_]*)?"
    r"|0[bB][01_]*(?:\.(?!\.)[01_]*)?"
    r"|[0-9_]*(?:\.(?!\.)[0-9_]*)?)"
    r"(?:[eE][+-]?[0-9_]*)?"
)
_OPERATOR = re.compile(r"\?[.?]?|\|\|?|[&!=*<>][&=*]?|[,:;%+\-^/]|\.\.?|##?")
_ESCAPED = re.compile(r"\\(?:([0-3][0-7]{2})|x(.{2})|u(.{4})|U(.{8})|(.))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST_RUNE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Token:
    """One word; `value` of a string is what it stands for."""

    kind: Kind
    value: str
    place: Place

    def __str__(self) -> str:
        return "end of the text" if self.kind == "end" else f"{self.kind} {self.value!r}"


def tokens(text: str) -> list[Token]:
    """Cut a text into words, the last of which is its end. Raises `ExpressionError`."""
    found: list[Token] = []
    place = _places(text)
    position = 0
    while position < len(text):
        if skipped := _SKIPPED.match(text, position):
            position = skipped.end()
            continue
        here = place(position)
        kind, end = _next(text, position, here)
        word = text[position:end]
        found.append(Token(kind, _unescape(word, here) if kind == "string" else word, here))
        position = end
        if word.startswith("#") and (end := _end_of_name(text, position)) > position:
            # Behind `#` even `in` is a name.
            found.append(Token("identifier", text[position:end], place(position)))
            position = end
    found.append(Token("end", "", place(max(len(text) - 1, 0))))
    return found


def is_letter(char: str) -> bool:
    """Say whether a name may begin with it."""
    return char in "_$" or char.isalpha()


def is_name(text: str) -> bool:
    """Say whether the text can be a name."""
    return bool(text) and is_letter(text[0]) and all(map(_is_alphanumeric, text))


def _is_alphanumeric(char: str) -> bool:
    return char in "_$" or char.isalpha() or char.isdecimal()


def _next(text: str, position: int, place: Place) -> tuple[Kind, int]:
    char = text[position]
    if char in _STRINGS:
        match = _STRINGS[char].match(text, position)
        if match is None:
            raise ExpressionError("literal not terminated, or with an invalid escape", place)
        return "string", match.end()
    if char in "0123456789" or (char == "." and text[position + 1 : position + 2] in tuple("0123456789")):
        return "number", _number(text, position, place)
    if char in "()[]{}":
        return "bracket", position + 1
    if text.startswith("/*", position):
        raise ExpressionError("unclosed comment", place)
    if match := _OPERATOR.match(text, position):
        return "operator", match.end()
    if not _is_alphanumeric(char):
        raise ExpressionError(f"unrecognized character: {char!r}", place)
    end = _end_of_name(text, position)
    return ("operator" if text[position:end] in _WORDS else "identifier"), end


def _number(text: str, position: int, place: Place) -> int:
    match = _NUMBER.match(text, position)
    end = match.end() if match else position
    if end < len(text) and _is_alphanumeric(text[end]):
        raise ExpressionError(f"bad number syntax: {text[position : end + 1]!r}", place)
    return end


def _end_of_name(text: str, position: int) -> int:
    while position < len(text) and _is_alphanumeric(text[position]):
        position += 1
    return position


def _unescape(word: str, place: Place) -> str:
    def replace(match: re.Match[str]) -> str:
        octal, *digits, simple = match.groups()
        if simple is not None:
            return _SIMPLE.get(simple, simple)
        rune = int(octal, 8) if octal else int("".join(filter(None, digits)), 16)
        if rune > _LAST_RUNE:
            raise ExpressionError("unable to unescape string", place)
        # Halves of surrogate pairs are no characters in Go.
        return "\ufffd" if rune in _SURROGATES else chr(rune)

    plain = word[1:-1].replace("\r\n", "\n").replace("\r", "\n")
    return _ESCAPED.sub(replace, plain) if "\\" in plain else plain


def _places(text: str) -> Callable[[int], Place]:
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(position: int) -> Place:
        line = bisect_right(starts, position)
        return Place(line, position - starts[line - 1] + 1)

    return place
