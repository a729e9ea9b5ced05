"""Validation: which documents the controller takes. Those of event sources; the sensor's come later."""

from typing import Any

from common import documents
from eventsource.spec import EventSource
from tests.conformance.harness import Answer, Area, NotYetError


def run(given: Any) -> Answer:  # noqa: ANN401
    """Read the document as the pod does."""
    if given["kind"] != "EventSource":
        raise NotYetError("sensor: later")
    documents.parse(EventSource, given["document"])
    return {"valid": True}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare whether it is valid; the words are ours."""
    return expected == got


AREA = Area(run, same)
