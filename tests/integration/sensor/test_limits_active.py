"""`maxActive` on real servers: how many Workflows are unfinished, over all replicas, at any moment."""

import copy
import itertools
import json
from typing import Any

import pytest
from nats.aio.client import Client

from sensor.limits import slots
from tests.integration.sensor.controller import FAILED, Controller
from tests.integration.sensor.rig import WORKFLOW, Rig, eventually

RULES = [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get", "list", "watch"]}]


def capped(rig: Rig, most: int) -> dict[str, Any]:
    """Write a sensor with a cap, and allow its account what that takes."""
    rig.kube.client.grant(rig.namespace, "sensor", RULES)
    document = rig.document()
    document["spec"]["triggers"][0]["argosy"] = {"maxActive": most}
    return document


def written(rig: Rig) -> list[int]:
    """Give what is written of each slot on the bus."""
    bucket = f"{rig.stream}-limits"

    async def last(client: Client) -> dict[str, int]:
        found = await client.jetstream().get_last_msg(f"KV_{bucket}", f"$KV.{bucket}.slots.>")
        return dict(json.loads(found.data or b"{}"))

    return list(rig.on_bus(last).values())


@pytest.mark.promise("D1")
def test_no_more_are_unfinished_than_allowed_over_three_replicas_and_a_kill(rig: Rig) -> None:
    """60 events, at most 5 at a time, one of three replicas killed in between: never 6, and all are made and finished.

    Let `Slots.slot` take none (yield at once) to see it fail.
    """
    document = capped(rig, 5)
    sensors = [rig.sensor(document, SENSOR_ACK_WAIT="3").start() for _ in range(3)]
    with Controller(rig, 0.4).at_work() as controller:
        rig.publish(range(60))
        eventually("a third", lambda: controller.created >= 20)
        sensors[0].process.kill()
        assert sensors[1].total("argosy_sensor_max_active") == 5
        eventually("all Workflows", lambda: controller.created >= 60, 60)
        eventually("none unfinished", lambda: controller.unfinished == 0)
        assert controller.created == 60
        assert controller.most == 5
        eventually("all slots free", lambda: sensors[1].total("argosy_sensor_active") == 0)
    eventually("nothing in hand", lambda: rig.unread() == 0)
    assert rig.dead() == []


@pytest.mark.promise("D1")
def test_what_was_there_before_counts(rig: Rig) -> None:
    """Workflows of the trigger that were made before it had a cap take slots; what waits for one stays on the bus."""
    document = capped(rig, 2)
    free = copy.deepcopy(document)
    del free["spec"]["triggers"][0]["argosy"]
    first = rig.sensor(free).start()
    rig.publish(range(3))
    rig.at_rest(3)
    first.process.stop()
    second = rig.sensor(document).start()
    rig.publish(range(3, 6))
    eventually("the cap", lambda: "maxActive: 3 of 2 are unfinished" in second.read(""))
    assert rig.count() == 3
    assert second.total("argosy_sensor_messages_in_flight") == 0
    names = [w["metadata"]["name"] for w in rig.workflows()]
    rig.kube.client.patch(f"{rig.path}/{names[0]}", FAILED)
    rig.kube.client.delete(f"{rig.path}/{names[1]}")
    eventually("one more", lambda: rig.count() == 3)
    rig.kube.client.delete(f"{rig.path}/{names[2]}")
    eventually("one more", lambda: rig.count() == 3)


@pytest.mark.promise("D1")
def test_a_create_that_is_refused_gives_its_slot_back(rig: Rig) -> None:
    """Objects that the server finds invalid are parked, and hold up nobody behind them."""
    document = capped(rig, 1)
    broken = copy.deepcopy(WORKFLOW) | {"metadata": {"generateName": "order-", "labels": {"a": "not a label!"}}}
    document["spec"]["triggers"][0]["template"]["k8s"]["source"]["resource"] = broken
    rig.sensor(document).start()
    rig.publish(range(10))
    eventually("ten dead letters", lambda: len(rig.dead()) == 10)
    assert rig.count() == 0


@pytest.mark.promise("D1")
def test_a_slot_whose_object_is_gone_unseen_is_freed(rig: Rig) -> None:
    """All replicas were away when the Workflows ended: the first list tells, and the rest goes on."""
    document = capped(rig, 2)
    first = rig.sensor(document, SENSOR_ACK_WAIT="3").start()
    rig.publish(range(6))
    eventually("two Workflows", lambda: rig.count() == 2)
    # A slot without an object that anybody saw is kept for a minute.
    eventually("the watch has seen them", lambda: written(rig) == [slots._MADE] * 2)
    first.process.kill()
    rig.kube.client.delete(rig.path)
    rig.sensor(document, SENSOR_ACK_WAIT="3").start()
    seen: set[str] = set()
    for _ in itertools.repeat(None, 2):
        eventually("two more", lambda: rig.count() == 2)
        seen |= {w["metadata"]["name"] for w in rig.workflows()}
        rig.kube.client.delete(rig.path)
    assert len(seen) == 4
