"""YAML as Argo Events reads it: the rules of YAML 1.1 as Go's library applies them, not those of PyYAML.

Dates and `12:30` stay text, `0777` is 511, `.inf` is refused. Source: https://pkg.go.dev/sigs.k8s.io/yaml (YAML → JSON).
"""

import math
import re
from typing import Any

import yaml

from common.errors import ConfigurationError

_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INT = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_BASES = {"0b": 2, "0o": 8, "0x": 16}


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with Go's ideas of what a plain scalar is."""


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    if digits[:2] in _BASES:
        return sign * int(digits[2:], _BASES[digits[:2]])
    if len(digits) > 1 and digits.startswith("0") and set(digits) <= set("01234567"):
        return sign * int(digits, 8)
    return sign * int(digits)


def _number(loader: _Loader, node: yaml.ScalarNode) -> float:
    value = float(str(loader.construct_scalar(node)).replace(".inf", "inf").replace(".nan", "nan").lower())
    if not math.isfinite(value):
        raise yaml.constructor.ConstructorError(None, None, "JSON has no such number", node.start_mark)
    return value


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":int", ":float"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(f"(?:{_INT.pattern})$"), list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"(?:{_FLOAT.pattern})$"), list("-+0123456789."))
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def load_all(text: str, place: str) -> list[Any]:
    """Read every document of a YAML text, empty ones left out.

    `place` names the text in the error. Raises `ConfigurationError` with line and column.
    """
    try:
        # S506: the loader is SafeLoader with fewer resolvers.
        documents = list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{place}: not YAML: {_one_line(error)}") from error
    return [document for document in documents if document is not None]


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return f"{getattr(error, 'problem', None) or error}{where}"
