"""Set a value in a document: what is not touched keeps its bytes, and new keys go to the end."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sensor.paths import scan, strings
from sensor.paths.path import Path, compile_path
from sensor.paths.read import get
from sensor.paths.result import Kind, Result, parse

_PART = re.compile(rb"(?:[^\\.|#@*?]++|\\.|\\\Z)*+", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.?)", re.DOTALL)
_BLANK = bytes(range(0x21))
_MOST_PADDING = 1_000_000
_WORD = 1 << 64


class PathError(ValueError):
    """A value cannot be set at this path of this document."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One key of a path. `look_up` finds it where it exists; `index` is its number where it may be an element's."""

    name: bytes
    look_up: Path
    index: int | None
    appends: bool

    @property
    def in_array(self) -> bool:
        """Say whether a parent that has to be made for this part is an array."""
        return self.index is not None or self.appends


@dataclass(frozen=True, slots=True)
class Target:
    """A compiled path to write to. Without parts it is complex: it can only replace what it finds."""

    path: Path
    parts: tuple[_Part, ...]

    def put(self, document: bytes, content: str | bytes) -> bytes:
        """Set a text. Raises `PathError`."""
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        return self.put_raw(document, strings.quote_if_needed(data))

    def put_raw(self, document: bytes, raw: bytes) -> bytes:
        """Set a JSON text as it is. Raises `PathError`."""
        if not self.path.text:
            raise PathError("path cannot be empty")
        if not self.parts:
            return _replace(document, get(document, self.path), raw)
        try:
            return _set(document, self.parts, raw)
        except RecursionError as error:
            raise PathError("the path is nested too deep") from error


@lru_cache(maxsize=4096)
def compile_target(path: str) -> Target:
    """Give the compiled form of a path to write to; the same path is worked out once."""
    text = strings.encode(path)
    return Target(compile_path(text), _parts(text) if text else ())


def _parts(text: bytes) -> tuple[_Part, ...]:
    """Cut a plain path into its keys; nothing if it is a complex one."""
    parts: list[_Part] = []
    position = 0
    while position <= len(text):
        forced = text.startswith(b":", position)
        match = _PART.match(text, position + forced)
        end = match.end() if match else len(text)
        if text[end : end + 1] not in {b".", b""}:
            return ()
        escaped = text[position + forced : end]
        name = _ESCAPE.sub(rb"\1", escaped)
        appends = not forced and name == b"-1"
        parts.append(_Part(name, compile_path(escaped), None if forced else _number(name), appends))
        if end == len(text):
            break
        position = end + 1
    return tuple(parts)


def _number(name: bytes) -> int | None:
    """Read an index as Go does: no digits at all are 0, and what does not fit into 64 bits wraps around."""
    if name and not name.isdigit():
        return None
    number = int(name or b"0") % _WORD
    return number - _WORD if number >= _WORD // 2 else number


def _set(document: bytes, parts: tuple[_Part, ...], raw: bytes) -> bytes:
    found = get(document, parts[0].look_up)
    if found.at > 0:
        value = raw if len(parts) == 1 else _set(found.raw, parts[1:], raw)
        return document[: found.at] + value + document[found.at + len(found.raw) :]
    parent = parse(document)
    if parent.kind is not Kind.JSON:
        parent = Result(Kind.JSON, b"[]" if parts[0].index is not None else b"{}")
    if parent.is_object:
        head = parent.raw[: parent.raw.rindex(b"}")] if b"}" in parent.raw[1:] else parent.raw[:1]
        return head + _comma(head) + _built(parts, raw, in_array=False) + b"}"
    return _add_to_array(parent, parts, raw)


def _comma(head: bytes) -> bytes:
    """Give the comma that is wanted behind what stands in an object or array already."""
    return b"," if head[1:].strip(_BLANK) else b""


def _add_to_array(parent: Result, parts: tuple[_Part, ...], raw: bytes) -> bytes:
    part = parts[0]
    value = _built(parts, raw, in_array=True)
    if part.appends:
        head = parent.raw.strip(_BLANK).removesuffix(b"]")
        return head + _comma(head) + value + b"]"
    if part.index is None:
        name = part.name.decode("utf-8", "replace")
        raise PathError(f"cannot set array element for non-numeric key '{name}'")
    elements = [parent.raw[start:end] for start, end in scan.elements(scan.mask(parent.raw), 1)]
    return b"[" + b",".join([*elements, *_padding(part.index - len(elements)), value]) + b"]"


def _padding(count: int) -> list[bytes]:
    if count > _MOST_PADDING:
        raise PathError(f"an index {count} beyond the end of an array is more than the {_MOST_PADDING} allowed")
    return [b"null"] * count


def _built(parts: tuple[_Part, ...], raw: bytes, *, in_array: bool) -> bytes:
    """Write what is missing: the key where one is wanted, and all the parents down to the value."""
    value = raw
    if len(parts) > 1:
        child = parts[1]
        value = _built(parts[1:], raw, in_array=child.in_array)
        elements = [*_padding(child.index or 0), value]
        value = b"[" + b",".join(elements) + b"]" if child.in_array else b"{" + value + b"}"
    return value if in_array else strings.quote_if_needed(parts[0].name) + b":" + value


def _replace(document: bytes, found: Result, raw: bytes) -> bytes:
    """Put the value in place of everything that a complex path found; nothing found, nothing changed."""
    if found.at:
        document = document[: found.at] + raw + document[found.at + len(found.raw) :]
    if found.places:
        values = [found.raw[start:end] for start, end in scan.elements(scan.mask(found.raw), 1)]
        if len(values) == len(found.places):
            pairs = sorted(zip(found.places, values, strict=True), key=lambda pair: pair[0], reverse=True)
            for place, value in pairs:
                document = document[:place] + raw + document[place + len(value) :]
    return document
