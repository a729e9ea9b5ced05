"""Strings: cutting, trimming, searching, quoting. Go counts bytes where it does not say otherwise, and so do these."""

from collections.abc import Callable
from typing import Any

from common.sprig.printf import sprintf
from common.sprig.printing import show
from common.sprig.quoting import quote
from common.sprig.values import MAX_TEXT, Map, Slice, SprigError, decode, encode, strings

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_BROKEN = "�" + "".join(map(chr, range(0xDC80, 0xDD00)))
_MARKER = "..."
_NARROWEST, _NARROWEST_BOTH = 4, 7


def strval(value: object) -> str:
    """Make a text of any value."""
    return show(value)


def texts(value: object) -> Slice:
    """Make a list of texts of any value; what is nil is left out."""
    if isinstance(value, list):
        if isinstance(value, Slice) and value.element == "string":
            return value
        return strings([show(item) for item in value if item is not None])
    return strings([] if value is None else [show(value)])


def repeated(count: int, text: str) -> str:
    """Repeat a text."""
    if count < 0:
        raise SprigError("strings: negative Repeat count")
    if count * len(text) > MAX_TEXT:
        raise SprigError("the text gets too long")
    return text * count


def trunc(count: int, text: str) -> str:
    """Give the first bytes, or with a negative count the last ones."""
    data = encode(text)
    if count < 0 < len(data) + count:
        return decode(data[count:])
    return decode(data[:count]) if count >= 0 else text


def substr(start: int, end: int, text: str) -> str:
    """Give the bytes from start to end; a negative end means all the rest."""
    data = encode(text)
    if start < 0:
        start = 0
        if not 0 <= end <= len(data):
            raise SprigError("slice bounds out of range")
    elif end < 0 or end > len(data):
        end = len(data)
    if start > end:
        raise SprigError("slice bounds out of range")
    return decode(data[start:end])


def abbrev(width: int, text: str) -> str:
    """Shorten a text to a width, with dots at the end."""
    return text if width < _NARROWEST else decode(_abbreviated(encode(text), 0, width))


def abbrev_both(left: int, right: int, text: str) -> str:
    """Shorten a text to a width, with dots on both sides."""
    if right < _NARROWEST or (left > 0 and right < _NARROWEST_BOTH):
        return text
    return decode(_abbreviated(encode(text), left, right))


def _abbreviated(data: bytes, offset: int, width: int) -> bytes:
    if len(data) <= width:
        return data
    kept, marker = width - len(_MARKER), _MARKER.encode()
    offset = min(offset, len(data))
    if len(data) - offset < kept:
        offset = len(data) - kept
    if offset <= len(_MARKER) + 1:
        return data[:kept] + marker
    if width < _NARROWEST_BOTH:
        return b""
    if offset + kept < len(data):
        rest = data[offset:]
        return marker + (_abbreviated(rest, 0, kept) if kept >= _NARROWEST else b"")
    return marker + data[len(data) - kept :]


def quoted(*values: object) -> str:
    """Write values in double quotes."""
    return " ".join(quote(show(value)) for value in values if value is not None)


def squoted(*values: object) -> str:
    """Write values in single quotes; quotes within stay as they are."""
    return " ".join(f"'{show(value)}'" for value in values if value is not None)


def cat(*values: object) -> str:
    """Join values by spaces; what is nil is left out."""
    present = [value for value in values if value is not None]
    return sprintf(" ".join(["%v"] * len(present)), present)


def indent(spaces: int, text: str) -> str:
    """Indent every line."""
    if spaces < 0:
        raise SprigError("strings: negative Repeat count")
    if spaces * (text.count("\n") + 1) > MAX_TEXT:
        raise SprigError("the text gets too long")
    pad = " " * spaces
    return pad + text.replace("\n", "\n" + pad)


def nindent(spaces: int, text: str) -> str:
    """Indent every line, after a line feed."""
    return "\n" + indent(spaces, text)


def replace(old: str, new: str, text: str) -> str:
    """Replace all occurrences."""
    if len(text) + text.count(old) * max(len(new) - len(old), 0) > MAX_TEXT:
        raise SprigError("the text gets too long")
    return text.replace(old, new)


def plural(one: str, many: str, count: int) -> str:
    """Choose by a count."""
    return one if count == 1 else many


