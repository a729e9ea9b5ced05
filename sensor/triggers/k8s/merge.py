"""Lay one object over another, as Argo Events' update does.

Objects are merged member by member; anything else is replaced, by an empty value, an empty list or null as well; an empty
object changes nothing. (Its library is mergo 1.0 with override; tried, argo-events-behaviour.md §2.7.2.)
"""

from collections.abc import Mapping
from typing import Any

import orjson

from common import jsontext


def merged(old: Mapping[str, Any], new: bytes) -> bytes:
    """Give the text of `old` with `new`, the text of a JSON object, laid over it; the new text stays as it is written."""
    over = dict(jsontext.members(new))
    parts = [_member(key, orjson.dumps(value)) for key, value in old.items() if key not in over]
    for key, raw in over.items():
        below = old.get(key)
        both = isinstance(below, Mapping) and raw.lstrip().startswith(b"{")
        parts.append(_member(key, merged(below, raw) if both and below is not None else raw.strip()))
    return b"{" + b",".join(parts) + b"}"


def _member(key: str, raw: bytes) -> bytes:
    return jsontext.quote(key) + b":" + raw
