"""A message sent to SQS becomes exactly one Workflow, with the body as its parameter, byte for byte."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.endtoend.forms import FORMS, drop_in, files
from tests.endtoend.rig import Rig, bodies, eventually

MESSAGES = 2000


@pytest.mark.timeout(300)
@pytest.mark.promise("A1", "A2", "E1")
@pytest.mark.parametrize("form", FORMS)
def test_each_message_becomes_one_workflow(rig: Rig, form: str) -> None:
    """2,000 mixed bodies through both processes, in each form of configuration: every one, once, unchanged."""
    source, sensor = FORMS[form](rig)
    source.start()
    sensor.start()
    sent = bodies(MESSAGES)
    rig.queue.send_many(*sent)
    rig.settled(MESSAGES)
    assert rig.balance(sent) == (Counter(), Counter())
    assert source.process.stop(deadline=60) == 0
    assert sensor.process.stop(deadline=60) == 0


@pytest.mark.promise("E1")
def test_the_workflow_is_named_and_marked_after_the_event(rig: Rig) -> None:
    """The name derives from the event and the annotations tell which one it was; Argo Events' labels are there."""
    source, sensor = files(rig)
    source.start()
    sensor.start()
    message_id = rig.queue.send("x")
    rig.settled(1)
    workflow = rig.workflows()[0]
    assert workflow["metadata"]["name"].startswith("order-")
    assert len(workflow["metadata"]["name"]) == len("order-") + 20
    assert message_id.replace("-", "") in str(workflow["metadata"]["annotations"])
    assert workflow["metadata"]["labels"]["events.argoproj.io/sensor"] == "orders"
    assert workflow["metadata"]["labels"]["events.argoproj.io/trigger"] == "workflow"


@pytest.mark.promise("F5")
def test_no_child_process_and_no_list_for_an_event(rig: Rig) -> None:
    """The sensor starts nothing and lists nothing, however many events it fires."""
    source, sensor = drop_in(rig)
    source.start()
    sensor.start()
    before = listed(rig)
    rig.queue.send_many(*(f"{n}" for n in range(100)))
    # Counting would list: what the sensor's own series say is enough until the end.
    eventually("100 fired", lambda: sensor.total("argo_events_action_triggered_total") >= 100, 60)
    assert listed(rig) == before
    for service in (source, sensor):
        assert not children(service.process.pid)


def listed(rig: Rig) -> float:
    """Count the LIST requests for Workflows that the API server has answered."""
    text = rig.kube.client._send("GET", "/metrics", None, "application/json").decode()
    lines = [line for line in text.splitlines() if line.startswith("apiserver_request_total{")]
    wanted = [line for line in lines if 'resource="workflows"' in line and 'verb="LIST"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in wanted)


def children(pid: int) -> list[str]:
    """Name the child processes of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def test_the_children_of_a_process_can_be_seen() -> None:
    """The check above could fail: our own children are found in the same way."""
    if not Path(f"/proc/{os.getpid()}/task").exists():
        pytest.skip("no /proc here")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert str(child.pid) in children(os.getpid())
        child.communicate(b"\n")