def join(separator: str, value: object) -> str:
    """Join the texts of a list."""
    parts = texts(value)
    if sum(map(len, parts)) + len(separator) * len(parts) > MAX_TEXT:
        raise SprigError("the text gets too long")
    return separator.join(parts)


def split_list(separator: str, text: str) -> Slice:
    """Cut a text at a separator; without one, into characters."""
    return strings(text.split(separator) if separator else list(text))


def split(separator: str, text: str) -> Map:
    """Cut a text at a separator into a map with the keys `_0`, `_1` and so on."""
    return _numbered(split_list(separator, text))


def splitn(separator: str, count: int, text: str) -> Map:
    """Cut a text into at most so many parts."""
    if count <= 0:
        return _numbered([] if count == 0 else split_list(separator, text))
    if separator:
        return _numbered(text.split(separator, count - 1))
    parts = list(text)
    return _numbered([*parts[: count - 1], "".join(parts[count - 1 :])] if len(parts) > count else parts)


def _numbered(parts: list[str]) -> Map:
    return Map({f"_{number}": part for number, part in enumerate(parts)}, "string")


def trim_all(letters: str, text: str) -> str:
    """Take these characters off both ends."""
    # All bytes that are no UTF-8 are one character to Go, that of a broken text.
    return text.strip(letters + _BROKEN if any(letter in letters for letter in _BROKEN) else letters) if letters else text


def wrap_with(width: int, line_feed: str, text: str) -> str:
    """Break a text into lines, within words where a word is longer than a line."""
    width, rest, at, lines = max(width, 1), encode(text), 0, []
    while len(rest) - at > width:
        if rest.startswith(b" ", at):
            at += 1
            continue
        space = rest.rfind(b" ", at, at + width + 1)
        lines.append(rest[at : space if space >= 0 else at + width])
        at = space + 1 if space >= 0 else at + width
    feed = encode(line_feed or "\n")
    if len(rest) + len(lines) * len(feed) > MAX_TEXT:
        raise SprigError("the text gets too long")
    return decode(feed.join([*lines, rest[at:]]))


def wrap(width: int, text: str) -> str:
    """Break a text into lines at spaces; longer words stay whole."""
    width, rest, at, lines = max(width, 1), encode(text), 0, []
    while len(rest) - at > width:
        if rest.startswith(b" ", at):
            at += 1
            continue
        space = rest.rfind(b" ", at, at + width + 1)
        if space < 0:
            space = rest.find(b" ", at + width)
        if space < 0:
            break
        lines.append(rest[at:space])
        at = space + 1
    return decode(b"\n".join([*lines, rest[at:]]))


def hello() -> str:
    """Greet."""
    return "Hello!"


def contains(part: str, text: str) -> bool:
    """Say whether the text holds the part."""
    return part in text


def has_prefix(part: str, text: str) -> bool:
    """Say whether the text starts with the part."""
    return text.startswith(part)


def has_suffix(part: str, text: str) -> bool:
    """Say whether the text ends with the part."""
    return text.endswith(part)


def trim(text: str) -> str:
    """Take white space off both ends."""
    return text.strip(SPACE)


def trim_suffix(part: str, text: str) -> str:
    """Take an ending off."""
    return text.removesuffix(part)


def trim_prefix(part: str, text: str) -> str:
    """Take a beginning off."""
    return text.removeprefix(part)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abbrev": abbrev,
    "abbrevboth": abbrev_both,
    "cat": cat,
    "contains": contains,
    "hasPrefix": has_prefix,
    "hasSuffix": has_suffix,
    "hello": hello,
    "indent": indent,
    "join": join,
    "nindent": nindent,
    "plural": plural,
    "quote": quoted,
    "repeat": repeated,
    "replace": replace,
    "split": split,
    "splitList": split_list,
    "splitn": splitn,
    "squote": squoted,
    "substr": substr,
    "toString": strval,
    "toStrings": texts,
    "trim": trim,
    "trimAll": trim_all,
    "trimPrefix": trim_prefix,
    "trimSuffix": trim_suffix,
    "trimall": trim_all,
    "trunc": trunc,
    "wrap": wrap,
    "wrapWith": wrap_with,
}
