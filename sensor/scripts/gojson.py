"""JSON as Go's encoding/json reads it into a map and writes it: all numbers float64, keys sorted, `<>&` escaped."""

import json
import math
import re
from decimal import Decimal
from typing import Any

from sensor.paths import strings
from sensor.scripts.frames import ScriptFailed

_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGEST_PLAIN, _SMALLEST_PLAIN = 1e21, 1e-6
_DEEPEST = 200


def read_object(data: bytes) -> dict[str, Any] | None:
    """Read the data of an event: an object or null. Raises `ScriptFailed` for all else."""
    try:
        value = _DECODER.decode(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise ScriptFailed(f"the event's data is not JSON: {error}") from error
    if value is not None and not isinstance(value, dict):
        raise ScriptFailed(f"the event's data is no JSON object but a JSON {_name(value)}")
    return value


def write(value: Any, depth: int = 0) -> bytes:  # noqa: ANN401 - any JSON value
    """Write a value; texts may be bytes. Raises `ScriptFailed` for what JSON cannot hold."""
    if depth > _DEEPEST:
        raise ScriptFailed(f"the result is nested more than {_DEEPEST} deep, or holds itself")
    match value:
        case None:
            return b"null"
        case bool():
            return b"true" if value else b"false"
        case int() | float():
            return number(value).encode()
        case str() | bytes():
            return strings.quote(_bytes(value))
        case list():
            return b"[" + b",".join(write(item, depth + 1) for item in value) + b"]"
        case dict():
            members = (strings.quote(key) + b":" + write(item, depth + 1) for key, item in _sorted(value))
            return b"{" + b",".join(members) + b"}"
    raise ScriptFailed(f"json: unsupported type: {type(value).__name__}")


def number(value: float) -> str:
    """Write a number as Go does: whole if it can be, with an exponent only where it is very large or small."""
    if isinstance(value, int):
        value = float(value)
    if math.isnan(value) or math.isinf(value):
        raise ScriptFailed(f"json: unsupported value: {'NaN' if math.isnan(value) else '+Inf' if value > 0 else '-Inf'}")
    if value and not _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        mantissa, exponent = _scientific(value)
        return f"{mantissa}e{exponent:+d}"
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _scientific(value: float) -> tuple[str, int]:
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - the number is finite
    fraction = "".join(map(str, digits[1:]))
    return f"{'-' if sign else ''}{digits[0]}{'.' if fraction else ''}{fraction}", len(digits) - 1 + exponent


def _sorted(value: dict[Any, Any]) -> list[tuple[bytes, Any]]:
    members = {_bytes(key): item for key, item in value.items()}
    return [(key, members[key]) for key in sorted(members)]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else _paired(text).encode()


def _name(value: object) -> str:
    return {list: "array", str: "string", bool: "bool"}.get(type(value), "number")


def _whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {_paired(key): value for key, value in pairs}


def _paired(text: str) -> str:
    """Halves of surrogate pairs become U+FFFD, as in Go."""
    return text if text.isascii() or not _SURROGATE.search(text) else _SURROGATE.sub("\ufffd", text)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ScriptFailed(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _refuse(text: str) -> None:
    raise ScriptFailed(f"invalid character {text[0]!r} looking for beginning of value")


_DECODER = json.JSONDecoder(object_pairs_hook=_whole, parse_int=_float, parse_float=_float, parse_constant=_refuse)
