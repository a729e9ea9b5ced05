"""The grammar of paths: a path is text that is cut, part by part, and differently before objects and before arrays.

Nothing here looks at a document. Reference: https://github.com/tidwall/gjson/blob/master/SYNTAX.md
"""

import re
from dataclasses import dataclass

from sensor.paths import scan, strings

MODIFIERS = frozenset(
    {"pretty", "ugly", "reverse", "this", "flatten", "join", "valid", "keys", "values", "tostr", "fromstr", "group", "dig"}
)

_OBJECT_PART = re.compile(rb"((?:[^\\.|]++|\\.|\\\Z)*+)([.|]?)", re.DOTALL)
_ARRAY_PART = re.compile(rb"[^.|]*+")
_ESCAPE = re.compile(rb"\\(.?)", re.DOTALL)
_UNESCAPED_WILDCARD = re.compile(rb"(?:[^\\*?]++|\\.)*+[*?]", re.DOTALL)
_NAME = re.compile(rb"@([^.|:]*+)")
_QUERY_TOKEN = re.compile(rb'\\.|["\[\]()!=<>%]', re.DOTALL)
_QUOTED = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_OPERATOR = re.compile(rb"(!=|!%|<=|>=|=?=|<|>|%)(.*)", re.DOTALL)
_BRACKET = re.compile(rb'\\.|"(?:[^"\\]++|\\.)*+"?|[()\[\]]', re.DOTALL)
_BLANK = bytes(range(0x21))


@dataclass(frozen=True, slots=True)
class Part:
    """The first part of a path. `rest`: what follows a dot; `pipe`: what follows a pipe, or a dot that acts as one."""

    name: bytes
    rest: bytes | None = None
    pipe: bytes | None = None


@dataclass(frozen=True, slots=True)
class QueryText:
    """A query `#(path operator value)`, cut; `end` is the position behind its bracket."""

    path: bytes = b""
    operator: bytes = b""
    value: bytes = b""
    end: int = -1


def object_part(text: bytes) -> tuple[Part, bool]:
    """Cut the first part as it stands before an object, and say whether it holds wildcards."""
    match = _OBJECT_PART.match(text)
    escaped, separator = (match[1], match[2]) if match else (text, b"")
    name = _ESCAPE.sub(rb"\1", escaped)
    following = text[len(escaped) + 1 :]
    wild = _UNESCAPED_WILDCARD.match(escaped) is not None
    if separator == b"|" or (separator and _acts_as_pipe(following)):
        return Part(name, pipe=following), wild
    return Part(name, rest=following if separator else None), wild


def array_part(text: bytes) -> tuple[Part, QueryText | None]:
    """Cut the first part as it stands before an array, and the query in it. Escapes mean nothing here."""
    query = query_text(text) if text[:2] in {b"#(", b"#["} else None
    if query is not None and query.end < 0:
        return Part(text), query
    match = _ARRAY_PART.match(text, query.end if query else 0)
    end = match.end() if match else len(text)
    name, following = text[:end], text[end + 1 :]
    if text[end : end + 1] == b"|" or (following and b"#" not in name and _acts_as_pipe(following)):
        return Part(name, pipe=following), query
    return Part(name, rest=following if end < len(text) else None), query


def _acts_as_pipe(following: bytes) -> bool:
    """Say whether a dot before this text works as a pipe: before multipaths, and before modifiers that are known."""
    name = _NAME.match(following)
    return following[:1] in {b"[", b"{"} or (name is not None and name[1].decode("latin-1") in MODIFIERS)


def query_text(text: bytes) -> QueryText:
    """Cut a query, which begins the text; one whose brackets do not close is empty, with the end -1."""
    depth, position, operator, escaped = 1, 2, 0, False
    while depth and (token := _QUERY_TOKEN.search(text, position)) is not None:
        position = token.end()
        if token[0] in b"!=<>%":
            operator = operator or (token.start() if depth == 1 else 0)
        elif token[0] == b'"':
            quoted = _QUOTED.match(text, token.start())
            position = quoted.end() if quoted else len(text)
            escaped = escaped or b"\\" in text[token.start() : position]
        elif token[0] in b"[(":
            depth += 1
        elif token[0] in b"])":
            depth -= 1
    if depth:
        return QueryText()
    if not operator:
        return QueryText(text[2 : position - 1].strip(_BLANK), end=position)
    comparison = text[operator : position - 1].strip(_BLANK)
    match = _OPERATOR.fullmatch(comparison)
    sign, value = (match[1].replace(b"==", b"="), match[2].strip(_BLANK)) if match else (b"", comparison)
    if comparison == b"!":
        sign, value = comparison, b""
    return QueryText(text[2:operator].strip(_BLANK), sign, _unquoted(value, escaped=escaped), position)


def _unquoted(value: bytes, *, escaped: bool) -> bytes:
    if len(value) > 1 and value.startswith(b'"') and value.endswith(b'"'):
        return strings.unescape(value[1:-1]) if escaped else value[1:-1]
    return value


def split_pipe(text: bytes) -> tuple[bytes, bytes | None]:
    """Cut a path at its first pipe, if it has one outside of queries and escapes."""
    if b"|" not in text:
        return text, None
    if text.startswith(b"{"):
        return _split_behind_multipath(text)
    position = 0
    while position < len(text):
        if text[position : position + 1] == b"|":
            return text[:position], text[position + 1 :]
        if text[position : position + 1] == b"\\":
            position += 1
        elif text[position : position + 3] in {b".#(", b".#["}:
            position = _behind_query(text, position + 2) - 1
        elif text[position : position + 2] == b".#":
            position += 2
        position += 1
    return text, None


def _split_behind_multipath(text: bytes) -> tuple[bytes, bytes | None]:
    masked = scan.mask(text)
    end = (scan.value_end if text[1:2] == b'"' else scan.container_end)(masked, 1)
    return (text[:end], text[end + 1 :]) if text[end : end + 1] == b"|" else (text, None)


def _behind_query(text: bytes, start: int) -> int:
    opening, depth = text[start : start + 1], 0
    closing = b")" if opening == b"(" else b"]"
    for match in _BRACKET.finditer(text, start):
        depth += (match[0] == opening) - (match[0] == closing)
        if depth == 0 and match[0] == closing:
            return match.end()
    return len(text)
