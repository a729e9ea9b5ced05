"""The event source's `filter.expression`: expr.EvalBool over the event's data."""

from typing import Any

from eventsource import filter  # noqa: A004
from tests.conformance.harness import Answer, Area


def run(given: Any) -> Answer:  # noqa: ANN401
    """Ask one filter about one event."""
    return {"result": filter.compile(given["expression"]).passes(given["data"].encode())}


def same(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    """Compare the answer; of errors only that there is one."""
    return bool(expected["result"] is got["result"])


AREA = Area(run, same, refusals=(filter.ExpressionError, filter.FilterError))
