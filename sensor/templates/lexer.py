"""Cut the text of a template into tokens.

Between actions there is `TEXT`; within `{{` and `}}` there are words, numbers, texts and marks, and `SPACE`, for it matters
whether `.a .b` or `.a.b` was written. Trim markers and comments are dealt with here and leave no token.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from sensor.templates.errors import Fault

LEFT, RIGHT = "{{", "}}"
_SPACES = " \t\r\n"
_TRIM_LEFT = re.compile(r"-[ \t\r\n]")
_RIGHT = re.compile(r"([ \t\r\n]-)?\}\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]+")
_BEFORE_TRIM = re.compile(r"[ \t\r\n](?=-\}\})")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_QUOTED = {mark: re.compile(rf"{mark}(?:[^\\{mark}\n]|\\[^\n])*{mark}") for mark in "\"'"}
_RAW = re.compile(r"`[^`]*`")
_ENDS = frozenset(" \t\r\n.,|:)(")
_KEYWORDS = frozenset({"block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"})


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    LEFT = auto()
    RIGHT = auto()
    SPACE = auto()
    ASSIGN = auto()
    DECLARE = auto()
    PIPE = auto()
    OPEN = auto()
    CLOSE = auto()
    STRING = auto()
    RAW = auto()
    CHARACTER = auto()
    NUMBER = auto()
    COMPLEX = auto()
    VARIABLE = auto()
    FIELD = auto()
    DOT = auto()
    NAME = auto()
    KEYWORD = auto()
    BOOL = auto()
    OTHER = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, and where it starts."""

    kind: Kind
    text: str
    at: int


_MARKS = {"=": Kind.ASSIGN, "|": Kind.PIPE, "(": Kind.OPEN, ")": Kind.CLOSE}


def tokens(text: str) -> Iterator[Token]:
    """Cut a template into tokens. Raises `Fault`."""
    at, trim = 0, False
    while (left := text.find(LEFT, at)) >= 0:
        inside = left + len(LEFT)
        marker = _TRIM_LEFT.match(text, inside)
        yield from _text(text[at:left], at, trim_left=trim, trim_right=marker is not None)
        inside = marker.end() if marker else inside
        if text.startswith("/*", inside):
            at, trim = _comment(text, inside)
            continue
        yield Token(Kind.LEFT, LEFT, left)
        lexer = _Action(text, inside)
        yield from lexer.tokens()
        at, trim = lexer.at, lexer.trim
    yield from _text(text[at:], at, trim_left=trim, trim_right=False)
    yield Token(Kind.END, "", len(text))


def _text(text: str, at: int, *, trim_left: bool, trim_right: bool) -> Iterator[Token]:
    text = text.lstrip(_SPACES) if trim_left else text
    text = text.rstrip(_SPACES) if trim_right else text
    if text:
        yield Token(Kind.TEXT, text, at)


def _comment(text: str, at: int) -> tuple[int, bool]:
    """Skip a comment; give where it ends, and whether it trims."""
    comment = _COMMENT.match(text, at)
    if comment is None:
        raise Fault("unclosed comment", at)
    end = _RIGHT.match(text, comment.end())
    if end is None:
        raise Fault("comment ends before closing delimiter", at)
    return end.end(), end[1] is not None


def _is_word(letter: str) -> bool:
    return letter == "_" or letter.isalpha() or letter.isdigit()


