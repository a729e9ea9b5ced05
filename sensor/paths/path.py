"""A compiled path: the steps that reading takes, worked out once and kept.

What a part means depends on what it meets in the document, so each path knows its step before an object and its step
before an array; both are made when first asked for.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sensor.paths import multipath, parse, scan, strings
from sensor.paths.glob import Matcher, compile_glob
from sensor.paths.queries import Comparison

_MODIFIER = re.compile(rb"@([^.|:]*+)(:?)(.*)", re.DOTALL)
_STATIC_NAME = re.compile(rb"([^.|]*+)(.*)", re.DOTALL)
_STATICS = frozenset({b"true", b"false", b"null", b"nan", b"inf"})
_STATIC_STARTS = b'{["+-0123456789'
_WORD = 1 << 64


@dataclass(frozen=True, slots=True)
class Modifier:
    """`@name:argument` at the beginning of a path: the document is changed before the rest looks at it."""

    name: str
    argument: bytes
    rest: "Path | None"


@dataclass(frozen=True, slots=True)
class Static:
    """`!value` at the beginning of a path: the document is this one, whatever it was."""

    text: bytes
    rest: "Path | None"


@dataclass(frozen=True, slots=True)
class Multipath:
    """`[…]` or `{…}` at the beginning of a path: (key, path) of each member."""

    opening: bytes
    members: "tuple[tuple[bytes, Path], ...]"
    rest: "Path | None"


Opening = Modifier | Static | Multipath


@dataclass(frozen=True, slots=True)
class ObjectStep:
    """Before an object: find the member called `name`, or the first that `matches`, then go on with `rest`."""

    name: bytes
    matches: Matcher | None
    rest: "Path | None"
    pipe: "Path | None"

    def accepts(self, raw_key: bytes) -> bool:
        """Say whether this key, as it stands between its quotes, is the one."""
        key = strings.unescape(raw_key)
        return self.matches(key) if self.matches is not None else key == self.name


@dataclass(frozen=True, slots=True)
class Query:
    """`#(path comparison)`: which elements are wanted; `every`: all of them, not the first."""

    path: "Path"
    comparison: Comparison
    every: bool


@dataclass(frozen=True, slots=True)
class ArrayStep:
    """Before an array: take the element at `index` (-1: none), count, look into each element, or query.

    `pipe` counts from the start, `late_pipe` only once there is something to hand to it.
    """

    index: int = -1
    count: bool = False
    each: "Path | None" = None
    query: Query | None = None
    rest: "Path | None" = None
    pipe: "Path | None" = None
    late_pipe: "Path | None" = None


class Path:
    """One path, or what is left of one behind some of its parts."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.opening, plain = _opening(text)
        # `..` takes the document for a list of values, one a line.
        self.lines = _compiled(plain[2:]) if plain.startswith(b"..") else None
        self._plain = plain

    @cached_property
    def object_step(self) -> ObjectStep:
        """What to do before an object."""
        part, wild = parse.object_part(self._plain)
        return ObjectStep(part.name, compile_glob(part.name) if wild else None, _optional(part.rest), _optional(part.pipe))

    @cached_property
    def array_step(self) -> ArrayStep:
        """What to do before an array."""
        part, query = parse.array_part(self._plain)
        pipe = _optional(part.pipe)
        rest, late = parse.split_pipe(part.rest) if part.rest is not None and b"#" in part.name else (part.rest, None)
        follow, late_pipe = _optional(rest), _optional(late)
        if query is not None:
            wanted = Query(
                _compiled(query.path),
                Comparison.of(query.operator, query.value),
                every=query.end > 0 and self._plain[query.end : query.end + 1] == b"#",
            )
            return ArrayStep(query=wanted, rest=follow, pipe=pipe, late_pipe=late_pipe)
        if part.name == b"#":
            return ArrayStep(count=follow is None, each=follow, pipe=pipe, late_pipe=late_pipe)
        return ArrayStep(index=_index(part.name), rest=follow, pipe=pipe)


def compile_path(path: str | bytes) -> Path:
    """Give the compiled form of a path; the same path is worked out once. One nested too deep to be followed leads nowhere."""
    try:
        return _compiled(path if isinstance(path, bytes) else strings.encode(path))
    except RecursionError:
        return _compiled(b"")


@lru_cache(maxsize=4096)
def _compiled(text: bytes) -> Path:
    return Path(text)


def _optional(text: bytes | None) -> Path | None:
    return None if text is None else _compiled(text)


def _index(name: bytes) -> int:
    # Go counts in 64 bits and does not look whether it still fits.
    index = int(name) % _WORD if name.isdigit() else -1
    return index - _WORD if index >= _WORD // 2 else index


def _opening(text: bytes) -> tuple[Opening | None, bytes]:
    """Take a modifier, static value or multipath from the front, if one is there; else give the text to walk along."""
    if len(text) > 1 and text.startswith(b"@"):
        return _modifier(text), text
    if len(text) > 1 and text.startswith(b"!"):
        return _static(text[1:]), text
    if len(text) > 1 and text[:1] in {b"[", b"{"}:
        cut = multipath.selectors(text)
        if cut is None:
            return None, b""
        members, following = cut
        if following and following[:1] not in {b".", b"|"}:
            return None, following
        paths = tuple((multipath.key(member), _compiled(member.path)) for member in members)
        return Multipath(text[:1], paths, _rest(following)), text
    return None, text


def _rest(following: bytes) -> Path | None:
    return _compiled(following[1:]) if following[:1] in {b".", b"|"} else None


def _modifier(text: bytes) -> Modifier | None:
    match = _MODIFIER.fullmatch(text)
    name = match[1].decode("latin-1") if match else ""
    if match is None or name not in parse.MODIFIERS:
        return None
    argument, following = _argument(match[3]) if match[2] else (b"", match[3])
    return Modifier(name, argument, _rest(following))


def _argument(text: bytes) -> tuple[bytes, bytes]:
    """Cut the argument of a modifier from what follows it: one JSON value, or anything up to a pipe."""
    masked, end = scan.mask(text), 0
    if text[:1] in {b"{", b"[", b'"'}:
        end = scan.value_end(masked, 0)
        return (text, b"") if end < 0 else (text[:end], text[end:])
    while end < len(text) and text[end : end + 1] != b"|":
        if text[end : end + 1] == b'"':
            end = scan.value_end(masked, end) if b'"' in masked[end + 1 :] else len(text)
        else:
            end = scan.container_end(masked, end) if text[end : end + 1] in {b"{", b"[", b"("} else end + 1
    return text[:end], text[end:]


def _static(text: bytes) -> Static | None:
    if text[0] in _STATIC_STARTS:
        end = scan.container_end(scan.mask(text), 0)
        return Static(text[:end], _rest(text[end:]))
    match = _STATIC_NAME.fullmatch(text)
    if match is None or match[1].lower() not in _STATICS:
        return None
    return Static(match[1], _rest(match[2]))
