"""Transforms: dependencies.ApplyTransform, jq or Lua over the data of an event, in real worker processes."""

from dataclasses import replace
from typing import Any

from sensor.dependencies.transform import Transform, apply
from sensor.scripts import ScriptFailed
from tests.conformance import builders
from tests.conformance.areas import _scripts
from tests.conformance.harness import REFUSALS, Answer, Area


def run(given: Any) -> Answer:  # noqa: ANN401
    """Make the data of one event anew."""
    document = given["transform"] or {}
    transform = Transform(builders.field(document, "jq") or "", builders.field(document, "script") or "")
    event = builders.event(given["event"])
    if event.data is None:
        # The Go SDK keeps a content type only beside data.
        event = replace(event, datacontenttype="")
    event = _scripts.wait(apply(transform, event, _scripts.workers().run))
    names = ("id", "source", "specversion", "type", "datacontenttype", "subject", "time")
    context = {name: getattr(event, name) for name in names}
    return {"result": None if event.data is None else event.data.decode(), "context": context}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare texts exactly."""
    return bool(expected["result"] == got["result"] and expected["context"] == got["context"])


AREA = Area(run, same, (*REFUSALS, ScriptFailed))
