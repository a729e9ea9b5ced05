"""Builtins that write and read: `string`, JSON, base64."""

import base64
import binascii
from collections.abc import Callable

from common.sprig.jsons import dumped
from common.sprig.printing import show
from common.sprig.values import SprigError, decode, encode
from eventsource.filter.budget import Frame
from eventsource.filter.document import load
from eventsource.filter.errors import Fault
from eventsource.filter.exports import exported, exported_to_json
from eventsource.filter.values import Value, text


def _string(frame: Frame, value: Value) -> str:
    """Print any value, as `%v` does."""
    if type(value) is str:
        return value
    try:
        printed = show(exported(value, frame))
    except SprigError as error:
        raise Fault(str(error)) from None
    frame.characters(len(printed))
    return printed


def _to_json(frame: Frame, value: Value) -> str:
    return write_json(frame, value, indent="  ")


def write_json(frame: Frame, value: Value, indent: str = "") -> str:
    """Write a value as json.Marshal does, or as json.MarshalIndent. Raises `Fault` for what is no JSON."""
    try:
        written = dumped(exported_to_json(value, frame), indent)
    except SprigError as error:
        raise Fault(str(error)) from None
    frame.characters(len(written))
    return written


def _from_json(frame: Frame, value: Value) -> Value:
    frame.characters(len(text(value)))
    frame.spend(len(value) // 20)
    return load(encode(value))


def _to_base64(frame: Frame, value: Value) -> str:
    frame.characters(2 * len(text(value)))
    return base64.b64encode(encode(value)).decode()


def _from_base64(frame: Frame, value: Value) -> str:
    frame.characters(len(text(value)))
    # Go ignores line breaks, and nothing else.
    plain = value.replace("\r", "").replace("\n", "")
    try:
        return decode(base64.b64decode(plain, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Fault(f"illegal base64 data: {error}") from None


CALLS: dict[str, Callable[..., Value]] = {
    "string": _string,
    "toJSON": _to_json,
    "fromJSON": _from_json,
    "toBase64": _to_base64,
    "fromBase64": _from_base64,
}
