"""What can never succeed is parked whole, with its reason; what may, is tried as often as the document says."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import time
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js.api import StreamConfig

from sensor import identity
from tests.integration.sensor.rig import WORKFLOW, Rig, event, eventually


def put(rig: Rig, body: bytes) -> None:
    """Publish bytes that are no event."""

    async def work(client: Client) -> None:
        await client.jetstream().publish(f"{rig.stream}.orders.created", body, headers={"Custom": "kept"})

    rig.on_bus(work)


def name_of(rig: Rig, number: int) -> str:
    """Give the name that the Workflow of an event gets."""
    digest = identity.firing(rig.namespace, "orders", "workflow", {"order": event(number)})
    return identity.object_name("order-", digest)


def foreign(rig: Rig, number: int, **metadata: Any) -> None:
    """Make somebody else's Workflow under the name that an event's would get."""
    rig.kube.client.create(rig.path, WORKFLOW | {"metadata": {"name": name_of(rig, number)} | metadata})


@pytest.mark.promise("A5")
def test_a_poison_among_good_events_is_parked_alone(rig: Rig) -> None:
    """An unreadable message and one without the wanted key are parked once each; their neighbours are not held up."""
    sensor = rig.sensor().start()
    put(rig, b"not json")
    rig.publish([1], data=b'{"no": "body"}')
    rig.publish(range(2, 20))
    eventually("18 Workflows", lambda: rig.count() == 18)
    eventually("two dead letters", lambda: len(rig.dead()) == 2)
    reasons = {letter["Argosy-Reason"]: letter for letter in rig.dead()}
    assert set(reasons) == {"unreadable", "parameter"}
    assert reasons["unreadable"]["Custom"] == "kept"
    assert reasons["unreadable"]["Argosy-Owner"] == "orders"
    assert reasons["unreadable"]["Argosy-Part"] == "workflow"
    assert "body" in reasons["parameter"]["Argosy-Detail"]
    sensor.counts(1, "argosy_sensor_dead_letters_total", reason="parameter")
    eventually("nothing unread", lambda: rig.unread() == 0)


@pytest.mark.promise("B2")
def test_a_name_that_somebody_else_took_is_not_a_success(rig: Rig) -> None:
    """AlreadyExists by somebody else's object parks the event; ours would have been a success."""
    foreign(rig, 1)
    rig.sensor().start()
    rig.publish(range(3))
    eventually("a dead letter", lambda: len(rig.dead()) == 1)
    assert rig.dead()[0]["Argosy-Reason"] == "name_taken"
    eventually("2 Workflows beside it", lambda: rig.count() == 3)


@pytest.mark.promise("A4")
def test_attempts_are_counted_over_restarts(rig: Rig) -> None:
    """`retryStrategy` always works: three attempts, with a restart in between, then parked with their times."""
    foreign(rig, 1, finalizers=["test.argosy.io/hold"])
    rig.kube.client.delete(f"{rig.path}/{name_of(rig, 1)}")
    document = rig.document()
    document["spec"]["triggers"][0]["retryStrategy"] = {"steps": 3, "duration": "2s", "factor": 1, "jitter": 0}
    first = rig.sensor(document).start()
    rig.publish([1])
    eventually("a first attempt", lambda: first.total("argosy_sensor_outcomes_total", outcome="retried") >= 1)
    assert first.process.stop() == 0
    rig.sensor(document).start()
    eventually("a dead letter", lambda: len(rig.dead()) == 1)
    letter = rig.dead()[0]
    assert letter["Argosy-Reason"] == "retries_exhausted"
    assert letter["Argosy-Attempts"] == "3"
    assert letter["Argosy-First"] < letter["Argosy-Last"]


def test_an_attempt_that_helps_ends_well(rig: Rig) -> None:
    """A name that is free again at a later attempt makes the Workflow."""
    foreign(rig, 1, finalizers=["test.argosy.io/hold"])
    rig.kube.client.delete(f"{rig.path}/{name_of(rig, 1)}")
    sensor = rig.sensor().start()
    rig.publish([1])
    eventually("an attempt", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="retried") >= 1)
    rig.kube.client.patch(f"{rig.path}/{name_of(rig, 1)}", {"metadata": {"finalizers": []}})
    eventually("the Workflow", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="fired") == 1)
    assert rig.values() == ["body 1"]
    assert rig.dead() == []


@pytest.mark.promise("A3")
def test_what_cannot_be_parked_stays_on_the_bus(rig: Rig) -> None:
    """With the dead letters full nothing is acked away; when there is room it is parked."""
    sensor = rig.sensor().start()

    async def shut(client: Client, *, limit: int) -> None:
        js = client.jetstream()
        config = (await js.stream_info(f"{rig.stream}-deadletters")).config
        await js.update_stream(StreamConfig(**{**vars(config), "max_msgs": limit}))

    async def full(client: Client) -> None:
        await shut(client, limit=1)
        await client.jetstream().publish(f"argosy.{rig.stream}-deadletters.x.y.z", b"full")

    async def room(client: Client) -> None:
        await shut(client, limit=-1)

    rig.on_bus(full)
    put(rig, b"not json")
    eventually("it is tried again", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="retried") >= 2)
    assert rig.unread() == 1
    rig.on_bus(room)
    eventually("it is parked", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="parked") == 1)
    eventually("nothing unread", lambda: rig.unread() == 0)


@pytest.mark.promise("E4")
def test_what_the_api_cannot_take_is_parked(rig: Rig) -> None:
    """A body beyond etcd's limit is about this event alone."""
    rig.sensor().start()
    rig.publish([1], data=b'{"body": "' + b"x" * 3_000_000 + b'"}')
    rig.publish([2])
    eventually("a dead letter", lambda: len(rig.dead()) == 1)
    assert rig.dead()[0]["Argosy-Reason"] == "too_large"
    eventually("the other Workflow", lambda: rig.count() == 1)


def test_an_event_that_kills_its_pods_is_parked(rig: Rig) -> None:
    """Delivered 50 times and never settled: the next pod parks it instead of trying."""

    async def take(client: Client) -> None:
        js = client.jetstream()
        name = (await js.consumers_info(rig.stream))[0].name
        subscription = await js.pull_subscribe_bind(name, rig.stream)
        for _ in range(50):
            message = (await subscription.fetch(1, timeout=5))[0]
            await message.nak()

    sensor = rig.sensor().start()
    sensor.process.stop()
    rig.publish([1])
    rig.on_bus(take)
    rig.sensor().start()
    eventually("a dead letter", lambda: len(rig.dead()) == 1)
    assert rig.dead()[0]["Argosy-Reason"] == "process_killer"
    time.sleep(0.2)
    assert rig.count() == 0
