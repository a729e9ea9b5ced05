"""Numbers and truths in the values of a filter: `strconv.ParseFloat` and `strconv.ParseBool`, which say what they refuse."""

import json
import math
import re

_DECIMAL = re.compile(r"[+-]?(?:[0-9][0-9_]*+\.?[0-9_]*+|\.[0-9][0-9_]*+)(?:e[+-]?[0-9_]++)?", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[+-]?0x(?=[0-9a-f_.]*[0-9a-f])[0-9a-f_]*+\.?[0-9a-f_]*+p[+-]?[0-9_]++", re.IGNORECASE)
_STRAY_UNDERSCORE = re.compile(r"(?<![0-9a-fx])_|_(?![0-9a-f])", re.IGNORECASE)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def parse_float(text: str) -> float:
    """Read a number. Raises `ValueError` with Go's words."""
    if text.lower() == "nan":
        return math.nan
    if _INFINITE.fullmatch(text):
        return -math.inf if text.startswith("-") else math.inf
    number = _read(text)
    if number is None:
        raise ValueError(f"strconv.ParseFloat: parsing {_quoted(text)}: invalid syntax")
    if math.isinf(number):
        raise ValueError(f"strconv.ParseFloat: parsing {_quoted(text)}: value out of range")
    return number


def parse_bool(text: str) -> bool:
    """Read a truth. Raises `ValueError` with Go's words."""
    if text not in _TRUE | _FALSE:
        raise ValueError(f"strconv.ParseBool: parsing {_quoted(text)}: invalid syntax")
    return text in _TRUE


def _read(text: str) -> float | None:
    try:
        if _DECIMAL.fullmatch(text):
            return float(text)
        if _HEXADECIMAL.fullmatch(text) and not _STRAY_UNDERSCORE.search(text):
            return float.fromhex(text.replace("_", ""))
    except OverflowError:
        return math.inf
    except ValueError:
        return None
    return None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
