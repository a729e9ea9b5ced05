"""Payloads of triggers: triggers.ConstructPayload."""

from typing import Any

from sensor.parameters import prepare
from tests.conformance.builders import events, parameters
from tests.conformance.harness import Answer, Area


def run(given: Any) -> Answer:  # noqa: ANN401
    """Build one payload."""
    body = prepare(parameters(given.get("parameters"))).payload(events(given)).body
    return {"result": None if body is None else body.decode()}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare the text exactly: it is the body of a request."""
    return bool(expected["result"] == got["result"])


AREA = Area(run, same)
