"""Events: what the event source makes of a message, what goes on the bus, and what comes off it."""

import base64
from collections.abc import Callable
from typing import Any

import orjson

from common import cloudevent
from tests.conformance import builders
from tests.conformance.areas import _process_message
from tests.conformance.harness import Answer, Area, NotYetError


def _on_the_bus(given: Any) -> Answer:  # noqa: ANN401
    """Write an event as JSON; its time goes through the reader, which makes it UTC."""
    names = {"id": "id", "eventSourceName": "source", "eventName": "subject", "time": "time"}
    context = {ours: given[theirs] for theirs, ours in names.items()}
    payload = base64.b64encode(builders.text(given, "data")).decode()
    document = context | {"specversion": "1.0", "type": "sqs", "datacontenttype": cloudevent.JSON, "data_base64": payload}
    return {"result": cloudevent.dump(cloudevent.load(orjson.dumps(document))).decode()}


def _off_the_bus(given: Any) -> Answer:  # noqa: ANN401
    event = cloudevent.load(builders.text(given, "cloudevent"))
    return {
        "context": cloudevent.context_json(event).decode(),
        "data": event.data,
        "whole": cloudevent.whole_json(event).decode(),
        "dataString": cloudevent.data_text(event),
    }


def _data_text(given: Any) -> Answer:  # noqa: ANN401
    return {"dataString": cloudevent.data_text(builders.event(given["event"]))}


FUNCTIONS: dict[str, Callable[[Any], Answer]] = {
    "cloudevent": _on_the_bus,
    "convertEvent": _off_the_bus,
    "dataString": _data_text,
    "processMessage": _process_message.process_message,
}


def run(given: Any) -> Answer:  # noqa: ANN401
    """Do what the case is about."""
    if given["function"] not in FUNCTIONS:
        raise NotYetError(f"{given['function']}: later")
    return FUNCTIONS[given["function"]](given)


def same(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Compare what goes on the bus as JSON, all else exactly."""
    if given["function"] == "cloudevent":
        return builders.same_json(expected["result"], got["result"])
    if given["function"] == "processMessage":
        return _process_message.same(expected, got)
    if given["function"] == "convertEvent":
        wanted = base64.b64decode(expected["dataBase64"]) if "dataBase64" in expected else expected["data"]
        if got["data"] != (wanted.encode() if isinstance(wanted, str) else wanted):
            return False
    return all(got[name] == expected[name] for name in ("context", "whole", "dataString") if name in expected)


AREA = Area(run, same)
