"""Validation: which documents the controller takes, and in which words it refuses the others."""

from typing import Any

from common import documents
from common.errors import ConfigurationError
from eventsource.spec import EventSource
from sensor import rules
from tests.conformance.areas import _foreign
from tests.conformance.harness import Answer, Area

SOME_DAY = "2000-01-01"
"""The day on which filters try their times; the corpus has `<today>` for it."""


def run(given: Any) -> Answer:  # noqa: ANN401
    """Read the document as the pod does."""
    try:
        if given["kind"] == "EventSource":
            documents.parse(EventSource, given["document"])
        else:
            rules.read(given["document"])
    except ConfigurationError as error:
        return {"error": error.faults[0].partition(": ")[2].replace(SOME_DAY, "<today>"), "faults": error.faults}
    return {"valid": True}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare whether it is valid."""
    return expected == got


def same_error(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Compare the words of the first fault, where they are Go's own and about a kind that Argosy has."""
    if expected.get("stage") == "decode" or _foreign.named(given["kind"], given["document"]):
        return True
    return bool(expected["error"] == got["error"])


AREA = Area(run, same, same_error=same_error)
