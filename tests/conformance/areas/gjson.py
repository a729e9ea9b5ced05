"""Reading by paths: gjson.GetBytes and gjson.Valid."""

import json
import math
from typing import Any

from sensor.paths import compile_path, get, valid
from tests.conformance.builders import text
from tests.conformance.harness import Answer, Area


def run(given: Any) -> Answer:  # noqa: ANN401
    """Read one path, or judge one document."""
    if given.get("function") == "Valid":
        return {"valid": valid(text(given, "json"))}
    result = get(text(given, "json"), compile_path(given["path"]))
    return {
        "exists": result.exists,
        "type": str(result.kind),
        "string": result.text,
        "raw": result.raw.decode(),
        "bool": result.bool,
        "float": result.float,
        "value": result.value,
    }


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare texts exactly, numbers as numbers, values as JSON."""
    if "valid" in expected:
        return bool(expected["valid"] == got["valid"])
    if any(expected[name] != got[name] for name in ("exists", "type", "string", "raw", "bool") if name in expected):
        return False
    if not expected["exists"]:
        return not got["raw"]
    number = float(expected["float"])
    if number != got["float"] and not (math.isnan(number) and math.isnan(got["float"])):
        return False
    return "value" not in expected or json.loads(expected["value"], parse_int=float) == got["value"]


AREA = Area(run, same)
