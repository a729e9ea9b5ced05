r"""A Lua script in the text that makes LuaJIT read it as gopher-lua does.

Escapes that LuaJIT adds (`\x41`, `\z`, `\u{41}`) are undone, its suffixes of numbers refused. What `..` joins goes through
`_text`, which prints numbers as Go does (LuaJIT: 14 digits); `#` becomes `_length`, which counts to the last element whatever
holes there are. No line moves, so that errors keep their place.
"""

import re
from typing import NamedTuple

from sensor.scripts.frames import ScriptFailed

_TOKEN = re.compile(
    rb"(?P<blank>\s+|--\[(?P<a>=*)\[.*?\](?P=a)\]|--[^\n]*)"
    rb"|(?P<text>\[(?P<b>=*)\[.*?\](?P=b)\]|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    rb"|(?P<number>(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\w*)"
    rb"|(?P<name>[A-Za-z_\x80-\xff][\w\x80-\xff]*)"
    rb"|(?P<sign>\.\.\.|\.\.|[=~<>]=|::|.)",
    re.DOTALL,
)
_KINDS = ("blank", "text", "number", "name", "sign")
_ADDED_ESCAPE = re.compile(rb"\\(\\|[xzu])")
_ADDED_NUMBER = re.compile(rb"0[bB]\w+|(?:0[xX][0-9a-fA-F]+|\d+)(?:[uU]?[lL][lL]|[iI])")
_KEYWORDS = frozenset(
    b"and break do else elseif end for function goto if in local not or repeat return then until while".split()
)
_UNARY = frozenset({b"-", b"#", b"not"})
_ARITHMETIC = frozenset({b"+", b"-", b"*", b"/", b"%", b"^"})
_BEFORE_NO_OPERAND = _ARITHMETIC | _UNARY | {b".", b":"}
_CLOSED_BY = {b"(": b")", b"[": b"]", b"{": b"}"}
_ENDING = frozenset({b")", b"]", b"}", b"...", b"end"})
_PREFIX = b"local _text,_length=_text,_length;_G._text,_G._length=nil,nil;"


class _Token(NamedTuple):
    kind: str
    text: bytes

    @property
    def is_term(self) -> bool:
        """Say whether a value may end here."""
        return self.kind in {"text", "number"} or (self.kind == "name" and self.text not in _KEYWORDS) or self.text in _ENDING


_NOTHING = _Token("sign", b"")


def as_gopher_reads(source: bytes) -> bytes:
    """Rewrite a script. Raises `ScriptFailed` for a number that only LuaJIT knows."""
    script = _Script(source)
    return script.rewritten() if b".." in source or b"#" in source else b"".join(script.pieces)


class _Script:
    """The tokens of a script and the pieces of its text; `places` says which piece each token is."""

    def __init__(self, source: bytes) -> None:
        self.pieces: list[bytes] = []
        self._tokens: list[_Token] = []
        self._places: list[int] = []
        self._partners: dict[int, int] = {}
        open_: list[int] = []
        for match in _TOKEN.finditer(source):
            text = match[0]
            kind = next(name for name in _KINDS if match[name] is not None)
            self.pieces.append(_corrected(kind, text))
            if kind == "blank":
                continue
            if text in _CLOSED_BY:
                open_.append(len(self._tokens))
            elif open_ and kind == "sign" and text == _CLOSED_BY[self._tokens[open_[-1]].text]:
                self._partners[open_.pop()] = len(self._tokens)
            self._tokens.append(_Token(kind, text))
            self._places.append(len(self.pieces) - 1)

    def rewritten(self) -> bytes:
        """Put the calls around what `..` joins and what `#` counts."""
        before = dict.fromkeys(range(len(self._tokens) + 1), b"")
        after = dict(before)
        for at, token in enumerate(self._tokens):
            previous = self._at(at - 1)
            if token.text == b"#" and token.kind == "sign" and (end := self._primary_end(at + 1)) is not None:
                before[at], after[end] = before[at] + b"_length(", b")" + after[end]
                self.pieces[self._places[at]] = b""
            if previous.is_term or previous.text in _BEFORE_NO_OPERAND:
                continue
            end = self._operand_end(at)
            if end is not None and b".." in {previous.text, self._at(end + 1).text} and token.kind != "text":
                before[at], after[end] = b"_text(" + before[at], after[end] + b")"
        if not any(before.values()):
            return b"".join(self.pieces)
        for at, place in enumerate(self._places):
            self.pieces[place] = before[at] + self.pieces[place] + after[at]
        return _PREFIX + b"".join(self.pieces)

    def _at(self, at: int) -> _Token:
        return self._tokens[at] if 0 <= at < len(self._tokens) else _NOTHING

    def _operand_end(self, at: int) -> int | None:
        """Give the last token of the operand of `..` that begins here: terms joined by arithmetic."""
        while True:
            while self._at(at).text in _UNARY:
                at += 1
            end = self._primary_end(at)
            if end is None or self._at(end + 1).text not in _ARITHMETIC or self._at(end + 1).kind != "sign":
                return end
            at = end + 2

    def _primary_end(self, at: int) -> int | None:
        """Give the last token of a term with all its indexes and calls; None where no term begins."""
        token = self._at(at)
        end = self._partners.get(at) if token.text in {b"(", b"{"} and token.kind == "sign" else at
        if end is None or not (token.is_term or end > at) or token.text in {b")", b"]", b"}", b"end"}:
            return None
        if token.kind == "number" or token.text == b"{" or token.kind == "text":
            return end
        while (longer := self._suffix_end(end + 1)) is not None:
            end = longer
        return end

    def _suffix_end(self, at: int) -> int | None:
        token = self._at(at)
        if token.kind == "text":
            return at
        if token.text in _CLOSED_BY:
            return self._partners.get(at)
        return at + 1 if token.text in {b".", b":"} and self._at(at + 1).kind == "name" else None


def _corrected(kind: str, text: bytes) -> bytes:
    if kind == "number" and _ADDED_NUMBER.fullmatch(text):
        raise ScriptFailed(f"<string>: malformed number near '{text.decode()}'")
    if kind == "text" and not text.startswith(b"["):
        return _ADDED_ESCAPE.sub(lambda escape: escape[0] if escape[1] == b"\\" else escape[1], text)
    return text
