"""JSON: values to text as `encoding/json` writes them, and back with every number a float."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

from common import jsontext
from common.sprig.layouts import format_moment
from common.sprig.moments import Moment
from common.sprig.numbers import format_float
from common.sprig.printing import sorted_keys
from common.sprig.values import MAX_TEXT, MAX_VALUES, SprigError, decode, encode, is_nil, type_of

_DEEPEST = 200
_STRAY = re.compile("[\ud800-\udfff]")
_INDENT = "  "
_PLAIN_FROM, _PLAIN_BELOW = 1e-6, 1e21
_YEARS = range(10_000)


class _Writer:
    """Writes one value, and stops where it gets too much."""

    def __init__(self, indent: str = "", *, html: bool = True) -> None:
        self.parts: list[str] = []
        self.room = MAX_TEXT
        self.values = MAX_VALUES
        self.indent = indent
        self.html = html

    def write(self, text: str) -> None:
        self.room -= len(text)
        if self.room < 0:
            raise SprigError("json: the text gets too long")
        self.parts.append(text)

    def value(self, value: Any, depth: int = 0) -> None:  # noqa: ANN401 - any Go value
        self.values -= 1
        if self.values < 0:
            raise SprigError("json: the value is too large")
        if depth > _DEEPEST:
            raise SprigError("json: unsupported value: encountered a cycle")
        if is_nil(value):
            self.write("null")
        elif isinstance(value, dict):
            self.members(
                "{}", [(self.text(key) + (": " if self.indent else ":"), value[key]) for key in sorted_keys(value)], depth
            )
        elif isinstance(value, list):
            self.members("[]", [("", item) for item in value], depth)
        else:
            self.write(self.scalar(value))

    def members(self, brackets: str, members: list[tuple[str, Any]], depth: int) -> None:
        line = f"\n{self.indent * (depth + 1)}" if self.indent else ""
        self.write(brackets[0])
        for number, (key, item) in enumerate(members):
            self.write(("," if number else "") + line + key)
            self.value(item, depth + 1)
        self.write((f"\n{self.indent * depth}" if self.indent and members else "") + brackets[1])

    def scalar(self, value: Any) -> str:  # noqa: ANN401 - any Go value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int):
            return str(int(value))
        if isinstance(value, float):
            return number(value)
        if isinstance(value, Moment):
            return self.text(_date(value))
        if hasattr(value, "go_string"):
            return self.text(value.go_string())
        raise SprigError(f"json: unsupported type: {type_of(value)}")

    def text(self, text: str) -> str:
        return self.quoted(text) if text.isascii() else self.pieces(decode(encode(text)))

    def pieces(self, text: str) -> str:
        """Write a text in which an escape stands for each byte that is no UTF-8."""
        return '"' + "\\ufffd".join(self.quoted(piece)[1:-1] for piece in _STRAY.split(text)) + '"'

    def quoted(self, text: str) -> str:
        if self.html:
            return jsontext.quote(text).decode()
        return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _date(value: Moment) -> str:
    if value.date[0] not in _YEARS:
        raise SprigError("Time.MarshalJSON: year outside of range [0,9999]")
    return format_moment(value, "2006-01-02T15:04:05.999999999Z07:00")


def number(value: float) -> str:
    """Write a number as `encoding/json` does."""
    if not math.isfinite(value):
        raise SprigError(f"json: unsupported value: {format_float(value)}")
    if value and not _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        mantissa, _, exponent = format_float(value, "e").partition("e")
        return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"
    return format_float(value, "f")


def dumped(value: object, indent: str = "", *, html: bool = True) -> str:
    """Write a value. Raises `SprigError` for what JSON cannot hold."""
    writer = _Writer(indent, html=html)
    writer.value(value)
    return "".join(writer.parts)


def _first_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise SprigError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _refuse(text: str) -> None:
    raise SprigError(f"invalid character '{text[0]}' looking for beginning of value")


_DECODER = json.JSONDecoder(parse_int=_first_float, parse_float=_first_float, parse_constant=_refuse)


def must_from_json(text: str) -> object:
    """Read JSON."""
    try:
        return _scrubbed(_DECODER.decode(text.strip(" \t\r\n")))
    except SprigError:
        raise
    except ValueError as error:
        raise SprigError(f"invalid JSON: {error}") from error


def _scrubbed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Put U+FFFD in the place of halves of surrogate pairs, as Go does."""
    if isinstance(value, str):
        return value if value.isascii() else _STRAY.sub("�", value)
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(item) for key, item in value.items()}
    return value


def from_json(text: str) -> object:
    """Read JSON; nil for what is none."""
    try:
        return must_from_json(text)
    except SprigError:
        return None


def must_to_json(value: object) -> str:
    """Write JSON."""
    return dumped(value)


def to_json(value: object) -> str:
    """Write JSON; nothing for what it cannot hold."""
    try:
        return dumped(value)
    except SprigError:
        return ""


def must_to_pretty_json(value: object) -> str:
    """Write JSON in lines."""
    return dumped(value, _INDENT)


def to_pretty_json(value: object) -> str:
    """Write JSON in lines; nothing for what it cannot hold."""
    try:
        return dumped(value, _INDENT)
    except SprigError:
        return ""


def to_raw_json(value: object) -> str:
    """Write JSON without escaping what HTML minds."""
    return dumped(value, html=False)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "fromJson": from_json,
    "mustFromJson": must_from_json,
    "mustToJson": must_to_json,
    "mustToPrettyJson": must_to_pretty_json,
    "mustToRawJson": to_raw_json,
    "toJson": to_json,
    "toPrettyJson": to_pretty_json,
    "toRawJson": to_raw_json,
}
