"""Regular expressions, on RE2 as in Go: a match takes time that grows with the text, never more."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import re2

from common.sprig.unicodeclasses import as_re2_spells
from common.sprig.values import MAX_TEXT, Slice, SprigError, decode, encode, strings

_GROUP = re.compile(rb"\$(?:\$|\{(\w+)\}|(\w+))")
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
# RE2 takes `\C` for any byte; Go does not know it.
_ESCAPE = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)
_STRAY = re.compile("[\ud800-\udfff]")
_LARGEST = 1 << 23
_WIDEST = 4
_MOST_MATCHES = 500_000
_LONGEST = 10_000


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:  # noqa: ANN401 - re2 has no types
    """Read an expression. Raises `SprigError`."""
    if len(pattern) > _LONGEST:
        raise SprigError("error parsing regexp: expression too large")
    if _STRAY.search(decode(encode(pattern))):
        raise SprigError("error parsing regexp: invalid UTF-8")
    if "\\C" in pattern and any(step[1] == "C" for step in _ESCAPE.finditer(pattern)):
        raise SprigError("error parsing regexp: invalid escape sequence: `\\C`")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _LARGEST
    try:
        return re2.compile(encode(as_re2_spells(pattern)), options)
    except re2.error as error:
        raise SprigError(f"error parsing regexp: {error}") from error


def _matches(pattern: str, data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Find all matches as Go does: an empty one right behind another does not count, and steps go by characters."""
    at, before = 0, -1
    expression = compiled(pattern)
    for _ in range(_MOST_MATCHES):
        if at > len(data):
            return
        match = expression.search(data, at)
        if match is None:
            return
        start, end = match.span()
        if end > start or start != before:
            yield start, end, match
        before = end
        at = end if end > start else end + _width(data, end)
    raise SprigError("too many matches")


def _width(data: bytes, at: int) -> int:
    """Count the bytes of the character here; a byte that is no UTF-8 is one by itself."""
    start = data[at : at + _WIDEST].decode("utf-8", "surrogateescape")[:1]
    return len(encode(start)) or 1


def regex_match(pattern: str, text: str) -> bool:
    """Say whether the text holds a match; false for a bad expression."""
    try:
        return must_regex_match(pattern, text)
    except SprigError:
        return False


def must_regex_match(pattern: str, text: str) -> bool:
    """Say whether the text holds a match."""
    return compiled(pattern).search(encode(text)) is not None


def regex_find(pattern: str, text: str) -> str:
    """Give the first match."""
    match = compiled(pattern).search(encode(text))
    return decode(match.group()) if match else ""


def regex_find_all(pattern: str, text: str, count: int) -> Slice:
    """List the matches, at most so many unless the count is negative."""
    data, found = encode(text), strings([], nil=True)
    compiled(pattern)
    for start, end, _ in _matches(pattern, data) if count else ():
        found.append(decode(data[start:end]))
        found.nil = False
        if len(found) == count:
            break
    return found


def regex_split(pattern: str, text: str, count: int) -> Slice:
    """Cut a text at the matches, into at most so many parts unless the count is negative."""
    compiled(pattern)
    if not count:
        return strings([], nil=True)
    if pattern and not text:
        return strings([""])
    data, parts, begin, stop = encode(text), strings([]), 0, 0
    for start, end, _ in _matches(pattern, data):
        if 0 < count == len(parts) + 1:
            break
        stop = start
        if end:
            parts.append(decode(data[begin:stop]))
        begin = end
    if stop != len(data):
        parts.append(decode(data[begin:]))
    return parts


def regex_replace_all(pattern: str, text: str, by: str) -> str:
    """Replace the matches; `$1` and `${name}` stand for their groups."""
    names = _names(pattern)
    pieces = list(_pieces(encode(by)))

    def expand(match: Any) -> bytes:  # noqa: ANN401 - re2 has no types
        return b"".join(piece if isinstance(piece, bytes) else _group(match, piece[0], names) for piece in pieces)

    return _replaced(pattern, text, expand)


def _names(pattern: str) -> dict[bytes, int]:
    return {name if isinstance(name, bytes) else name.encode(): at for name, at in compiled(pattern).groupindex.items()}


def _pieces(template: bytes) -> Iterator[bytes | tuple[bytes]]:
    """Cut a replacement into texts and the names of groups."""
    at = 0
    for mark in _GROUP.finditer(template):
        yield template[at : mark.start()]
        yield b"$" if mark[0] == b"$$" else (mark[1] or mark[2],)
        at = mark.end()
    yield template[at:]


def _group(match: Any, name: bytes, names: dict[bytes, int]) -> bytes:  # noqa: ANN401 - re2 has no types
    number = int(name[:9]) if name.isdigit() else names.get(name, -1)
    return bytes(match.group(number) or b"") if 0 <= number <= match.re.groups else b""


def regex_replace_all_literal(pattern: str, text: str, by: str) -> str:
    """Replace the matches by a text as it is."""
    data = encode(by)
    return _replaced(pattern, text, lambda _: data)


def _replaced(pattern: str, text: str, expand: Callable[[Any], bytes]) -> str:
    data, parts, at, room = encode(text), [], 0, MAX_TEXT
    for start, end, match in _matches(pattern, data):
        parts += [data[at:start], expand(match)]
        room -= len(parts[-1])
        if room < 0:
            raise SprigError("the text gets too long")
        at = end
    return decode(b"".join([*parts, data[at:]]))


def regex_quote_meta(text: str) -> str:
    """Escape what would mean something in an expression."""
    return _META.sub(r"\\\g<0>", text)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mustRegexFind": regex_find,
    "mustRegexFindAll": regex_find_all,
    "mustRegexMatch": must_regex_match,
    "mustRegexReplaceAll": regex_replace_all,
    "mustRegexReplaceAllLiteral": regex_replace_all_literal,
    "mustRegexSplit": regex_split,
    "regexFind": regex_find,
    "regexFindAll": regex_find_all,
    "regexMatch": regex_match,
    "regexQuoteMeta": regex_quote_meta,
    "regexReplaceAll": regex_replace_all,
    "regexReplaceAllLiteral": regex_replace_all_literal,
    "regexSplit": regex_split,
}
