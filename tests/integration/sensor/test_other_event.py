"""A dependency that keeps its name and names another event: it works at once, and nothing is lost on the way there or back."""

from collections.abc import Iterable
from typing import Any

import pytest
from nats.aio.client import Client

from common.bus.naming import beside
from common.cloudevent import dump
from common.subjects import durable
from tests.integration.sensor.rig import Rig, Sensor, event, eventually

NAME = durable("orders", "workflow", "order")
GRACE = "10"
"""Long enough that both pods are there before it is over: one that starts later would give the names anew by itself."""


def publish(rig: Rig, numbers: Iterable[int], name: str) -> None:
    """Put events of one name onto the bus."""

    async def work(client: Client) -> None:
        js = client.jetstream()
        for number in numbers:
            headers = {"Nats-Msg-Id": f"orders.{name}.{number}"}
            await js.publish(f"{rig.stream}.orders.{name}", dump(event(number, subject=name)), headers=headers)

    rig.on_bus(work)


def document(rig: Rig, name: str) -> dict[str, Any]:
    """Write the document whose only dependency names this event."""
    changed = rig.document()
    changed["spec"]["dependencies"][0]["eventName"] = name
    return changed


def fired(rig: Rig, numbers: Iterable[int]) -> None:
    """Wait for the Workflows of these events; each has one, and nothing else has any."""
    wanted = sorted(f"body {number}" for number in numbers)
    eventually(f"{len(wanted)} Workflows", lambda: rig.count() >= len(wanted))
    assert rig.values() == wanted


def readers(rig: Rig) -> dict[str, str]:
    """Give the consumers, and what they read."""
    return {str(c.name): str(c.config.filter_subject).rpartition(".")[2] for c in rig.consumers()}


def stop(*sensors: Sensor) -> None:
    """Stop pods in an orderly way."""
    for sensor in sensors:
        assert sensor.process.stop() == 0


@pytest.mark.promise("A8")
def test_it_works_at_once_and_each_event_keeps_its_place(rig: Rig) -> None:
    """There and back and there again, with events waiting on both sides each time: all of them fire, each once.

    Without a name beside the one that is taken the pod stays unready; with one floor for both subjects events are skipped.
    """
    stop(rig.sensor(document(rig, "created")).start())
    publish(rig, range(10), "created")
    there = rig.sensor(document(rig, "changed")).start()
    publish(rig, range(10, 20), "changed")
    fired(rig, range(10, 20))
    stop(there)
    publish(rig, range(20, 30), "changed")
    back = rig.sensor(document(rig, "created")).start()
    fired(rig, range(20))
    stop(back)
    publish(rig, range(30, 40), "created")
    there = rig.sensor(document(rig, "changed")).start()
    fired(rig, range(30))
    stop(there)
    rig.sensor(document(rig, "created")).start()
    fired(rig, range(40))
    subject = f"{rig.stream}.orders.changed"
    assert readers(rig) == {NAME: "created", beside(NAME, subject): "changed"}


@pytest.mark.promise("A8", "B1")
def test_pods_of_both_documents_work_side_by_side(rig: Rig) -> None:
    """A rollout that is half done, for as long as it likes: each pod takes its own events, and a restart changes nothing.

    If a pod took the name that another one uses, consumers would be deleted under events in hand, over and over.
    """
    old, new = (rig.sensor(document(rig, name)).start() for name in ("created", "changed"))
    made = {str(c.name): c.created for c in rig.consumers()}
    for turn in range(3):
        publish(rig, range(turn * 20, turn * 20 + 10), "created")
        publish(rig, range(turn * 20 + 10, turn * 20 + 20), "changed")
        fired(rig, range(turn * 20 + 20))
        stop(old, new)
        old, new = (rig.sensor(document(rig, name)).start() for name in ("created", "changed"))
    assert {str(c.name): c.created for c in rig.consumers()} == made
    for sensor in (old, new):
        assert sensor.total("argosy_sensor_consumer_rebuilds_total") == 0


