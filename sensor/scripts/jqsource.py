"""A jq program in the text that makes libjq run it as gojq does: `.[]` goes along the keys in order, and texts have an index.

`T[]` becomes `(T|__each)` and `T[3]` becomes `(T|__at(3))`; both are defined in front of the program.
"""

import re

from sensor.scripts.frames import ScriptFailed

_TOKEN = re.compile(
    r"(?P<blank>\s+|\#[^\n]*)"
    r"|(?P<field>\.[A-Za-z_]\w*)"
    r"|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*(?:::\w+)*)"
    r"|(?P<value>\$\s*[A-Za-z_]\w*(?:::\w+)*|@\w+|\.\.)"
    r"|(?P<sign>\?//=?|//=?|[-+*/%|=!<>]=|.)",
    re.DOTALL,
)
_TEXT = re.compile(r'(?:[^"\\]|\\[^(])*+')
_EACH = re.compile(r"\[\s*\]")
_AT = re.compile(r"\[\s*(-?\d+)\s*\]")
_KEYWORDS = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "end",
        "and",
        "or",
        "def",
        "reduce",
        "foreach",
        "try",
        "catch",
        "label",
        "import",
        "include",
        "as",
    ]
)
# What libjq has and gojq has not, or not here; a program that names it never runs.
_UNKNOWN = frozenset(
    [
        *("debug", "stderr", "input", "inputs", "input_filename", "input_line_number", "keys_unsorted", "lgamma_r"),
        *("get_search_list", "get_jq_origin", "get_prog_origin", "have_literal_numbers", "have_decnum"),
    ]
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_KEY = re.compile(r"\s*:(?!:)")


def as_gojq_reads(program: str) -> str:
    """Rewrite a program. What cannot be read is left alone: libjq will refuse it. Raises `ScriptFailed`."""
    return _Rewriter(program).rewritten()


class _Rewriter:
    """One walk along the program. `start` is the piece in which the term that ends here began; None where no term ends.

    `open` holds what is open: the bracket (or `if`, or a quote for the code inside of a text) and where its term began.
    """

    def __init__(self, program: str) -> None:
        self._program = program
        self._pieces: list[str] = []
        self._position = 0
        self._start: int | None = None
        self._open: list[tuple[str, int | None]] = []
        self._last = ""
        self._defined: set[str] = set()
        self._in_header = False

    def rewritten(self) -> str:
        """Give the new text."""
        while self._position < len(self._program):
            self._step()
        return "".join(self._pieces)

    def _step(self) -> None:
        match = _TOKEN.match(self._program, self._position)
        if match is None:
            raise ScriptFailed("the program cannot be read")
        text, kind = match[0], match.lastgroup
        if text == '"':
            self._begin()
            self._text(text)
            return
        if text == "[" and self._start is not None and self._index():
            return
        self._position = match.end()
        if kind == "name" and text in _KEYWORDS and not _KEY.match(self._program, self._position):
            self._keyword(text)
        elif kind == "sign":
            self._sign(text)
        elif kind == "blank":
            self._pieces.append(text)
            return
        else:
            self._refuse(kind or "", text)
            if kind != "field" or self._start is None:
                self._begin()
            self._pieces.append(text)
        self._last = text

    def _begin(self) -> None:
        """Begin a term, unless this belongs to the one before: `@base64 "…"`, `."name"`."""
        if self._start is None or not (self._last.startswith("@") or self._last == "."):
            self._start = len(self._pieces)

    def _refuse(self, kind: str, text: str) -> None:
        """Refuse what gojq does not know: formats as keys, and some functions."""
        is_key = self._last in {"{", ","} and bool(self._open) and self._open[-1][0] == "{"
        if text.startswith("@") and is_key:
            raise ScriptFailed(f'unexpected token "{text}"')
        if self._in_header:
            self._defined.add(text)
        elif kind == "name" and text in _UNKNOWN - self._defined and not is_key:
            raise ScriptFailed(f"function not defined: {text}")

    def _text(self, opening: str) -> None:
        """Go along a text up to its end, or up to code inside of it."""
        end = self._position + 1
        match = _TEXT.match(self._program, end)
        end = match.end() if match else end
        stop = self._program[end : end + 2]
        if stop == "\\(":
            self._open.append(('"', self._start))
            self._start, self._last = None, "("
            end += 2
        else:
            self._last = '"'
            end += 1
        self._pieces.append(opening + self._program[self._position + 1 : end])
        self._position = end

    def _index(self) -> bool:
        """Take `[]` and `[3]` behind a term; anything else stays as it is."""
        for pattern in (_EACH, _AT):
            match = pattern.match(self._program, self._position)
            if match is None or self._start is None:
                continue
            if self._last == ".":
                self._drop_dot()
            self._pieces[self._start] = "(" + self._pieces[self._start]
            self._pieces.append("|__each" if pattern is _EACH else f"|__at({match[1]})")
            following = self._program[match.end() : match.end() + 3]
            optional = following.startswith("?") and not following.startswith("?//")
            self._pieces.append("?)" if optional else ")")
            self._position = match.end() + optional
            self._last = "]"
            return True
        return False

    def _drop_dot(self) -> None:
        """`.a.[0]` is `.a[0]`; a dot by itself is a term of its own."""
        if self._start is not None and self._start < len(self._pieces) - 1:
            self._pieces.pop()

    def _keyword(self, text: str) -> None:
        if text == "if":
            self._open.append(("if", len(self._pieces)))
        self._start = None
        self._in_header = text == "def"
        if text == "end" and self._open and self._open[-1][0] == "if":
            self._start = self._open.pop()[1]
        self._pieces.append(text)

    def _sign(self, text: str) -> None:
        if text == ")" and self._open and self._open[-1][0] == '"':
            self._start = self._open.pop()[1]
            self._position -= 1
            self._text(")")
            return
        if text in {"(", "[", "{"}:
            self._bracket(text)
        elif text in _CLOSING:
            known = bool(self._open) and self._open[-1][0] == _CLOSING[text]
            self._start = self._open.pop()[1] if known else None
        elif text == ".":
            self._start = len(self._pieces) if self._start is None else self._start
        elif text != "?":
            self._start = None
            self._in_header = self._in_header and text != ":"
        self._pieces.append(text)

    def _bracket(self, text: str) -> None:
        begins: int | None = len(self._pieces)
        if self._start is not None:
            # The arguments of a function and an index belong to the term before; what else stands there ends no term.
            is_call = text == "(" and re.fullmatch(r"[A-Za-z_][\w:]*", self._last) is not None
            begins = self._start if is_call or text == "[" else None
        self._open.append((text, begins))
        self._start = None
