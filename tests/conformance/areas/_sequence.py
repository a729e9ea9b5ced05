"""Events one after the other at one trigger: what fires, and what waits for others.

What is kept in between is ours, so only its effect is compared: which dependencies' events wait after each step.
"""

from typing import Any

from common import cloudevent
from sensor import rules
from sensor.dependencies import conditions
from tests.conformance import builders
from tests.conformance.areas import _scripts
from tests.conformance.areas._sensor import LiveTrigger, live
from tests.conformance.harness import Answer, NotYetError

STATUS = {"unmatched": "no dependency", "duplicate": "duplicate"}


def run(given: Any) -> Answer:  # noqa: ANN401
    """Give the events to a sensor with this one trigger."""
    template = {"name": given["trigger"], "conditions": given.get("conditions", ""), "log": {}}
    spec = {"dependencies": given["dependencies"], "triggers": [{"template": template}]}
    document = {"metadata": {"name": given["sensor"]}, "spec": spec}
    names = [dependency.name for dependency in rules.read(document).value.spec.dependencies]
    expression = conditions.parse(template["conditions"], names)
    if expression.joins:
        raise NotYetError("sequence: the state of joins comes later")
    (trigger,) = live(document, _scripts.workers())
    return _scripts.wait(_run(trigger, str(expression), given["steps"]))


async def _run(trigger: LiveTrigger, expression: str, steps: Any) -> Answer:  # noqa: ANN401
    told = []
    for number, given in enumerate(steps):
        step = await trigger.give(number, cloudevent.dump(builders.event(given["event"])))
        fired = [
            {name: {"id": event.id, "data": (event.data or b"").decode()} for name, event in run.events.items()}
            for run in step.runs
        ]
        told.append({"fired": fired, "kv": [], "status": STATUS.get(step.outcome, "processed")})
    return {"expression": expression, "left": {}, "steps": told}


def same(expected: Answer, got: Answer) -> bool:
    """Compare all of it."""
    return dict(expected) == dict(got)
