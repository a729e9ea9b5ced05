"""Conditions: what they mean, what they subscribe to, how events wait for each other, and when they are let go."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from common import subjects
from common.errors import ConfigurationError
from sensor import rules
from sensor.dependencies import conditions, cron
from sensor.plan import plan
from sensor.ports import Cluster
from sensor.triggers import Surroundings
from tests.conformance.areas import _changed_document, _sequence
from tests.conformance.harness import Answer, Area, NotYetError


def _expression(given: Any) -> Answer:  # noqa: ANN401
    """Read a sensor with one trigger, and try every set of the dependencies that it listens to."""
    template = {"name": given["trigger"], "conditions": given.get("conditions", ""), "log": {}}
    spec = {"dependencies": given["dependencies"], "triggers": [{"template": template}]}
    sensor = rules.read({"metadata": {"name": given["sensor"]}, "spec": spec}).value
    names = [dependency.name for dependency in sensor.spec.dependencies]
    expression = conditions.parse(template["conditions"], names)
    # No trigger fires here.
    (planned,) = plan(sensor, Surroundings(given["sensor"], "n", cast("Cluster", None)), subjects.Names())
    listened = expression.names
    sets = itertools.chain.from_iterable(itertools.combinations(listened, size) for size in range(len(listened) + 1))
    return {
        "expression": str(expression),
        "names": list(expression.names),
        "requiresAnd": expression.joins,
        "firesWith": [list(present) for present in sets if expression.fires(present)],
        "durables": dict(planned.consumers),
    }


def _durable(given: Any) -> Answer:  # noqa: ANN401
    return {"durable": subjects.durable(given["sensor"], given["trigger"], given["dependency"])}


def _previous(given: Any) -> Answer:  # noqa: ANN401
    try:
        schedule = cron.parse(given["cron"], given.get("timezone", ""))
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    moment = datetime.fromisoformat(given["time"])
    return {"next": _text(schedule.next(moment)), "previous": _text(schedule.previous(moment))}


def _text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat().removesuffix("+00:00") + "Z" if moment.tzinfo is UTC else moment.isoformat()


FUNCTIONS: dict[str, Callable[[Any], Answer]] = {
    "expression": _expression,
    "durable": _durable,
    "previous": _previous,
    "sequence": _sequence.run,
    "state": _changed_document.run,
}


def run(given: Any) -> Answer:  # noqa: ANN401
    """Do what the case is about."""
    if given["function"] not in FUNCTIONS:
        raise NotYetError(f"{given['function']}: unknown")
    return FUNCTIONS[given["function"]](given)


def same(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Compare everything exactly, the sets that fire as a set of sets."""
    if given["function"] == "sequence":
        return _sequence.same(expected, got)
    if given["function"] == "state":
        return _changed_document.same(expected, got)
    if given["function"] != "expression":
        return all(got[name] == value for name, value in expected.items() if name != "previousError")
    fires = {frozenset(present) for present in got["firesWith"]} == {frozenset(present) for present in expected["firesWith"]}
    return fires and all(got[name] == value for name, value in expected.items() if name != "firesWith")


def same_error(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Compare the words of cron's parser, which are Go's; those about conditions are ours."""
    return bool(given["function"] != "previous" or expected["error"] == got["error"])


AREA = Area(run, same, same_error=same_error)
