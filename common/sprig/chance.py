"""Chance: random texts and numbers, shuffling, UUIDs. Where the randomness comes from is the caller's affair."""

import string
import uuid
from collections.abc import Callable
from typing import Any

from common.sprig.ambient import Ambient
from common.sprig.encodings import b64enc
from common.sprig.values import MAX_ITEMS, SprigError, decode

_PRINTABLE = "".join(map(chr, range(32, 127)))
_ROOM = 16


def below(ambient: Ambient, most: int) -> int:
    """Draw a number from 0 on, below the given one."""
    return int.from_bytes(ambient.random((most.bit_length() + 7) // 8 + _ROOM), "big") % most


def _text(ambient: Ambient, count: int, letters: str) -> str:
    if count > MAX_ITEMS:
        raise SprigError("the text gets too long")
    # Eight bytes a letter: the bias is far below what anybody could find.
    data = ambient.random(8 * max(count, 0))
    return "".join(letters[int.from_bytes(data[at : at + 8], "big") % len(letters)] for at in range(0, len(data), 8))


def rand_alpha(ambient: Ambient, count: int) -> str:
    """Draw letters."""
    return _text(ambient, count, string.ascii_letters)


def rand_alphanumeric(ambient: Ambient, count: int) -> str:
    """Draw letters and digits."""
    return _text(ambient, count, string.ascii_letters + string.digits)


def rand_numeric(ambient: Ambient, count: int) -> str:
    """Draw digits."""
    return _text(ambient, count, string.digits)


def rand_ascii(ambient: Ambient, count: int) -> str:
    """Draw printable characters."""
    return _text(ambient, count, _PRINTABLE)


def rand_bytes(ambient: Ambient, count: int) -> str:
    """Draw bytes, encoded in base 64."""
    if not 0 <= count <= MAX_ITEMS:
        raise SprigError("runtime error: makeslice: len out of range")
    return b64enc(decode(ambient.random(count)))


def rand_int(ambient: Ambient, least: int, most: int) -> int:
    """Draw a number from the least on, below the most."""
    if most <= least:
        raise SprigError("invalid argument to Intn")
    return least + below(ambient, most - least)


def shuffle(ambient: Ambient, text: str) -> str:
    """Put the characters in any order."""
    if len(text) > MAX_ITEMS:
        raise SprigError("the text is too long")
    letters = list(text)
    for at in range(len(letters) - 1, 0, -1):
        other = below(ambient, at + 1)
        letters[at], letters[other] = letters[other], letters[at]
    return "".join(letters)


def uuidv4(ambient: Ambient) -> str:
    """Draw a UUID."""
    return str(uuid.UUID(bytes=ambient.random(16), version=4))


WITH_AMBIENT: dict[str, Callable[..., Any]] = {
    "randAlpha": rand_alpha,
    "randAlphaNum": rand_alphanumeric,
    "randAscii": rand_ascii,
    "randBytes": rand_bytes,
    "randInt": rand_int,
    "randNumeric": rand_numeric,
    "shuffle": shuffle,
    "uuidv4": uuidv4,
}
