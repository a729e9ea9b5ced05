"""Strings: cutting, trimming, searching."""

from collections.abc import Callable
from typing import Any

from common.sprig.values import decode, encode


def contains(part: str, text: str) -> bool:
    """Say whether the text holds the part."""
    return part in text


def has_prefix(part: str, text: str) -> bool:
    """Say whether the text starts with the part."""
    return text.startswith(part)


def has_suffix(part: str, text: str) -> bool:
    """Say whether the text ends with the part."""
    return text.endswith(part)


def trunc(count: int, text: str) -> str:
    """Give the first bytes, or with a negative count the last ones."""
    data = encode(text)
    if count < 0 < len(data) + count:
        return decode(data[count:])
    return decode(data[:count]) if count >= 0 else text


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": contains,
    "hasPrefix": has_prefix,
    "hasSuffix": has_suffix,
    "trunc": trunc,
}
