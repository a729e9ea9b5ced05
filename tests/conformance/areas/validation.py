"""Validation: which documents the controller takes, and in which words it refuses the others."""

from typing import Any

from common import documents
from common.errors import ConfigurationError
from eventsource.spec import EventSource
from sensor import rules
from sensor.spec import OTHER_KINDS
from tests.conformance.harness import Answer, Area

SOME_DAY = "2000-01-01"
"""The day on which filters try their times; the corpus has `<today>` for it."""


def run(given: Any) -> Answer:  # noqa: ANN401
    """Read the document as the pod does."""
    if given["kind"] == "EventSource":
        documents.parse(EventSource, given["document"])
        return {"valid": True}
    try:
        rules.read(given["document"])
    except ConfigurationError as error:
        return {"error": error.faults[0].partition(": ")[2].replace(SOME_DAY, "<today>"), "faults": error.faults}
    return {"valid": True}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare whether it is valid."""
    return expected == got


def same_error(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Compare the words of the first fault, where they are Go's own and about a kind of trigger that is built in."""
    if expected.get("stage") == "decode" or given["kind"] == "EventSource" or foreign_kinds(given["document"]):
        return True
    return bool(expected["error"] == got["error"])


def foreign_kinds(document: Any) -> set[str]:  # noqa: ANN401
    """Name the fields of the triggers' templates that are kinds which Argosy does not have."""
    triggers = (document.get("spec") or {}).get("triggers") or []
    templates = [trigger.get("template") or {} for trigger in triggers if isinstance(trigger, dict)]
    known = {"name", "conditions", "conditionsreset", "k8s", "argoworkflow", "http", "nats", "log"}
    assert known.isdisjoint(kind.lower() for kind in OTHER_KINDS)
    return {key for template in templates for key in template if key.lower() not in known}


AREA = Area(run, same, same_error=same_error)
