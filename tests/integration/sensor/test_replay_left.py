"""Replays whose trigger leaves the document on their way: back in the dead letters, whole, and nothing stays on the bus."""

from typing import Any

import pytest
from nats.aio.client import Client

from common.cloudevent import dump
from common.deadletters import letter, replay
from common.subjects import Names, replayer
from tests.integration.sensor.replays import listed, parked, stored, take_names, tool, with_triggers
from tests.integration.sensor.rig import Rig, event, eventually

GRACE = "3"


def ways(rig: Rig) -> list[str]:
    """Give the consumers of replays."""
    found = rig.on_bus(lambda client: client.jetstream().consumers_info(f"{rig.stream}-replays"))
    return sorted(str(consumer.name) for consumer in found)


def way(rig: Rig, trigger: str) -> str:
    """Name the consumer of one trigger's replays."""
    return replayer(f"{rig.namespace}/orders", trigger)


def both(rig: Rig) -> dict[str, Any]:
    """Write a document with two triggers."""
    return with_triggers(rig.document(), "workflow", "leaves")


@pytest.mark.promise("A8", "I2")
def test_replays_of_a_trigger_that_left_come_back_whole(rig: Rig) -> None:
    """They were sent while no pod ran, and then the trigger is gone: the same bytes and headers, and a count of the replays.

    Without the giving back (`give_back` in `retire`) they wait for ever on a way that nobody goes any more.
    """
    first = rig.sensor(both(rig), SENSOR_TRIGGER_GRACE=GRACE).start()
    take_names(rig, range(5), trigger="leaves")
    rig.publish(range(5))
    parked(rig, 5)
    before = listed(rig)
    assert first.process.stop() == 0
    assert tool(rig, "replay", "--trigger", "leaves", "--yes")[0] == 0
    assert (stored(rig, "replays"), stored(rig, "deadletters")) == (5, 0)
    rig.sensor(SENSOR_TRIGGER_GRACE=GRACE).start()
    parked(rig, 5)
    eventually("the way back is gone", lambda: ways(rig) == [way(rig, "workflow")])
    assert stored(rig, "replays") == 0
    after = listed(rig)
    assert {(each["reason"], each["trigger"], each["replays"]) for each in after} == {("trigger_removed", "leaves", 1)}
    assert sorted(each["bus"]["sequence"] for each in after) == sorted(each["bus"]["sequence"] for each in before)
    assert {each["bus"]["subject"] for each in after} == {f"{rig.stream}.orders.created"}
    bodies = rig.on_bus(lambda client: _bodies(client, f"{rig.stream}-deadletters"))
    assert sorted(bodies) == sorted(dump(event(number)) for number in range(5))


@pytest.mark.promise("A8", "I2")
def test_who_sends_back_a_moment_too_late_loses_nothing(rig: Rig) -> None:
    """A replay that is stored after its trigger was seen to comes back as well, from a trigger of any name.

    Without the look for such replays (`stranded`) it stays where nobody looks.
    """
    rig.sensor(SENSOR_TRIGGER_GRACE=GRACE).start()

    async def late(client: Client) -> None:
        kept = letter.DeadLetter(
            "sensor", rig.namespace, "orders", "was here = once", "rejected", "no", "7/x", dump(event(7)), "", "",
            subject=f"{rig.stream}.orders.created", sequence=7, headers={"Argosy-Attempt": "2"},
        )  # fmt: skip
        subject = Names(rig.stream, rig.stream).replay(f"{rig.namespace}/orders", "was here = once")
        await client.jetstream().publish(subject, kept.body, headers=replay.write(kept))

    rig.on_bus(late)
    parked(rig, 1)
    [found] = listed(rig)
    assert (found["reason"], found["trigger"], found["bus"]["sequence"]) == ("trigger_removed", "was here = once", 7)
    assert rig.dead()[-1]["Argosy-Attempt"] == "2"
    eventually("nothing waits", lambda: stored(rig, "replays") == 0)
    eventually("the way back is gone", lambda: ways(rig) == [way(rig, "workflow")])


async def _bodies(client: Client, stream: str) -> list[bytes]:
    js = client.jetstream()
    state = (await js.stream_info(stream)).state
    return [(await js.get_msg(stream, seq)).data or b"" for seq in range(state.first_seq, state.last_seq + 1)]
