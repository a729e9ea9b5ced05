"""`maxActive` at the size of a real backlog: never one Workflow too many; what has to wait waits on the bus, then in SQS."""

import time
from collections import Counter
from typing import Any

import pytest
import yaml

from tests.endtoend.finishing import Controller
from tests.endtoend.forms import event_source, sensor
from tests.endtoend.monitoring import stream, unread
from tests.endtoend.rig import Rig, Service, eventually
from tests.endtoend.sizes import size
from tests.endtoend.test_outage import parked

MESSAGES = size("ARGOSY_MESSAGES", 2_600)
MOST = 60
PODS = 3
RULES = [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get", "list", "watch"]}]


def services(rig: Rig, room: int) -> tuple[Service, list[Service]]:
    """Make a source and the sensors; the bus takes `room` events."""
    rig.kube.client.grant(rig.namespace, "sensor", RULES)
    document = sensor(rig)
    document["spec"]["triggers"][0]["argosy"] = {"maxActive": MOST}
    bus = {"NATS_URL": rig.nats.url, "NATS_MAX_MSGS_PER_SUBJECT": str(room)}
    source = rig.service("eventsource", EVENTSOURCE_FILE=written(rig, "source", event_source(rig)), **bus, **rig.aws)
    own = {"SENSOR_FILE": written(rig, "sensor", document), "KUBECONFIG": rig.kubeconfig, "SENSOR_ACK_WAIT": "10"}
    return source, [rig.service("sensor", **bus, **own, POD_NAME=f"sensor-{n}") for n in range(PODS)]


def written(rig: Rig, name: str, document: dict[str, Any]) -> str:
    """Write a document into a file."""
    path = rig.folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(document))
    return str(path)


@pytest.mark.timeout(1800)
@pytest.mark.promise("D1", "A7")
def test_a_backlog_waits_for_60_slots_over_three_pods_and_a_kill(own_rig: Rig) -> None:
    """Never 61 unfinished, by every change that the API server tells; each message has one Workflow, and all finish.

    Before any may finish, all places are taken: 60 Workflows, a bus that is full, and the rest in SQS. In the middle a pod is
    killed and started again. Let `Slots.slot` yield at once to see it fail.
    """
    rig, room = own_rig, MESSAGES // 2
    source, sensors = services(rig, room)
    sent = [f"message {n}" for n in range(MESSAGES)]
    rig.queue.send_many(*sent)
    with Controller(rig).at_work() as controller:
        history = controller.history
        for service in (source, *sensors):
            service.start()
        eventually("60 unfinished, a full bus, the rest in SQS", lambda: waits(rig, room) and history.made >= MOST, 300)
        assert (history.most, sum(rig.queue.counts()) > 0) == (MOST, True)
        began = time.monotonic()
        controller.begin()
        controller.until("a third", lambda: history.finished >= MESSAGES // 3)
        sensors[0].process.kill()
        controller.until("a bit more", lambda: history.finished >= MESSAGES // 2)
        sensors[0].start()
        controller.until("all", lambda: history.finished >= MESSAGES and rig.queue.empty())
        seconds = time.monotonic() - began
        eventually("nothing unread", lambda: unread(events(rig)) == 0, 60)
        eventually("all slots free", lambda: all(pod.total("argosy_sensor_active") == 0 for pod in sensors), 60)
    assert (history.values - Counter(sent), Counter(sent) - history.values) == (Counter(), Counter())
    assert history.most == MOST
    assert parked(rig) == 0
    print(f"{MESSAGES} Workflows, at most {MOST} at a time, finished in {seconds:.0f} s")  # noqa: T201 - shown with -s


def events(rig: Rig) -> dict[str, Any]:
    """Look at the stream of events."""
    return stream(rig.nats.monitor_url.removeprefix("http://"), "default") or {"state": {"messages": 0, "last_seq": 0}}


def waits(rig: Rig, room: int) -> bool:
    """Say whether the bus is full, and what was not published is still in SQS."""
    state = events(rig)["state"]
    return state["messages"] == room and sum(rig.queue.counts()) + state["last_seq"] == MESSAGES
