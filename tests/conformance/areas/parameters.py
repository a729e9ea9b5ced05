"""Parameters: ApplyParams, ResolveParamValue, ApplyResourceParameters, ApplyTemplateParameters."""

import json
from collections.abc import Callable
from typing import Any

from sensor.parameters import Note, Parameter, prepare
from tests.conformance import builders
from tests.conformance.harness import Answer, Area, NotYetError


def _apply(given: Any) -> Answer:  # noqa: ANN401
    prepared = prepare(builders.parameters(given.get("parameters")))
    return {"result": prepared.apply(given["resource"].encode(), builders.events(given)).document.decode()}


def _resource(given: Any) -> Answer:  # noqa: ANN401
    prepared = prepare(builders.parameters(given.get("parameters")))
    return {"result": prepared.apply_to_object(given["resource"].encode(), builders.events(given)).document.decode()}


def _resolve(given: Any) -> Answer:  # noqa: ANN401
    notes: list[Note] = []
    prepared = prepare([Parameter(builders.source(given["src"]), "v")])
    for _, value in prepared.values(builders.events(given), notes):
        return {"value": value.content.decode(), "kind": str(value.kind)}
    return {"value": None}


def _template(given: Any) -> Answer:  # noqa: ANN401
    trigger = given["trigger"]
    if not {"k8s", "name", "conditions"}.issuperset(trigger["template"]):
        raise NotYetError("the typed template of other triggers: later")
    prepared = prepare(builders.parameters(trigger.get("parameters")))
    template = json.dumps(trigger["template"]).encode()
    return {"result": prepared.apply(template, builders.events(given)).document.decode()}


FUNCTIONS: dict[str, Callable[[Any], Answer]] = {
    "ApplyParams": _apply,
    "ApplyResourceParameters": _resource,
    "ResolveParamValue": _resolve,
    "ApplyTemplateParameters": _template,
}


def same(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Compare texts exactly; whole objects, whose keys Go sorts, as JSON."""
    if given["function"] in {"ApplyResourceParameters", "ApplyTemplateParameters"}:
        return builders.same_json(expected["result"], got["result"])
    return all(got.get(name) == value for name, value in expected.items())


AREA = Area(lambda given: FUNCTIONS[given["function"]](given), same)
