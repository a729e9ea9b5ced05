"""Writing by paths: sjson.SetBytes and sjson.SetRawBytes."""

from typing import Any

from sensor.paths import PathError, compile_target
from tests.conformance.builders import text
from tests.conformance.harness import Answer, Area


def run(given: Any) -> Answer:  # noqa: ANN401
    """Set one value."""
    target = compile_target(given["path"])
    put = target.put_raw if given["raw"] else target.put
    return {"result": put(text(given, "json"), text(given, "value")).decode()}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare the text exactly."""
    return bool(expected["result"] == got["result"])


AREA = Area(run, same, refusals=(PathError,))
