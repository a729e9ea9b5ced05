"""YAML 1.1 as Argo Events reads it, written as JSON: keys sorted, numbers and strings as Go's encoding/json has them.

It differs from PyYAML's own reading in what plain scalars mean: dates and `12:30` are text, `0777` is 511, `1e3` is a
number, keys of any scalar type become text. Reference: https://github.com/go-yaml/yaml/blob/v2/resolve.go
"""

import math
import re
from collections.abc import Hashable, Iterator
from operator import itemgetter
from typing import Any

import yaml

from common import jsontext
from sensor.paths.numbers import format_float

_TRUE = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_INFINITE = frozenset([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"])
_MINUS_INFINITE = frozenset(["-.inf", "-.Inf", "-.INF"])
_NOT_A_NUMBER = frozenset([".nan", ".NaN", ".NAN"])
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LEAST, _MOST = -(1 << 63), 1 << 64
_PLAIN_FROM, _PLAIN_BELOW = 1e-6, 1e21
_STR, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
_UNTAGGED = frozenset({_STR, _MERGE})
"""Plain scalars that nobody gave a tag; a merge sign merges as a key, and is a text as a value."""
_DEEPEST = 200
_MOST_VALUES = 500_000


class YamlError(ValueError):
    """The text is not YAML, or holds what JSON cannot."""


def yaml_to_json(text: bytes) -> bytes:
    """Write the first document of a YAML text as JSON. Raises `YamlError`."""
    try:
        loader = _Loader(text.decode())
        return _dump(loader.get_data() if loader.check_data() else None, 0, iter(range(_MOST_VALUES)))  # type: ignore[no-untyped-call]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise YamlError(" ".join(str(error).split())) from error


def scalar(text: str) -> bool | float | str | None:
    """Say what a plain scalar means."""
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text in _INFINITE or text in _MINUS_INFINITE:
        return math.inf if text in _INFINITE else -math.inf
    return math.nan if text in _NOT_A_NUMBER else _number(text)


def _number(text: str) -> float | str:
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    match = _INTEGER.fullmatch(digits)
    if match is not None:
        base, number = next((base, match[group]) for base, group in ((16, 2), (2, 3), (8, 4), (10, 5)) if match[group])
        whole = int(match[1] + number, base)
        if _LEAST <= whole < _MOST:
            return whole
    value = float(digits) if _FLOAT.fullmatch(digits) else math.inf
    # What no double can hold stays a text.
    return value if math.isfinite(value) else text


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with Go's idea of plain scalars; whatever has no tag of its own goes through `scalar`."""

    yaml_implicit_resolvers = {"<": [(_MERGE, re.compile("<<"))]}  # noqa: RUF012 - PyYAML's form

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        """Construct a mapping; its keys are text from the start, for `1`, `true` and `1.0` are one key to Python."""
        self.flatten_mapping(node)
        pairs = ((self.construct_object(key, deep=True), value) for key, value in node.value)
        return {_key(key): self.construct_object(value, deep=deep) for key, value in pairs}

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - PyYAML's
        """Construct a value; plain scalars in Go's way."""
        if isinstance(node, yaml.ScalarNode) and node.style is None and node.tag in _UNTAGGED:
            return scalar(node.value)
        return super().construct_object(node, deep=deep)


def _dump(value: object, depth: int, budget: Iterator[int]) -> bytes:
    if depth > _DEEPEST:
        raise YamlError("nested too deeply")
    if next(budget, None) is None:
        # Aliases of aliases make a few lines into gigabytes.
        raise YamlError("too many values")
    if isinstance(value, dict):
        members = sorted(value.items(), key=itemgetter(0))
        written = (jsontext.quote(key) + b":" + _dump(member, depth + 1, budget) for key, member in members)
        return b"{" + b",".join(written) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(_dump(element, depth + 1, budget) for element in value) + b"]"
    return _dump_scalar(value)


def _dump_scalar(value: object) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, float):
        return _float(value).encode()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return jsontext.quote(str(value))


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise YamlError(f"{value} has no form in JSON")
    if value and not _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        mantissa, _, exponent = repr(value).partition("e")
        sign = "-" if exponent.startswith("-") else "+"
        return f"{mantissa.removesuffix('.0')}e{sign}{exponent.lstrip('+-').lstrip('0')}"
    return format_float(value)


def _key(key: Hashable) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, str):
        return key
    if isinstance(key, int | float):
        return str(key) if isinstance(key, int) else _float(key)
    raise YamlError(f"a key must be a text, a number or a truth, not {key!r}")
