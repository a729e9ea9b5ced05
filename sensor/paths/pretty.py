"""Lay JSON out for people, as `@pretty` does, or without any blanks, as `@ugly` does.

Arrays stand on one line where they fit and hold no objects. Reference: https://github.com/tidwall/pretty
"""

import re
from dataclasses import dataclass

from sensor.paths import scan, strings
from sensor.paths.numbers import parse_float

_BLANK_OR_STRING = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+"?)|[\x00-\x20]++', re.DOTALL)
_SPACE = re.compile(rb"[\x00-\x20]*+")
_WORDS = {b"t": b"true", b"f": b"false", b"n": b"null"}
_RANKS = {b"n": 0, b"f": 1, b'"': 3, b"t": 4, b"[": 5, b"{": 5}
_NUMBER_RANK = 2
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Style:
    """How to lay out; `width` is that of a line that holds a whole array (0: never)."""

    sort_keys: bool = False
    indent: bytes = b"  "
    prefix: bytes = b""
    width: int = 80

    def margin(self, depth: int) -> bytes:
        """Give what stands at the beginning of a line."""
        return self.prefix + self.indent * depth


def compact(text: bytes) -> bytes:
    """Take out all blanks between values."""
    return _BLANK_OR_STRING.sub(lambda match: match[1] or b"", text)


def write(text: bytes, style: Style) -> bytes:
    """Lay out one document, with a line feed at the end."""
    space = _SPACE.match(text)
    start = space.end() if space else 0
    if start == len(text):
        return style.prefix + b"\n" if style.prefix else b""
    masked = scan.mask(text)
    end = scan.value_end(masked, start)
    return style.prefix + _value(text[start : end if end > 0 else len(text)], style, 0, len(style.prefix)) + b"\n"


def _value(raw: bytes, style: Style, depth: int, column: int) -> bytes:
    """Lay out a value that begins at this column of a line of this depth."""
    if raw.startswith(b"{"):
        return _object(raw, style, depth)
    if raw.startswith(b"["):
        room = style.width - column
        line = _one_line(raw) if style.width > 0 and room > _SHORTEST else None
        return line if line is not None and len(line) <= room else _array(raw, style, depth)
    return _scalar(raw)


def _scalar(raw: bytes) -> bytes:
    return raw if scan.is_number(raw, 0) else _WORDS.get(raw[:1], raw)


def _one_line(raw: bytes) -> bytes | None:
    """Write an array on one line; None if there is an object in it."""
    parts: list[bytes] = []
    for start, end in scan.elements(scan.mask(raw), 1):
        part = raw[start:end]
        line = _one_line(part) if part.startswith(b"[") else _scalar(part)
        if line is None or part.startswith(b"{"):
            return None
        parts.append(line)
    return b"[" + b", ".join(parts) + b"]"


def _array(raw: bytes, style: Style, depth: int) -> bytes:
    margin = style.margin(depth + 1)
    lines: list[bytes] = []
    for start, end in scan.elements(scan.mask(raw), 1):
        # The line feed counts as a column, but only where it did not take the place of a blank.
        column = len(margin) + (not lines)
        lines.append(b"\n" + margin + _value(raw[start:end], style, depth + 1, column))
    return b"[" + b",".join(lines) + (b"\n" + style.margin(depth) if lines else b"") + b"]"


def _object(raw: bytes, style: Style, depth: int) -> bytes:
    margin = style.margin(depth + 1)
    pairs: list[tuple[bytes, bytes]] = []
    for (key, key_end), (start, end) in scan.members(scan.mask(raw), 1):
        column = 1 + len(margin) + key_end - key + 2
        pairs.append((raw[key:key_end], _value(raw[start:end], style, depth + 1, column)))
    if style.sort_keys:
        pairs.sort(key=_order)
    lines = [b"\n" + margin + key + b": " + value for key, value in pairs]
    return b"{" + b",".join(lines) + (b"\n" + style.margin(depth) if lines else b"") + b"}"


def _order(pair: tuple[bytes, bytes]) -> tuple[bytes, int, float, bytes]:
    """Sort by key; repeated keys by the type of their values, then by value."""
    key, value = pair
    name, rank = strings.unescape(key[1:-1]), _RANKS.get(value[:1], _NUMBER_RANK)
    if rank == _NUMBER_RANK:
        return name, rank, parse_float(value), b""
    return name, rank, 0.0, strings.unescape(value[1:-1]) if value.startswith(b'"') else value
