"""What a path leads to: a value as the raw text of the document, and the forms in which Go hands it out."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sensor.paths import lenient, scan, strings
from sensor.paths.numbers import format_float, parse_float

_SPACE = re.compile(rb"[\x00-\x20]*+")
_INTEGER = re.compile(rb"-?[0-9]*")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_TRUE = frozenset({b"1", b"t", b"true"})
_FALSE = frozenset({b"0", b"f", b"false"})


class Kind(StrEnum):
    """The type of a JSON value; objects and arrays are both `JSON`."""

    NULL = "Null"
    FALSE = "False"
    NUMBER = "Number"
    STRING = "String"
    TRUE = "True"
    JSON = "JSON"


_KINDS = {b'"': Kind.STRING, b"{": Kind.JSON, b"[": Kind.JSON, b"t": Kind.TRUE, b"f": Kind.FALSE}


@dataclass(frozen=True, slots=True)
class Result:
    """One value, or nothing: `exists` tells a missing value from null.

    `at` is where gjson says that the value stands (0: not known), `origin` where it really stands in the text that was
    searched (None: it was made up), `places` where the parts of a `#` path stand. Only writing cares about these.
    """

    kind: Kind
    raw: bytes
    at: int = 0
    origin: int | None = None
    places: tuple[int, ...] | None = None

    @property
    def exists(self) -> bool:
        """Say whether the path leads anywhere."""
        return self.kind is not Kind.NULL or bool(self.raw)

    @property
    def is_object(self) -> bool:
        """Say whether the value is a JSON object."""
        return self.kind is Kind.JSON and self.raw.startswith(b"{")

    @property
    def is_array(self) -> bool:
        """Say whether the value is a JSON array."""
        return self.kind is Kind.JSON and self.raw.startswith(b"[")

    @property
    def content(self) -> bytes:
        """The value as text, in bytes: strings decoded, objects raw, integers as written, other numbers reprinted."""
        if self.kind is Kind.STRING:
            return strings.unescape(self.raw[1:-1] if len(self.raw) > 1 and self.raw.endswith(b'"') else self.raw[1:])
        if self.kind is Kind.NUMBER and not _INTEGER.fullmatch(self.raw):
            return format_float(self.float).encode()
        if self.kind in {Kind.NUMBER, Kind.JSON}:
            return self.raw
        return {Kind.TRUE: b"true", Kind.FALSE: b"false"}.get(self.kind, b"")

    @property
    def text(self) -> str:
        """The value as text; null and nothing are the empty text."""
        return self.content.decode("utf-8", "replace")

    @property
    def bool(self) -> bool:
        """The value as a truth: `true`, numbers but 0, and the texts `1`, `t` and `true` in any case."""
        if self.kind is Kind.STRING:
            return self.content.lower() in _TRUE
        if self.kind is Kind.NUMBER:
            return self.float != 0
        return self.kind is Kind.TRUE

    @property
    def float(self) -> float:
        """The value as a number: true is 1, text is read as a number, all else is 0."""
        if self.kind is Kind.NUMBER:
            return parse_float(self.raw)
        if self.kind is Kind.STRING:
            return parse_float(self.content)
        return 1.0 if self.kind is Kind.TRUE else 0.0

    @property
    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        """The value as Python has it; all numbers are floats, and of repeated keys the first counts, as in Go."""
        if self.kind is Kind.NUMBER:
            return self.float
        if self.kind is Kind.STRING:
            return self.text
        if self.kind is Kind.JSON:
            return _decode(self.raw)
        return {Kind.TRUE: True, Kind.FALSE: False}.get(self.kind)


MISSING = Result(Kind.NULL, b"")


def falseish(result: Result) -> bool:
    """Say whether a value counts as false in `~false`: null, nothing, false, 0, and the texts that say so."""
    if result.kind is Kind.STRING:
        return result.content.lower() in _FALSE
    if result.kind is Kind.NUMBER:
        return result.float == 0
    return result.kind in {Kind.NULL, Kind.FALSE}


def kind_at(masked: bytes, start: int) -> Kind:
    """Tell the type of a value from its first bytes."""
    if scan.is_number(masked, start):
        return Kind.NUMBER
    return _KINDS.get(masked[start : start + 1], Kind.NULL)


def parse(text: bytes) -> Result:
    """Take a whole text as one value, whatever follows it. An object or array takes the rest of the text along."""
    space = _SPACE.match(text)
    start = space.end() if space else 0
    if start >= len(text) or text[start] not in b'{["tfn+-0123456789iIN':
        return MISSING
    if text[start] in scan.OPENING:
        return Result(Kind.JSON, text[start:], start, start)
    masked = scan.mask(text)
    end = scan.value_end(masked, start)
    return Result(kind_at(masked, start), text[start : end if end >= 0 else len(text)], start, start)


def _decode(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    if _SURROGATE.search(raw):
        raw = _pair_surrogates(raw)
    try:
        text = raw.decode("utf-8", "replace")
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return lenient.decode(raw)
    return value


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else made | dict(reversed(pairs))


_DECODER = json.JSONDecoder(object_pairs_hook=_first_wins, parse_int=float, strict=False)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def _pair_surrogates(raw: bytes) -> bytes:
    """Write strings that hold surrogates anew: their halves would not survive in a Python text."""
    return _STRING.sub(lambda match: strings.quote(strings.unescape(match[0][1:-1])), raw)
