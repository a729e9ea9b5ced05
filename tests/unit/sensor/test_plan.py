"""A document made ready."""

from common.subjects import Names
from sensor import plan, rules
from sensor.triggers import Surroundings
from tests.fakes_sensor import FakeCluster
from tests.unit.sensor.sensors import dlq, sensor


def test_dlq_triggers_that_share_a_name_do_not_share_what_is_told_of_them() -> None:
    """One that stops would hide behind one that goes on: a name that is there twice becomes one by its trigger."""
    document = sensor()
    one, log = document["spec"]["triggers"][0], {"log": {}}
    names = {"t": "shared", "u": "shared", "v": "own", "w": "t", "x": "x"}
    document["spec"]["triggers"] = [
        {
            **one,
            "template": {**one["template"], "name": name},
            "atLeastOnce": True,
            "dlqTrigger": dlq(template={"name": of, **log}),
        }
        for name, of in names.items()
    ]
    planned = plan.plan(rules.read(document).value, Surroundings("s", "ns", FakeCluster()), Names())
    found = {trigger.name: trigger.dlq.name for trigger in planned if trigger.dlq}
    assert found == {"t": "t/dlqTrigger", "u": "u/dlqTrigger", "v": "own", "w": "w/dlqTrigger", "x": "x/dlqTrigger"}
