"""Multipaths: `[path,path]` and `{"name":path,path}` gather several values of a document into a new one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from common import jsontext
from sensor.paths import strings
from sensor.paths.result import Result

_TOKEN = re.compile(rb'\\.|"(?:[^"\\]++|\\.)*+"?|[@:,\[({\])}]', re.DOTALL)
_LAST = re.compile(rb".*(?:\A|(?<!\\))[.|](.*)", re.DOTALL)
_NOT_SIMPLE = re.compile(rb"[\x00-\x1f\[\]{}()#|!]")


@dataclass(frozen=True, slots=True)
class Selector:
    """One member of a multipath: the name in front of its colon (empty: none) and its path."""

    name: bytes
    path: bytes


def selectors(text: bytes) -> tuple[list[Selector], bytes] | None:
    """Cut a multipath, which begins the text, into its members and what follows it; None if its brackets do not close."""
    found: list[Selector] = []
    depth, start, colon, modifier = 1, 1, 0, False
    for token in _TOKEN.finditer(text, 1):
        mark, at = token[0], token.start()
        if mark == b"@":
            modifier = modifier or text[at - 1 : at] in {b".", b"|"}
        elif mark == b":" and not modifier and not colon and depth == 1:
            colon = at
        elif mark in {b"[", b"(", b"{"}:
            depth += 1
        elif mark in {b"]", b")", b"}"}:
            depth -= 1
        if (mark == b"," and depth == 1) or depth == 0:
            found.append(Selector(text[start:colon], text[colon + 1 if colon else start : at]))
            start, colon, modifier = at + 1, 0, False
        if depth == 0:
            return found, text[at + 1 :]
    return None


def key(selector: Selector) -> bytes:
    """Write the key of a member of `{…}`: its name, or else the last part of its path where that is simple."""
    if selector.name.startswith(b'"') and jsontext.is_valid(selector.name):
        return selector.name
    if selector.name:
        return strings.quote(selector.name)
    match = _LAST.fullmatch(selector.path)
    last = match[1] if match else selector.path
    return b'"_"' if _NOT_SIMPLE.search(last) else strings.quote(last)


def assemble(opening: bytes, values: Iterable[tuple[bytes, Result]]) -> bytes:
    """Write the new document out of (key, value) pairs; what is missing is left out."""
    if opening == b"[":
        return b"[" + b",".join(value.raw or b"null" for _, value in values if value.exists) + b"]"
    pairs = (name + b":" + (value.raw or b"null") for name, value in values if value.exists)
    return b"{" + b",".join(pairs) + b"}"
