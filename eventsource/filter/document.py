"""JSON as Go's encoding/json reads it into an interface: numbers are float64, the last of equal keys counts."""

import json
import math
import re

from eventsource.filter.errors import Fault
from eventsource.filter.values import Value

_STRAY = re.compile("[\ud800-\udfff]")


def load(data: bytes) -> Value:
    """Read one JSON value. Raises `Fault`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # Go takes each byte that is no UTF-8 for U+FFFD.
        text = _STRAY.sub("\ufffd", data.decode("utf-8", "surrogateescape"))
    try:
        value = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_refuse)
    except RecursionError:
        raise Fault("the JSON is nested too deeply") from None
    except ValueError as error:
        raise Fault(f"not JSON: {error}") from None
    # Only an escape can bring half of a surrogate pair in here.
    return _whole(value) if "\\ud" in text or "\\uD" in text else value


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is larger than a float64")
    return number


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _whole(value: Value) -> Value:
    """Replace halves of surrogate pairs, which are no characters in Go."""
    if isinstance(value, str):
        return _STRAY.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
