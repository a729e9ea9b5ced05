"""Dead letters of joins, of dlqTriggers, of changed documents and of event sources, on their way back."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import base64
from dataclasses import replace
from typing import Any

import pytest
from nats.aio.client import Client

from common.cloudevent import dump
from sensor import identity
from tests.integration.sensor.replays import free, letters, listed, parked, settled, take_names, tool
from tests.integration.sensor.rig import WORKFLOW, Rig, event, eventually

ORDER, BILL = event(1), replace(event(2), subject="billed")


def joined(rig: Rig) -> dict[str, Any]:
    """Write a Sensor that makes a Workflow of an order with its bill."""
    document = rig.document()
    document["spec"]["dependencies"].append({"name": "bill", "eventSourceName": "orders", "eventName": "billed"})
    return document


def publish(rig: Rig, *events: Any, again: int = 0) -> None:
    """Put events onto the bus, each on its subject; `again`: as a repetition of this number."""

    async def work(client: Client) -> None:
        js = client.jetstream()
        for each in events:
            headers = {"Nats-Msg-Id": f"{each.subject}.{again}"} | ({"Argosy-Attempt": str(again + 1)} if again else {})
            await js.publish(f"{rig.stream}.orders.{each.subject}", dump(each), headers=headers)

    rig.on_bus(work)


@pytest.mark.promise("I2", "I7")
def test_parked_events_of_a_set_join_again(rig: Rig) -> None:
    """Order and bill that were parked together are replayed one by one and make their Workflow, once; nothing remains.

    Fails if the join knows a replay by the event's own name: the ledger holds that since it was parked.
    """
    sensor = rig.sensor(joined(rig)).start()
    digest = identity.firing(rig.namespace, "orders", "workflow", {"order": ORDER, "bill": BILL})
    name = identity.object_name("order-", digest)
    rig.kube.client.create(rig.path, WORKFLOW | {"metadata": {"name": name}})
    publish(rig, ORDER, BILL)
    parked(rig, 2)
    assert {letter["reason"] for letter in listed(rig)} == {"name_taken"}
    settled(rig)
    for replays in (1, 2):
        if replays == 2:
            free(rig, [name])
        for sequence in [letter["sequence"] for letter in listed(rig)]:
            assert tool(rig, "replay", str(sequence), "--yes")[0] == 0
            settled(rig)
        if replays == 1:
            parked(rig, 2)
            assert [letter["replays"] for letter in listed(rig)] == [1, 1]
    eventually("the Workflow", lambda: rig.values() == ["body 1"])
    assert letters(rig) == 0
    publish(rig, ORDER, BILL, again=1)
    settled(rig)
    eventually("two duplicates", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="duplicate") == 2)
    assert rig.count() == 1


@pytest.mark.promise("I2")
def test_a_replay_gives_the_trigger_its_turn_before_the_dlq_trigger(rig: Rig) -> None:
    """What was parked because the dlqTrigger failed as well is replayed to the trigger itself, with all its attempts.

    Fails if "no attempts left" stays stored when the event is parked: the dlqTrigger would be asked at once.
    """
    document = rig.document()
    (trigger,) = document["spec"]["triggers"]
    missing = {"src": {"dependencyName": "order", "dataKey": "no"}, "dest": "metadata.name"}
    instead = {"operation": "create", "source": {"resource": WORKFLOW}, "parameters": [missing]}
    dlq = {"template": {"name": "instead", "k8s": instead}, "atLeastOnce": True}
    trigger |= {"dlqTrigger": dlq, "atLeastOnce": True}
    sensor = rig.sensor(document).start()
    names = take_names(rig, range(1))
    rig.publish([0])
    parked(rig, 1)
    assert [letter["reason"] for letter in listed(rig)] == ["dlq_failed"]
    free(rig, names)
    assert tool(rig, "replay", "--all", "--yes")[0] == 0
    eventually("the Workflow of the trigger itself", lambda: rig.values() == ["body 0"])
    sensor.counts(1, outcome="fired")


@pytest.mark.promise("I2")
def test_a_replay_that_nobody_wants_any_more_is_parked_and_not_dropped(rig: Rig) -> None:
    """The dependency has left the document: an event from its source would be unmatched and done with, its replay stays."""
    first = rig.sensor().start()
    take_names(rig, range(1))
    rig.publish([0])
    parked(rig, 1)
    first.process.stop()
    document = rig.document()
    document["spec"]["dependencies"] = [{"name": "bill", "eventSourceName": "orders", "eventName": "billed"}]
    (trigger,) = document["spec"]["triggers"]
    trigger["template"]["k8s"]["parameters"] = []
    rig.sensor(document).start()
    assert tool(rig, "replay", "--all", "--yes")[0] == 0
    settled(rig)
    parked(rig, 1)
    assert [letter["reason"] for letter in listed(rig)] == ["trigger_changed"]


@pytest.mark.promise("I2")
def test_what_never_was_an_event_is_refused_with_what_to_do(rig: Rig) -> None:
    """Letters of an event source are listed, shown and purged, but not replayed; the rest of the selection goes back."""
    rig.sensor().start()
    names = take_names(rig, range(1))
    rig.publish([0])
    parked(rig, 1)
    free(rig, names)

    async def poison(client: Client) -> None:
        headers = {
            "Argosy-Namespace": rig.namespace,
            "Argosy-Owner": "src",
            "Argosy-Part": "created",
            "Argosy-Reason": "not_json",
        }
        await client.jetstream().publish(f"argosy.{rig.stream}-deadletters.eventsource.x.created", b"\xff{", headers=headers)

    rig.on_bus(poison)
    code, output = tool(rig, "replay", "--all", "--yes")
    assert code == 1
    assert "1 letter replayed" in output
    assert "send it to the queue again" in output
    eventually("the Workflow", lambda: rig.values() == ["body 0"])
    (letter,) = listed(rig, "--eventsource", "src")
    assert (letter["eventSource"], letter["event"], letter["reason"]) == ("src", "created", "not_json")
    _, shown = tool(rig, "show", str(letter["sequence"]))
    assert base64.b64encode(b"\xff{").decode() in shown
    assert tool(rig, "purge", "--eventsource", "src", "--yes")[0] == 0
    assert letters(rig) == 0


@pytest.mark.promise("I2")
def test_a_trigger_that_nobody_has_gets_no_replays(rig: Rig) -> None:
    """A letter of a trigger that no sensor has stays where it is, with the reason, instead of waiting for nobody."""
    rig.sensor().start()

    async def park(client: Client) -> None:
        headers = {
            "Argosy-Namespace": rig.namespace,
            "Argosy-Owner": "orders",
            "Argosy-Part": "old",
            "Argosy-Reason": "rejected",
        }
        await client.jetstream().publish(f"argosy.{rig.stream}-deadletters.sensor.x.old", dump(event(0)), headers=headers)

    rig.on_bus(park)
    code, output = tool(rig, "replay", "--trigger", "old", "--yes")
    assert code == 1
    assert "which has not run here for a day" in output
    assert letters(rig) == 1
