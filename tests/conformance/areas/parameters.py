"""Parameters: ApplyParams, ResolveParamValue, ApplyResourceParameters, ApplyTemplateParameters."""

import json
from collections.abc import Callable
from typing import Any

from common import documents
from common.errors import ConfigurationError
from sensor.parameters import Note, Parameter, prepare
from sensor.spec import Trigger, TriggerTemplate, encoded
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
    """Set parameters in the template as Go writes it, and read it again as Go does."""
    trigger = documents.parse(Trigger, given["trigger"]).value
    if trigger.template is None:
        raise ConfigurationError("template: required, but missing")
    prepared = prepare(builders.parameters(given["trigger"].get("parameters")))
    document = prepared.apply(json.dumps(encoded(trigger.template)).encode(), builders.events(given)).document
    return {"result": json.dumps(encoded(documents.parse(TriggerTemplate, json.loads(document)).value))}


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


def run(given: Any) -> Answer:  # noqa: ANN401
    """Do what the case is about."""
    if given["function"] not in FUNCTIONS:
        raise NotYetError(f"{given['function']}: unknown")
    return FUNCTIONS[given["function"]](given)


AREA = Area(run, same)