@pytest.mark.promise("A8")
def test_after_the_grace_the_old_events_are_parked_and_the_name_is_free(rig: Rig) -> None:
    """What nobody wants any more is in the dead letters, and the new consumer gets the name that KEDA and a Go sensor look for.

    It goes on where it stood, while events come: none is lost and none is fired twice. Without the new naming after the
    grace it keeps the name beside until the next rollout.
    """
    stop(rig.sensor(document(rig, "created"), SENSOR_TRIGGER_GRACE=GRACE).start())
    publish(rig, range(10), "created")
    pods = [rig.sensor(document(rig, "changed"), SENSOR_TRIGGER_GRACE=GRACE).start() for _ in range(2)]
    publish(rig, range(10, 20), "changed")
    fired(rig, range(10, 20))
    eventually("10 dead letters", lambda: len(rig.dead()) == 10, 90)
    assert {(d["Argosy-Reason"], d["Argosy-Subject"]) for d in rig.dead()} == {
        ("trigger_removed", f"{rig.stream}.orders.created")
    }
    number = 20
    while readers(rig) != {NAME: "changed"}:
        publish(rig, [number], "changed")
        number += 1
        assert number < 2_000, "the name was not given back"
    publish(rig, range(number, number + 10), "changed")
    fired(rig, range(10, number + 10))
    eventually("both pods are ready", lambda: all(pod.says("readyz") for pod in pods))
    eventually("nothing unread", lambda: rig.unread() == 0)
    besides = beside(NAME, f"{rig.stream}.orders.changed")
    eventually("both say so", lambda: all(NAME in (page := pod.read("")) and besides not in page for pod in pods))


@pytest.mark.promise("A8")
def test_dependencies_that_change_places_keep_what_waits(rig: Rig) -> None:
    """Two dependencies swap their events: each name is taken by the other, and yet nothing is lost.

    If each insisted on the name that follows from its dependency, both would be refused for ever.
    """

    def both(first: str, second: str) -> dict[str, Any]:
        """Write the document with two dependencies, either of which fires."""
        changed = document(rig, first)
        template = changed["spec"]["triggers"][0]["template"]
        changed["spec"]["dependencies"].append({"name": "other", "eventSourceName": "orders", "eventName": second})
        template["conditions"] = "order || other"
        template["k8s"]["parameters"].append(
            {"src": {"dependencyName": "other", "dataKey": "body"}, "dest": template["k8s"]["parameters"][0]["dest"]}
        )
        for parameter in template["k8s"]["parameters"]:
            parameter["src"]["value"] = ""
        return changed

    stop(rig.sensor(both("created", "changed")).start())
    before = readers(rig)
    publish(rig, range(5), "created")
    publish(rig, range(5, 10), "changed")
    rig.sensor(both("changed", "created")).start()
    eventually("10 Workflows", lambda: rig.count() == 10)
    eventually("nothing unread", lambda: rig.unread() == 0)
    assert readers(rig) == before


@pytest.mark.promise("A8")
def test_a_rollout_that_renames_a_dependency_does_not_fight_over_the_consumer(rig: Rig) -> None:
    """Pods of both documents take from the one consumer, under whichever name it has.

    If each gave it the name that its own document says, as often as it looks, they would delete it under each other's hands.
    """
    renamed = rig.document()
    renamed["spec"]["dependencies"][0]["name"] = "renamed"
    renamed["spec"]["triggers"][0]["template"]["k8s"]["parameters"][0]["src"]["dependencyName"] = "renamed"
    old, new = rig.sensor().start(), rig.sensor(renamed).start()
    name = durable("orders", "workflow", "renamed")
    eventually("the old pod has found it", lambda: name in old.read("") and old.says("readyz"))
    made = [(str(c.name), c.created) for c in rig.consumers()]
    assert [each for each, _ in made] == [name]
    for turn in range(5):
        publish(rig, range(turn * 10, turn * 10 + 10), "created")
        fired(rig, range(turn * 10 + 10))
    assert [(str(c.name), c.created) for c in rig.consumers()] == made
    assert sum(pod.total("argosy_sensor_consumer_rebuilds_total") for pod in (old, new)) <= 2


def test_a_go_sensors_consumer_of_another_event_is_left_alone(rig: Rig) -> None:
    """Whoever changes over and changes the event in one step is not stuck behind the consumer that Argo Events left.

    It stays as it is: it may be another sensor's whose name has the same hash.
    """
    rig.make_stream()

    async def made(client: Client) -> None:
        await client.jetstream().add_consumer(
            rig.stream, name=NAME, durable_name=NAME, deliver_policy="new", filter_subject=f"{rig.stream}.orders.created"
        )

    rig.on_bus(made)
    rig.sensor(document(rig, "changed")).start()
    publish(rig, range(3), "changed")
    fired(rig, range(3))
    assert readers(rig)[NAME] == "created"
