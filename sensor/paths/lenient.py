"""Values as Go hands them out when the text is no JSON, or nested deeper than Python's reader goes: nothing is refused.

What is between two values is stepped over, a closing bracket closes whatever is open, and `t`, `f` and `n` are words of
their own. Such texts come from paths (`!{…}`, `@tostr`, `@join`), never from an event, which has to be JSON.
"""

import re
from typing import Any

from sensor.paths import scan, strings
from sensor.paths.numbers import parse_float

_NEXT = re.compile(rb'["{\[\]}tfn0-9-]')
_NUMBER = re.compile(rb"[^\x00-\x20,\]}]*+")
_WORDS = {b"t": True, b"f": False, b"n": None}
_OPENING, _CLOSING = {b"{", b"["}, {b"}", b"]"}


class _Open:
    """An object or array that is being read: of an object every other value is a key, and of repeated keys the first counts."""

    def __init__(self, bracket: bytes) -> None:
        self.made: dict[str, Any] | list[Any] = {} if bracket == b"{" else []
        self._key: str | None = None

    def take(self, value: object) -> None:
        """Put the next value in."""
        if isinstance(self.made, list):
            self.made.append(value)
        elif self._key is None:
            self._key = value if isinstance(value, str) else ""
        else:
            self.made.setdefault(self._key, value)
            self._key = None


def decode(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read an object or array."""
    masked, position = scan.mask(raw), 0
    open_: list[_Open] = []
    while (match := _NEXT.search(masked, position)) is not None:
        mark, start = match[0], match.start()
        position = match.end()
        if mark in _OPENING:
            open_.append(_Open(mark))
            continue
        if mark in _CLOSING:
            inner = open_.pop()
            if not open_:
                return inner.made
            open_[-1].take(inner.made)
            continue
        value, position = _scalar(raw, masked, start)
        open_[-1].take(value)
    while len(open_) > 1:
        inner = open_.pop()
        open_[-1].take(inner.made)
    return open_[0].made if open_ else None


def _scalar(raw: bytes, masked: bytes, start: int) -> tuple[Any, int]:
    mark = masked[start : start + 1]
    if mark == b'"':
        end = masked.find(b'"', start + 1)
        inner = raw[start + 1 : end] if end >= 0 else raw[start + 1 :]
        return strings.unescape(inner).decode("utf-8", "replace"), end + 1 if end >= 0 else len(raw)
    if mark in _WORDS:
        end = scan.value_end(masked, start)
        return _WORDS[mark], max(end, start + 1)
    match = _NUMBER.match(masked, start)
    end = match.end() if match else start + 1
    return parse_float(raw[start:end]), end
