"""A part of the document as JSON again: what Argo Events leaves out, and what it always writes."""

from typing import Any

import pytest

from common import documents
from sensor.spec import Trigger, TriggerTemplate, encoded
from tests.unit.sensor.sensors import dlq, sensor


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"name": "t", "log": {}}, {"name": "t", "log": {}}),
        ({"log": {"intervalSeconds": 0}}, {"name": "", "log": {}}),
        ({"name": "t", "conditions": "", "conditionsReset": []}, {"name": "t"}),
        ({"NAME": "t", "Log": {"INTERVALSECONDS": 5}, "x": 1}, {"name": "t", "log": {"intervalSeconds": 5}}),
        ({"name": "t", "http": {"method": ""}}, {"name": "t", "http": {"url": "", "payload": None, "host": ""}}),
        ({"name": "t", "http": {"payload": []}}, {"name": "t", "http": {"url": "", "payload": [], "host": ""}}),
        ({"name": "t", "nats": {"url": "u"}}, {"name": "t", "nats": {"url": "u", "subject": "", "payload": None}}),
        ({"name": "t", "k8s": {"source": {"inline": ""}}}, {"name": "t", "k8s": {"source": {"inline": ""}}}),
        (
            {"name": "t", "k8s": {"parameters": [{"src": {"value": "", "dataKey": ""}}]}},
            {"name": "t", "k8s": {"parameters": [{"src": {"dependencyName": "", "value": ""}, "dest": ""}]}},
        ),
        (
            {"name": "t", "k8s": {"source": {"resource": {"empty": "", "none": None, "list": []}}}},
            {"name": "t", "k8s": {"source": {"resource": {"empty": "", "none": None, "list": []}}}},
        ),
        (
            {"name": "t", "http": {"secureHeaders": [{"valueFrom": {"secretKeyRef": {"name": "n"}}}]}},
            {"name": "t", "http": {"secureHeaders": [{"valueFrom": {"secretKeyRef": {"name": "n", "key": ""}}}],
                                   "url": "", "payload": None, "host": ""}},
        ),
    ],
)  # fmt: skip
def test_templates(given: dict[str, Any], written: dict[str, Any]) -> None:
    """Empty fields are left out but for those that are always there; keys are as Go writes them; an object stays as it is."""
    assert encoded(documents.parse(TriggerTemplate, given).value) == written


def test_what_is_written_is_read_as_the_same() -> None:
    """Parameters are set in what is written, so nothing of the document may be lost on the way."""
    parameter = {"src": {"dependencyName": "d", "value": "", "useRawData": True}, "dest": "a", "operation": "append"}
    inner = dlq(
        template={"name": "x", "nats": {"url": "u", "subject": "s", "payload": [parameter], "auth": {"token": {"key": "k"}}}}
    )
    written = sensor(
        template={"conditions": "d", "conditionsReset": [{"byTime": {"cron": "* * * * *"}}]},
        parameters=[parameter],
        policy={
            "k8s": {"labels": {"a": "b"}, "backoff": {"duration": 0, "factor": 0, "jitter": 0.5}},
            "status": {"allow": [200]},
        },
        rateLimit={"unit": "Hour", "requestsPerUnit": 3},
        retryStrategy={"steps": 2, "duration": "1s"},
        atLeastOnce=True,
        dlqTrigger=inner,
        argosy={"startFrom": "next", "join": "inOrder"},
    )["spec"]["triggers"][0]
    trigger = documents.parse(Trigger, written).value
    assert documents.parse(Trigger, encoded(trigger)).value == trigger
