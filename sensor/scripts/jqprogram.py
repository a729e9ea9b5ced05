r"""jq programs, run by libjq and brought near to gojq, which Argo Events uses: https://github.com/itchyny/gojq#difference-to-jq.

The program is changed a little (`jqsource`) and stands behind functions of ours (`jqlibrary`). What stays different: integers
beyond 2^53 are rounded, patterns are Oniguruma's, where `\w` and its like know all of Unicode, a zero has no sign, and libjq's
mathematics may differ in the last digit.
"""

import re
from functools import lru_cache
from typing import Any

import jq

from sensor.scripts import gojson
from sensor.scripts.frames import ScriptFailed
from sensor.scripts.jqlibrary import LIBRARY
from sensor.scripts.jqsource import as_gojq_reads

_CHECK = """
| if any(..; type == "number" and (isnan or isinfinite)) then error("json: unsupported value") else . end"""
# Only these lead to what JSON cannot hold; looking through each result costs.
_MAY_LEAVE_JSON = re.compile(r"nan|inf|log|sqrt|pow|sin|cos|tan|gamma|exp|mod|drem|scalb|tonumber|fromjson|[eE][+]?\d\d\d")


def transform(program: str, data: bytes) -> bytes:
    """Give the first output of a program over the data of an event: an object. Raises `ScriptFailed`."""
    value = gojson.read_object(data)
    first = _first(program, gojson.write(value or {}).decode())
    if first == {} and value is None and "{" not in program:
        # Data that is null is an empty object to gojq; if it comes out untouched it is null again.
        return b"null"
    if not isinstance(first, dict):
        raise ScriptFailed("jq transformation output must be a JSON object")
    return gojson.write(first)


def _first(program: str, text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        for output in _compiled(program).input_text(text):
            return output
    except ValueError as error:
        raise ScriptFailed(f"jq: {str(error).strip()}") from error
    raise ScriptFailed("no output available from the jq command execution")


@lru_cache(maxsize=64)
def _compiled(program: str) -> Any:  # noqa: ANN401 - the library has no name for it
    if "$__loc__" in program:
        raise ScriptFailed("variable not defined: $__loc__")
    # Once by itself: inside parentheses a stray one could pass.
    jq.compile(program)
    return jq.compile(f"{LIBRARY}(\n{as_gojq_reads(program)}\n){_CHECK if _MAY_LEAVE_JSON.search(program) else ''}")
