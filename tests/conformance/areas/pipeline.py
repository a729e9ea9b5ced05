"""A whole sensor: messages from the bus through dependencies, conditions and parameters to what the API server gets."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.areas import _scripts
from tests.conformance.areas._sensor import LiveTrigger, Run, Step, live
from tests.conformance.areas._undone import undone
from tests.conformance.harness import Answer, Area

STATUS = {"unmatched": "no dependency", "duplicate": "duplicate"}
KNOWN, UNREADABLE = {"processed", *STATUS.values()}, "unreadable"
BEYOND = 2**63


def run(given: Any) -> Answer:  # noqa: ANN401 - the corpus
    """Give all messages to all triggers."""
    return _scripts.wait(_run(given))


async def _run(given: Mapping[str, Any]) -> Answer:
    triggers = live(given["sensor"], _scripts.workers())
    return {"triggers": [await _trigger(trigger, given["messages"]) for trigger in triggers]}


async def _trigger(trigger: LiveTrigger, messages: list[str]) -> Answer:
    steps = []
    for number, message in enumerate(messages):
        steps.append(_step(await trigger.give(number, message.encode())))
    return {"trigger": trigger.planned.name, "steps": steps}


def _step(step: Step) -> dict[str, Any]:
    if step.again and not step.runs and step.outcome != "unmatched":
        # Go drops it before it looks at it; here it is looked at, and nothing comes of it.
        return {"status": "duplicate", "notes": [], "runs": []}
    return {
        "status": UNREADABLE if UNREADABLE in step.parked else STATUS.get(step.outcome, "processed"),
        "notes": step.notes,
        "runs": [_run_(run) for run in step.runs],
    }


def _run_(run: Run) -> dict[str, Any]:
    actions = [
        {**action, "object": undone(action["object"], run.digest)} if "object" in action else action for action in run.actions
    ]
    return {"triggeredBy": run.triggered_by, "failed": run.error is not None, "actions": actions}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401 - the corpus
    """Compare what became of each message at each trigger; reading the API server changes nothing."""
    return bool(_stored([_expected(trigger) for trigger in expected["triggers"]]) == _stored(got["triggers"]))


def _stored(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give JSON as an API server stores it: of integers beyond 64 bits it keeps what a double holds, whoever cuts them."""
    if isinstance(value, Mapping):
        return {key: _stored(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_stored(inner) for inner in value]
    return float(value) if isinstance(value, int) and not -BEYOND <= value < BEYOND else value


def _expected(trigger: Mapping[str, Any]) -> Answer:
    steps = [
        {
            # What is no event at all goes by names of the Go code's own.
            "status": step["status"] if step["status"] in KNOWN else UNREADABLE,
            "notes": step.get("notes") or [],
            "runs": [
                {
                    "triggeredBy": sorted(run["triggeredBy"]),
                    "failed": "error" in run,
                    "actions": [action for action in run.get("actions") or [] if action["verb"] != "get"],
                }
                for run in step.get("runs") or []
            ],
        }
        for step in trigger.get("steps") or []
    ]
    return {"trigger": trigger["trigger"], "steps": steps}


AREA = Area(run, same)
