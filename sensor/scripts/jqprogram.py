"""jq programs, run by libjq and brought near to gojq, which Argo Events uses: https://github.com/itchyny/gojq#difference-to-jq.

Objects are in the order of their keys, numbers are float64 and print as such, and what gojq does not know fails when it is
reached. What stays different: a text has no index (`"abc"[0]`), members of an object made by the program come in the order
in which it made them, integers beyond 2^53 are rounded, and patterns are Oniguruma's.
"""

import re
from functools import lru_cache
from typing import Any

import jq

from sensor.scripts import gojson
from sensor.scripts.frames import ScriptFailed

_UNKNOWN = (
    *("debug", "stderr", "input", "inputs", "input_filename", "input_line_number", "keys_unsorted", "lgamma_r"),
    *("get_search_list", "get_jq_origin", "get_prog_origin", "have_literal_numbers", "have_decnum"),
    "modulemeta",
)
_PRELUDE = (
    " ".join(f'def {name}: error("function not defined: {name}/0");' for name in _UNKNOWN)
    + """
def __sorted: if type == "object" then . as $o | reduce keys[] as $k ({}; .[$k] = ($o[$k] | __sorted))
  elif type == "array" then map(__sorted) elif type == "number" then . + 0 else . end;
def __tojson: tojson;
def __tostring: tostring;
def __format(f): format(f);
def tojson: __sorted | __tojson;
def tostring: if type == "string" then . else __sorted | __tojson end;
def format(f): if type == "string" then __format(f) else __sorted | __format(f) end;
def abs: if type != "number" then error("abs cannot be applied to: \\(type)") elif . < 0 then -. else . end;
def debug(f): error("function not defined: debug/1");
def __reverse: reverse;
def reverse: if . == null then error("reverse cannot be applied to: null") else __reverse end;
def __tonumber: tonumber;
def tonumber: if type == "string" and test("^[+-]?[ni]"; "i") then error("tonumber cannot be applied to: \\(.)")
  else __tonumber end;
def __strftime(f): strftime(f);
def strftime($f): __strftime($f | gsub("%Z"; "UTC"));
def __fromdate: fromdateiso8601;
def fromdateiso8601: (capture("^(?<date>.*)(?<sign>[+-])(?<h>[0-9]{2}):?(?<m>[0-9]{2})$")? // null) as $zone
  | if $zone == null then __fromdate
    else ($zone.date + "Z" | __fromdate) - ("\\($zone.sign)60" | tonumber) * (($zone.h | tonumber) * 60 + ($zone.m | tonumber))
    end;
def fromdate: fromdateiso8601;
def to_entries: [keys[] as $k | {key: $k, value: .[$k]}];
def with_entries(f): to_entries | map(f) | from_entries;
"""
)
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
    return jq.compile(f"{_PRELUDE}(\n{program}\n){_CHECK if _MAY_LEAVE_JSON.search(program) else ''}")
