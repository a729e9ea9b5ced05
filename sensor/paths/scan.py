"""Find where JSON values begin and end, in the bytes as they are, without reading what is in them.

Everything here works on a *masked* copy of the text: one of the same length in which escaped quotes are blanked, so that
each quote left is the edge of a string and `bytes.find` and plain regular expressions do the walking. The tolerance for
text that is not JSON is that of gjson: nothing raises, odd bytes are stepped over.
"""

import re
from collections.abc import Iterator

QUOTE, OPEN_OBJECT, CLOSE_ARRAY = b'"'[0], b"{"[0], b"]"[0]
OPENING = b"{["
_DEEPEST = 6
_BETWEEN = rb'[^"{}\[\]()]*+'

# A key with everything up to the first byte of its value; or the end of the object (the group is then None).
MEMBER = re.compile(rb'[^"}]*+(?:"([^"]*+)"[^"{\[tfn+\-0-9iIN]*+|\})')
_ELEMENT = re.compile(rb'[^"{\[\]tfn+\-0-9iIN]*+')
_LITERAL = re.compile(rb".[a-z]*+", re.DOTALL)
_NUMBER = re.compile(rb".[^\x00-\x20,\]}]*+", re.DOTALL)


def _inside(levels: int) -> bytes:
    """Write the pattern of what stands between two brackets: text, strings, and brackets nested up to `levels` deep."""
    nested = rb"|[{\[(]" + _inside(levels - 1) + rb"[}\])]" if levels else b""
    return _BETWEEN + rb'(?:(?:"[^"]*+"' + nested + rb")" + _BETWEEN + rb")*+"


_INSIDE = re.compile(_inside(_DEEPEST))


def mask(text: bytes) -> bytes:
    """Blank the escaped quotes, keeping the length. Nothing is copied where there are none."""
    if rb"\"" not in text:
        return text
    return text.replace(rb"\\", b"__").replace(rb"\"", b"__")


def is_number(masked: bytes, start: int) -> bool:
    """Say whether what starts here is taken for a number; `n` alone or before `u` begins null, before others nan."""
    first = masked[start : start + 1]
    return first in b"+-0123456789iIN" or (first == b"n" and masked[start + 1 : start + 2] not in b"u")


def container_end(masked: bytes, start: int) -> int:
    """Give the position behind the bracket that closes the one at `start`; the end of the text if none does."""
    depth, position, length = 1, start + 1, len(masked)
    while depth:
        inside = _INSIDE.match(masked, position)
        position = inside.end() if inside else length
        if position >= length or masked[position] == QUOTE:
            return length
        depth += 1 if masked[position] in b"{[(" else -1
        position += 1
    return position


def value_end(masked: bytes, start: int) -> int:
    """Give the position behind the value that starts here; -1 for a string without an end."""
    first = masked[start]
    if first == QUOTE:
        return masked.find(b'"', start + 1) + 1 or -1
    if first in OPENING:
        return container_end(masked, start)
    match = (_NUMBER if is_number(masked, start) else _LITERAL).match(masked, start)
    return match.end() if match else len(masked)


def elements(masked: bytes, position: int) -> Iterator[tuple[int, int]]:
    """Give where each element of an array begins and ends; `position` stands behind the opening bracket."""
    while (gap := _ELEMENT.match(masked, position)) is not None:
        start = gap.end()
        if start >= len(masked) or masked[start] == CLOSE_ARRAY:
            return
        position = value_end(masked, start)
        if position < 0:
            return
        yield start, position


def closes(masked: bytes, position: int, *, lines: bool) -> bool:
    """Say whether an array ends here, behind its last element; strings may hold a bracket that nothing closes.

    Lines (`..`) end with the text.
    """
    gap = _ELEMENT.match(masked, position)
    return gap is not None and (masked[gap.end() : gap.end() + 1] == b"]" or (lines and gap.end() == len(masked)))


def members(masked: bytes, position: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Give where each key (with its quotes) and value of an object begin and end, as `elements` does."""
    while (member := MEMBER.match(masked, position)) is not None and member[1] is not None:
        start = member.end()
        position = value_end(masked, start) if start < len(masked) else -1
        if position < 0:
            return
        yield (member.start(1) - 1, member.end(1) + 1), (start, position)
