"""Joins on a real bus and a real API server: replicas share the state, and kills at any time lose and double nothing."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import random
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from common.cloudevent import dump
from sensor.spec.models import TriggerOptions
from tests.integration.sensor.rig import WORKFLOW, Rig, event, eventually

TWO_VALUES = {
    **WORKFLOW,
    "spec": {**WORKFLOW["spec"], "arguments": {"parameters": [{"name": "order"}, {"name": "bill"}]}},
}


STEER = [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get", "patch"]}]


def document(rig: Rig, *, reset: str = "", **options: Any) -> dict[str, Any]:
    """Write a Sensor that makes a Workflow of each order with its bill."""
    assert TriggerOptions.model_validate(options)
    dependencies = [
        {"name": "order", "eventSourceName": "orders", "eventName": "created"},
        {"name": "bill", "eventSourceName": "orders", "eventName": "billed"},
    ]
    parameters = [
        {"src": {"dependencyName": name, "dataKey": "body"}, "dest": f"spec.arguments.parameters.{place}.value"}
        for place, name in enumerate(("order", "bill"))
    ]
    made = rig.document(k8s={"operation": "create", "source": {"resource": TWO_VALUES}, "parameters": parameters})
    made["spec"]["dependencies"] = dependencies
    (trigger,) = made["spec"]["triggers"]
    trigger["argosy"] = options
    if reset:
        trigger["template"]["conditionsReset"] = [{"byTime": {"cron": reset}}]
    return made


def publish(rig: Rig, subject: str, *numbers: int) -> None:
    """Put orders (`created`) or bills (`billed`) onto the bus."""

    async def work(client: Any) -> None:
        js = client.jetstream()
        for number in numbers:
            made = event(number if subject == "created" else number + 10_000, subject=subject)
            body = f'{{"body":"{subject} {number}"}}'.encode()
            text = dump(replace(made, data=body))
            await js.publish(f"{rig.stream}.orders.{subject}", text, headers={"Nats-Msg-Id": f"{subject}{number}"})

    rig.on_bus(work)


def pairs(rig: Rig) -> list[tuple[str, str]]:
    """Give what each Workflow was made of, in the order of the orders."""
    found = [tuple(p["value"] for p in w["spec"]["arguments"]["parameters"]) for w in rig.workflows()]
    return sorted((order, bill) for order, bill in found)


@pytest.mark.promise("I7")
def test_in_order_pairs_survive_a_restart(rig: Rig) -> None:
    """Ten orders and a bill, a kill, nine more bills: ten Workflows, the first order with the first bill and so on."""
    first = rig.sensor(document(rig, join="inOrder"), SENSOR_ACK_WAIT="3").start()
    publish(rig, "created", *range(10))
    # With so short a patience the bus may give one to a slow pod twice: what counts is that none is left there.
    eventually("the orders wait", lambda: rig.unread() == 0)
    first.counts(10, "argosy_sensor_join_waiting")
    publish(rig, "billed", 0)
    eventually("the first Workflow", lambda: rig.count() == 1)
    first.process.kill()
    second = rig.sensor(document(rig, join="inOrder"), SENSOR_ACK_WAIT="3").start()
    publish(rig, "billed", *range(1, 10))
    eventually("all Workflows", lambda: rig.count() == 10)
    eventually("nothing is left in hand", lambda: rig.unread() == 0, 90)
    assert pairs(rig) == [(f"created {n}", f"billed {n}") for n in range(10)]
    second.counts(0, "argosy_sensor_join_waiting")


@pytest.mark.promise("I7")
def test_the_latest_order_fires_and_the_others_are_counted(rig: Rig) -> None:
    """Without a word in the document a later order takes the place of the one that waits: one Workflow, nine superseded."""
    sensor = rig.sensor(document(rig)).start()
    publish(rig, "created", *range(10))
    eventually("the orders came", lambda: sensor.total("argosy_sensor_join_events_total", fate="superseded") == 9)
    publish(rig, "billed", 0)
    eventually("the Workflow", lambda: rig.count() == 1)
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    assert pairs(rig) == [("created 9", "billed 0")]
    sensor.counts(2, "argosy_sensor_join_events_total", fate="joined")


@pytest.mark.timeout(300)
@pytest.mark.promise("I7", "A2", "B2")
def test_two_replicas_and_kills_lose_and_double_nothing(rig: Rig) -> None:
    """200 orders and 200 bills over two pods that are killed six times: 200 Workflows, each event in exactly one."""
    draw = random.Random(7)
    replicas = [rig.sensor(document(rig, join="inOrder"), SENSOR_ACK_WAIT="3").start() for _ in range(2)]
    for start in range(0, 200, 50):
        publish(rig, "created", *range(start, start + 50))
        publish(rig, "billed", *range(start, start + 50))
        for _ in range(2 if start else 0):
            time.sleep(draw.uniform(0.05, 0.5))
            victim = draw.choice(replicas)
            victim.process.kill()
            victim.start(wait=False)
    eventually("all Workflows", lambda: rig.count() >= 200, 150)
    eventually("nothing is left in hand", lambda: rig.unread() == 0, 60)
    counted = Counter(value for pair in pairs(rig) for value in pair)
    assert counted == Counter([f"{name} {n}" for name in ("created", "billed") for n in range(200)])


@pytest.mark.timeout(240)
@pytest.mark.promise("I7")
def test_a_reset_that_was_missed_is_caught_up(rig: Rig) -> None:
    """Orders from before a time of conditionsReset are let go and counted, and join no later bill, pod or no pod."""
    first = rig.sensor(document(rig)).start()
    publish(rig, "created", 0)
    eventually("the order waits", lambda: first.total("argosy_sensor_outcomes_total", outcome="waiting") == 1)
    first.process.stop()
    publish(rig, "created", 1)
    # The time of the next minute passes while no pod is there; the pods that come find that it has.
    time.sleep(60 - time.time() % 60 + 0.5)
    publish(rig, "billed", 0)
    second = rig.sensor(document(rig, reset="* * * * *")).start()
    eventually("the order that waited is let go", lambda: second.total("argosy_sensor_join_events_total", fate="reset") >= 1)
    eventually("the others come in", lambda: second.total("argosy_sensor_outcomes_total", outcome="waiting") == 2)
    # The order that waited on the bus is of the time before, too.
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    assert rig.count() == 0


@pytest.mark.promise("I7", "A3", "A4")
def test_a_set_that_fails_is_tried_as_often_as_told_over_kills_and_parked_whole(rig: Rig) -> None:
    """Four attempts in all, though the pod is killed after the second; then the order and the bill are parked, once each."""
    rig.kube.client.grant(rig.namespace, "sensor", STEER)
    failing = document(rig)
    nobody = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "nobody"}}
    (trigger,) = failing["spec"]["triggers"]
    del trigger["template"]["k8s"]
    trigger["template"]["argoWorkflow"] = {"operation": "resume", "source": {"resource": nobody}}
    trigger["retryStrategy"] = {"steps": 4, "duration": "3s", "factor": 1}
    first = rig.sensor(failing, SENSOR_ACK_WAIT="3").start()
    publish(rig, "created", 0)
    publish(rig, "billed", 0)
    # Counted when they are stored; the third one is 3 s away.
    first.counts(2, outcome="retried")
    first.process.kill()
    second = rig.sensor(failing, SENSOR_ACK_WAIT="3").start()
    eventually("both are parked", lambda: len(rig.dead()) == 2)
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    assert [(letter["Argosy-Reason"], letter["Argosy-Attempts"]) for letter in rig.dead()] == [("retries_exhausted", "4")] * 2
    assert second.total("argo_events_action_failed_total") == 2
    second.counts(0, "argosy_sensor_join_waiting")


@pytest.mark.promise("I7", "A3")
def test_one_too_many_goes_to_the_dead_letters(rig: Rig) -> None:
    """At `joinLimit` the oldest is parked with its reason; the others still find their bills."""
    rig.sensor(document(rig, join="inOrder", joinLimit=2)).start()
    publish(rig, "created", *range(3))
    eventually("the oldest is parked", lambda: [d["Argosy-Reason"] for d in rig.dead()] == ["join_overflow"])
    publish(rig, "billed", 1, 2)
    eventually("the others fire", lambda: rig.count() == 2)
    assert pairs(rig) == [("created 1", "billed 1"), ("created 2", "billed 2")]


@pytest.mark.timeout(240)
@pytest.mark.promise("I7")
def test_what_waits_at_a_trigger_that_joins_no_more_is_let_go(rig: Rig) -> None:
    """An order waits, then the document asks for orders alone: the order goes to the dead letters, and is not forgotten."""
    first = rig.sensor(document(rig)).start()
    publish(rig, "created", 0)
    eventually("the order waits", lambda: first.total("argosy_sensor_outcomes_total", outcome="waiting") == 1)
    first.process.stop()
    alone = document(rig)
    alone["spec"]["triggers"][0]["template"]["conditions"] = "order"
    # Pods of the older document are given time to leave first: by the grace, and by how long each of them may take.
    rig.sensor(alone, DRAIN_SECONDS="2", SENSOR_TRIGGER_GRACE="3").start()
    eventually("the order is parked", lambda: [d["Argosy-Reason"] for d in rig.dead()] == ["trigger_changed"], 120)
