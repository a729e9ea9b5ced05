"""Base 64 and base 32. What cannot be decoded gives the error as the result, as in sprig."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from common.sprig.values import SprigError, decode, encode

_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BASE32 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_LINE_FEEDS = b"\r\n"
_GROUP32, _PADDED32 = 8, frozenset({2, 4, 5, 7})


def b64enc(text: str) -> str:
    """Encode in base 64."""
    return base64.b64encode(encode(text)).decode()


def b64dec(text: str) -> str:
    """Decode base 64."""
    try:
        return decode(decode64(text))
    except SprigError as error:
        return str(error)


def decode64(text: str) -> bytes:
    """Decode base 64 as Go does: line feeds are let pass. Raises `SprigError` with the place of the fault."""
    data = encode(text)
    fault = _fault(data)
    if fault is not None:
        raise SprigError(f"illegal base64 data at input byte {fault}")
    return binascii.a2b_base64(data)


def b32enc(text: str) -> str:
    """Encode in base 32."""
    return base64.b32encode(encode(text)).decode()


def b32dec(text: str) -> str:
    """Decode base 32."""
    data = encode(text).translate(None, _LINE_FEEDS)
    try:
        groups = b"".join(_group32(data, at) for at in range(0, len(data), _GROUP32))
    except SprigError as error:
        return str(error)
    return decode(base64.b32decode(groups))


def _group32(data: bytes, at: int) -> bytes:
    """Check one group of eight; what stands behind the padding counts for nothing only if nothing does."""
    group = data[at : at + _GROUP32]
    for number, byte in enumerate(group):
        left = len(data) - at - number - 1
        if byte == ord("=") and number > 1 and left < _GROUP32:
            return _padded32(data, at, number)
        if byte not in _BASE32:
            raise SprigError(f"illegal base32 data at input byte {at + number}")
    if len(group) < _GROUP32:
        raise SprigError(f"illegal base32 data at input byte {at}")
    return group


def _padded32(data: bytes, at: int, number: int) -> bytes:
    end = at + number
    if len(data) < at + _GROUP32:
        raise SprigError(f"illegal base32 data at input byte {len(data)}")
    wrong = next((place for place in range(end + 1, at + _GROUP32) if data[place] != ord("=")), None)
    if wrong is not None or number not in _PADDED32:
        raise SprigError(f"illegal base32 data at input byte {wrong - 1 if wrong is not None else end}")
    if len(data) > at + _GROUP32:
        # Go stops here, and takes no notice of the rest.
        raise SprigError(f"illegal base32 data at input byte {at + _GROUP32}")
    return data[at : at + _GROUP32]


def _fault(data: bytes) -> int | None:
    """Find the byte of a base 64 text that Go would complain of."""
    in_group = 0
    for at, byte in enumerate(data):
        if byte in _LINE_FEEDS:
            continue
        if byte in _BASE64:
            in_group = (in_group + 1) % 4
        elif byte == ord("=") and in_group > 1:
            return _fault_in_padding(data, at, 4 - in_group)
        else:
            return at
    return len(data) - in_group if in_group else None


def _fault_in_padding(data: bytes, at: int, count: int) -> int | None:
    for _ in range(count):
        while at < len(data) and data[at] in _LINE_FEEDS:
            at += 1
        if at >= len(data):
            return len(data)
        if data[at] != ord("="):
            return at - 1
        at += 1
    while at < len(data) and data[at] in _LINE_FEEDS:
        at += 1
    return at if at < len(data) else None


FUNCTIONS: dict[str, Callable[..., Any]] = {"b32dec": b32dec, "b32enc": b32enc, "b64dec": b64dec, "b64enc": b64enc}
