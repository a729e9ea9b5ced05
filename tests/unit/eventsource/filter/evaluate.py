"""Help for these tests: the value of an expression, and the data that most of them look at."""

import json
from typing import Any

from common.sprig import SYSTEM, Ambient
from eventsource import filter  # noqa: A004
from eventsource.filter.budget import Frame
from eventsource.filter.environment import environment
from eventsource.filter.values import type_name

DATA: dict[str, Any] = {
    "messageId": "m-1",
    "body": {
        "id": 17,
        "name": "Ada",
        "price": 1.5,
        "ok": True,
        "none": None,
        "list": [3, 1, 2],
        "items": [{"k": "a", "n": 1}, {"k": "b", "n": 2}],
        "o": {"p": {"q": 1}},
        "mixed": [1, "a", None],
        "a-b": "dash",
        "a.b": "dot",
        "empty": "",
        "earr": [],
        "u": "žluť",
    },
}


def value(text: str, data: object = DATA, ambient: Ambient = SYSTEM) -> Any:  # noqa: ANN401 - any value of the language
    """Evaluate an expression. Raises `ExpressionError` or the package's own `Fault`."""
    made = filter.compile(text, ambient)
    return made._run(Frame(environment(json.dumps(data).encode(), made._added), made._now))


def typed(text: str, data: object = DATA) -> str:
    """Evaluate an expression to its Go type."""
    return type_name(value(text, data))


def passes(text: str, data: object = DATA) -> bool:
    """Ask a filter as the event source does."""
    return filter.compile(text).passes(json.dumps(data).encode())
