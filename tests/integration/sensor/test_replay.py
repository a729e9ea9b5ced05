"""Dead letters go back to exactly the trigger that parked them, and what was done is not done twice."""

import time

import pytest
from nats.aio.client import Client

from tests.integration.sensor.replays import free, letters, listed, parked, settled, take_names, tool, with_triggers
from tests.integration.sensor.rig import Rig, Sensor, eventually


def balanced(sensor: Sensor) -> None:
    """See that everything received has one outcome, the replays among it."""
    received = sensor.total("argosy_sensor_messages_received_total")
    assert received > 0
    sensor.counts(received)


@pytest.mark.promise("I2", "H1")
def test_a_mended_cause_and_a_replay_make_the_workflow_once(rig: Rig) -> None:
    """A dry run changes nothing, a replay makes the Workflow, and replaying again finds nothing left to do.

    Fails without the deletion of replayed letters, and without the consumer of replays.
    """
    sensor = rig.sensor().start()
    names = take_names(rig, range(1))
    rig.publish([0])
    parked(rig, 1)
    assert [letter["reason"] for letter in listed(rig)] == ["name_taken"]
    free(rig, names)
    assert tool(rig, "replay", "--sensor", "orders", "--dry-run")[0] == 0
    time.sleep(1)
    assert (rig.count(), letters(rig)) == (0, 1)
    code, output = tool(rig, "replay", "--sensor", "orders", answer="y\n")
    assert (code, "1 letter replayed" in output) == (0, True), output
    eventually("the Workflow", lambda: rig.values() == ["body 0"])
    assert letters(rig) == 0
    assert tool(rig, "replay", "--all", "--yes")[0] == 1
    settled(rig)
    assert rig.count() == 1
    balanced(sensor)
    assert sensor.total("argosy_sensor_outcomes_total", outcome="fired") == 1


@pytest.mark.promise("I2")
def test_what_fails_again_is_another_letter(rig: Rig) -> None:
    """A replay before anything was mended parks again within the bus' memory of the first letter, and can be replayed again.

    Fails if the letter of a replay has the identity of the one before it: the bus takes it for a duplicate, and it is lost.
    """
    rig.sensor().start()
    names = take_names(rig, range(1))
    rig.publish([0])
    parked(rig, 1)
    for times in (1, 2):
        assert tool(rig, "replay", "--all", "--yes")[0] == 0
        settled(rig)
        parked(rig, 1)
        assert [letter["replays"] for letter in listed(rig)] == [times]
    free(rig, names)
    assert tool(rig, "replay", "--all", "--yes")[0] == 0
    eventually("the Workflow", lambda: rig.values() == ["body 0"])
    assert letters(rig) == 0


@pytest.mark.promise("I2", "B3")
def test_a_letter_that_was_done_meanwhile_is_not_done_again(rig: Rig) -> None:
    """The same letter sent back twice, as after a crash of the tool, fires once, though the Workflow is gone the second time.

    Fails if a replay does not look into the ledger before it fires.
    """
    sensor = rig.sensor().start()
    names = take_names(rig, range(1))
    rig.publish([0])
    parked(rig, 1)

    async def copy(client: Client) -> None:
        js = client.jetstream()
        kept = await js.get_msg(f"{rig.stream}-deadletters", seq=1)
        headers = {**(kept.headers or {}), "Nats-Msg-Id": "an old letter of the same event"}
        await js.publish(str(kept.subject), kept.data or b"", headers=headers)

    rig.on_bus(copy)
    free(rig, names)
    assert tool(rig, "replay", "1", "--yes")[0] == 0
    eventually("the Workflow", lambda: rig.values() == ["body 0"])
    free(rig, names)
    assert tool(rig, "replay", "2", "--yes")[0] == 0
    settled(rig)
    eventually("a duplicate", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="duplicate") == 1)
    assert (rig.count(), letters(rig)) == (0, 0)
    balanced(sensor)


@pytest.mark.promise("I2")
def test_siblings_do_nothing_even_when_nobody_remembers(rig: Rig) -> None:
    """After the Workflows and the ledger are gone a replay fires the trigger that parked, and no sibling in any sensor.

    Fails if the event goes back to its source's subject.
    """
    other = rig.document()
    other["metadata"]["name"] = "others"
    sensors = [rig.sensor(with_triggers(rig.document(), "workflow", "sibling")).start(), rig.sensor(other).start()]
    names = take_names(rig, range(1))
    rig.publish([0])
    parked(rig, 1)
    # And until all of it is in the ledger: what comes after the purge would be remembered.
    rig.at_rest(3)
    free(rig, [workflow["metadata"]["name"] for workflow in rig.workflows()])

    async def forget(client: Client) -> None:
        await client.jetstream().purge_stream(f"{rig.stream}-ledger")

    rig.on_bus(forget)
    before = [sensor.total("argosy_sensor_messages_received_total") for sensor in sensors]
    assert tool(rig, "replay", "--trigger", "workflow", "--yes")[0] == 0
    settled(rig)
    eventually("the trigger's own Workflow", lambda: [w["metadata"]["name"] for w in rig.workflows()] == names)
    after = [sensor.total("argosy_sensor_messages_received_total") for sensor in sensors]
    assert [later - earlier for earlier, later in zip(before, after, strict=True)] == [1, 0]


@pytest.mark.promise("I2", "B1")
def test_a_sensor_killed_among_200_replays_fires_each_once(rig: Rig) -> None:
    """Replays in hand come again to the next pod, which looks before it fires: 200 Workflows, none missing or doubled.

    Fails if a replay is acked before it is done.
    """
    document = rig.document()
    taken = document["spec"]["triggers"][0]["template"]["k8s"]["parameters"][0]
    document["spec"]["triggers"][0]["template"]["k8s"]["parameters"] = [taken | {"src": taken["src"] | {"dataKey": "body.no"}}]
    broken = rig.sensor(document, SENSOR_ACK_WAIT="3").start()
    rig.publish(range(200))
    parked(rig, 200)
    assert broken.process.stop() == 0
    # So few at a time that there is a middle, however late it is looked for.
    mended = rig.sensor(SENSOR_ACK_WAIT="3", SENSOR_IN_FLIGHT="2").start()
    assert tool(rig, "replay", "--reason", "parameter", "--yes")[0] == 0
    eventually("some Workflows", lambda: rig.count() > 20)
    mended.process.kill()
    assert rig.count() < 200
    last = rig.sensor(SENSOR_ACK_WAIT="3").start()
    eventually("all Workflows", lambda: rig.count() >= 200, 60)
    settled(rig)
    assert rig.values() == sorted(f"body {number}" for number in range(200))
    assert last.total("argosy_sensor_redeliveries_total") > 0
    assert letters(rig) == 0
    balanced(last)
