"""`state`: what a sensor whose document was changed does with what there was: which consumers go, whose events wait on."""

from typing import Any, cast

from common.subjects import Names
from sensor import rules
from sensor.dependencies import join
from sensor.dependencies.join import Index, Waiting
from sensor.plan import Planned, plan
from sensor.ports import Cluster
from sensor.triggers import Surroundings
from tests.conformance.harness import Answer

OWN_KEYS = frozenset({"Deps", "Triggers"})
"""What the Go sensor keeps beside the events; ours is kept in another form."""


def run(given: Any) -> Answer:  # noqa: ANN401
    """Let a sensor find the consumers of its older document, and the events that wait."""
    old, new = _planned(given["old"]), _planned(given["new"])
    kept = [f"{name}/{each}" for name, planned in new.items() for each in _waits_on(planned, given["saved"])]
    deleted = {consumer for planned in old.values() for consumer in planned.consumers.values()}
    deleted -= {consumer for planned in new.values() for consumer in planned.consumers.values()}
    return {"keys": sorted(kept), "deletedDurables": sorted(deleted)}


def _planned(document: Any) -> dict[str, Planned]:  # noqa: ANN401
    """Make the triggers ready; those of the corpus are of no kind, and any will do."""
    spec = document["spec"]
    triggers = [{**trigger, "template": {**trigger["template"], "log": {}}} for trigger in spec["triggers"]]
    sensor = rules.read({**document, "spec": {**spec, "triggers": triggers}}).value
    around = Surroundings(sensor.metadata.name, "n", cast("Cluster", None))
    return {planned.name: planned for planned in plan(sensor, around, Names())}


def _waits_on(planned: Planned, saved: list[str]) -> list[str]:
    prefix = f"{planned.name}/"
    waiting = [
        Waiting(key.removeprefix(prefix), key, number, 0.0) for number, key in enumerate(saved) if key.startswith(prefix)
    ]
    # Nothing waits at a trigger that joins no more; what did is let go (`sensor.leftovers`).
    strange = join.strangers(Index(waiting=tuple(waiting)), planned.join.expression.names if planned.join else ())
    return [each.dependency for each in waiting if each not in strange]


def same(expected: Answer, got: Answer) -> bool:
    """Compare the consumers, and whose events wait."""
    waiting = [key for key in expected["keys"] if key not in OWN_KEYS and not key.endswith("/Expression")]
    return bool(sorted(waiting) == got["keys"] and sorted(expected["deletedDurables"]) == got["deletedDurables"])
