"""Events one after the other at one trigger: what fires, what waits for others, and what is let go.

What is kept in between is ours, so only its meaning is compared: whose event waits after each step, and which event it is.
"""

import json
from datetime import UTC, datetime
from typing import Any

from common import cloudevent
from sensor import rules
from sensor.dependencies import conditions, join
from tests.conformance import builders
from tests.conformance.areas import _scripts
from tests.conformance.areas._sensor import LiveTrigger, live
from tests.conformance.harness import Answer

STATUS = {"unmatched": "no dependency", "duplicate": "duplicate"}
START = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When the first step is stored; here times are seconds since then, so that a nanosecond still counts."""


def run(given: Any) -> Answer:  # noqa: ANN401
    """Give the events to a sensor with this one trigger."""
    template = {"name": given["trigger"], "conditions": given.get("conditions", ""), "log": {}}
    spec = {"dependencies": given["dependencies"], "triggers": [{"template": template}]}
    document = {"metadata": {"name": given["sensor"]}, "spec": spec}
    names = [dependency.name for dependency in rules.read(document).value.spec.dependencies]
    (trigger,) = live(document, _scripts.workers())
    steps = [_scripts.wait(_step(trigger, number, step)) for number, step in enumerate(given["steps"])]
    return {"expression": str(conditions.parse(template["conditions"], names)), "left": _left(trigger), "steps": steps}


async def _step(trigger: LiveTrigger, number: int, given: Any) -> Answer:  # noqa: ANN401
    before = {each.dependency: each.digest for each in trigger.joins.index.waiting}
    if "event" not in given:
        tick = _since(given["resetBefore"]) if "resetBefore" in given else float(number)
        trigger.joins.index = join.reset(trigger.joins.index, tick)
        return {"kv": _changes(trigger, before)}
    step = await trigger.give(number, cloudevent.dump(builders.event(given["event"])), stored=float(number))
    fired = [
        {name: {"id": event.id, "data": (event.data or b"").decode()} for name, event in run.events.items()}
        for run in step.runs
    ]
    return {"fired": fired, "kv": _changes(trigger, before), "status": STATUS.get(step.outcome, "processed")}


def _since(text: str) -> float:
    """Read a time, to the nanosecond, which Python's own do not have."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return (datetime.fromisoformat(f"{whole}+00:00") - START).total_seconds() + float(f"0.{fraction or 0}")


def _changes(trigger: LiveTrigger, before: dict[str, str]) -> list[str]:
    after = {each.dependency: each.digest for each in trigger.joins.index.waiting}
    put = [f"put {trigger.planned.name}/{name}" for name, digest in after.items() if before.get(name) != digest]
    return [*put, *(f"delete {trigger.planned.name}/{name}" for name in sorted(before.keys() - after.keys()))]


def _left(trigger: LiveTrigger) -> dict[str, Any]:
    waiting = trigger.joins.index.waiting
    return {f"{trigger.planned.name}/{each.dependency}": _kept(trigger, each) for each in waiting}


def _kept(trigger: LiveTrigger, waiting: join.Waiting) -> dict[str, Any]:
    event = json.loads(trigger.joins.bodies[waiting.digest].event)
    return {"sequence": waiting.sequence, "at": waiting.stored, "event": event}


def same(expected: Answer, got: Answer) -> bool:
    """Compare all of it; of what is left, which event waits, its place in the stream, and when it was stored."""
    kept = {key: json.loads(value) for key, value in expected["left"].items()}
    left = {
        key: {"sequence": value["StreamSeq"], "at": _since(value["Timestamp"]), "event": value["Event"]}
        for key, value in kept.items()
    }
    return bool({**expected, "left": left} == dict(got))
