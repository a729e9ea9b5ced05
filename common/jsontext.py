"""JSON as text: number text, key order and repeated keys survive, and strings are escaped as Go's encoding/json does.

Users' parameters carry these very bytes into Workflows, so they must be those that Argo Events writes.
Source for the escaping: https://pkg.go.dev/encoding/json#Marshal (`<`, `>`, `&`, U+2028 and U+2029 are escaped).
"""

import json
import re
from collections.abc import Iterator

import orjson

_ESCAPED = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))
_ESCAPED_TOO = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")|([ \t\r\n]+)', re.DOTALL)
_NEXT = re.compile(rb'["{}\[\],]')
_OPENING, _CLOSING = b"{[", b"}]"


def escape(text: bytes) -> bytes:
    """Escape what Go escapes besides the JSON rules, in text that is JSON already."""
    for plain, escaped in _ESCAPED if text.isascii() else (*_ESCAPED, *_ESCAPED_TOO):
        if plain in text:
            text = text.replace(plain, escaped)
    return text


def quote(text: str) -> bytes:
    """Write a string as Go's encoding/json would. Halves of surrogate pairs become U+FFFD, as in Go."""
    try:
        return escape(orjson.dumps(text))
    except orjson.JSONEncodeError:
        return escape(orjson.dumps(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")))


def is_valid(text: bytes) -> bool:
    """Say whether the bytes are one JSON value (RFC 8259), surrounded by nothing but white space."""
    try:
        # orjson answers for nearly everything; what it refuses (numbers beyond a double, say) is asked again.
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return _is_valid_slowly(text)
    return True


def _is_valid_slowly(text: bytes) -> bool:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        # Numbers are kept as text: converting a long one is slow and, past 4,300 digits, refused by Python.
        json.loads(text.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def compact(text: bytes) -> bytes:
    """Take the white space out of valid JSON and escape as Go does; all else stays byte for byte."""

    def replace(match: re.Match[bytes]) -> bytes:
        return escape(match[0]) if match[1] else b""

    return _TOKEN.sub(replace, text)


def members(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the members of a valid JSON object as (key, raw text of the value), in order, repeated keys included.

    The raw text starts right behind the colon: leading white space belongs to it, as in the Go SDK of CloudEvents;
    trailing white space does not.
    """
    position = text.index(b"{") + 1
    while (match := _STRING.search(text, position)) is not None:
        key = orjson.loads(match[0])
        start = text.index(b":", match.end()) + 1
        end = _end_of_value(text, start)
        yield key, text[start:end].rstrip(b" \t\r\n")
        if text[end : end + 1] == b"}":
            return
        position = end + 1


def _end_of_value(text: bytes, start: int) -> int:
    depth, position = 0, start
    while (match := _NEXT.search(text, position)) is not None:
        mark = match[0]
        if mark == b'"':
            string = _STRING.match(text, match.start())
            position = string.end() if string else len(text)
            continue
        if depth == 0 and mark in b",}":
            return match.start()
        depth += (mark in _OPENING) - (mark in _CLOSING)
        position = match.end()
    return len(text)