class _Action:
    """The tokens of one action. `at` is behind it in the end, `trim` says whether the spaces there are to go."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at
        self.depth = 0
        self.trim = False

    def tokens(self) -> Iterator[Token]:
        while True:
            right = _RIGHT.match(self.text, self.at)
            if right is not None:
                if self.depth:
                    raise Fault("unclosed left paren", self.at)
                yield Token(Kind.RIGHT, right[0], self.at)
                self.at, self.trim = right.end(), right[1] is not None
                return
            if self.at >= len(self.text):
                raise Fault("unclosed action", self.at)
            start = self.at
            kind, self.at = self._next(self.text[self.at])
            yield Token(kind, self.text[start : self.at], start)

    def _next(self, letter: str) -> tuple[Kind, int]:
        """Say what comes next, and where it ends."""
        for letters, read in _READERS:
            if letter in letters:
                return read(self, letter)
        if _is_word(letter):
            return self._name()
        if letter.isascii() and letter.isprintable():
            return Kind.OTHER, self.at + 1
        raise Fault(f"unrecognized character in action: {letter!r}", self.at)

    def declare(self, _: str) -> tuple[Kind, int]:
        """Read `:=`."""
        if not self.text.startswith(":=", self.at):
            raise Fault("expected :=", self.at)
        return Kind.DECLARE, self.at + 2

    def space(self, _: str) -> tuple[Kind, int]:
        """Read white space."""
        match = _SPACE.match(self.text, self.at)
        end = match.end() if match else self.at + 1
        # The last space may belong to a trim marker.
        return Kind.SPACE, end - 1 if end - self.at > 1 and _BEFORE_TRIM.match(self.text, end - 1) else end

    def mark(self, letter: str) -> tuple[Kind, int]:
        """Read `=`, `|` or a parenthesis."""
        self.depth += (letter == "(") - (letter == ")")
        if self.depth < 0:
            raise Fault("unexpected right paren", self.at)
        return _MARKS[letter], self.at + 1

    def quoted(self, mark: str) -> tuple[Kind, int]:
        """Read a text or a character in quotes."""
        match = (_RAW if mark == "`" else _QUOTED[mark]).match(self.text, self.at)
        if match is None:
            raise Fault("unterminated character constant" if mark == "'" else "unterminated quoted string", self.at)
        return {"`": Kind.RAW, "'": Kind.CHARACTER}.get(mark, Kind.STRING), match.end()

    def member(self, letter: str) -> tuple[Kind, int]:
        """Read `.`, `.name`, `$` or `$name`; `.5` is a number."""
        following = self.text[self.at + 1 : self.at + 2]
        if letter == "." and (not following or "0" <= following <= "9"):
            return self.number()
        if self._ends(self.at + 1):
            return (Kind.DOT if letter == "." else Kind.VARIABLE), self.at + 1
        return (Kind.FIELD if letter == "." else Kind.VARIABLE), self._word_end(self.at + 1)

    def _name(self) -> tuple[Kind, int]:
        end = self._word_end(self.at)
        word = self.text[self.at : end]
        if word in {"true", "false"}:
            return Kind.BOOL, end
        return (Kind.KEYWORD if word in _KEYWORDS else Kind.NAME), end

    def _word_end(self, at: int) -> int:
        while at < len(self.text) and _is_word(self.text[at]):
            at += 1
        if not self._ends(at):
            raise Fault(f"bad character {self.text[at]!r}", at)
        return at

    def _ends(self, at: int) -> bool:
        return at >= len(self.text) or self.text[at] in _ENDS or self.text.startswith(RIGHT, at)

    def number(self, _: str = "") -> tuple[Kind, int]:
        """Read a number."""
        end = self._number_end(self.at)
        if self.text[end : end + 1] in {"+", "-"}:
            end = self._number_end(end)
            if self.text[end - 1] != "i":
                raise Fault(f"bad number syntax: {self.text[self.at : end]!r}", self.at)
            return Kind.COMPLEX, end
        return Kind.NUMBER, end

    def _number_end(self, at: int) -> int:
        match = _NUMBER.match(self.text, at)
        end = match.end() if match else at
        if end < len(self.text) and _is_word(self.text[end]):
            raise Fault(f"bad number syntax: {self.text[self.at : end + 1]!r}", self.at)
        return end


_READERS: tuple[tuple[str, Callable[[_Action, str], tuple[Kind, int]]], ...] = (
    (_SPACES, _Action.space),
    ("=|()", _Action.mark),
    (":", _Action.declare),
    ("\"'`", _Action.quoted),
    ("$.", _Action.member),
    ("+-0123456789", _Action.number),
)
