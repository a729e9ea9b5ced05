"""Whose consumer it is: made, taken over from Argo Events, kept when names change, refused when it is somebody else's."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

from typing import Any

import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, DeliverPolicy

from common.subjects import durable
from tests.integration.sensor.rig import Rig, eventually

NAME = durable("orders", "workflow", "order")


def make(rig: Rig, **over: Any) -> None:
    """Make the consumer as Argo Events does, or otherwise."""
    config: dict[str, Any] = {
        "name": NAME,
        "durable_name": NAME,
        "deliver_policy": DeliverPolicy.NEW,
        "filter_subject": f"{rig.stream}.orders.created",
    }

    async def work(client: Client) -> None:
        await client.jetstream().add_consumer(rig.stream, ConsumerConfig(**config | over))

    rig.on_bus(work)


def test_it_has_the_settings_of_the_law(rig: Rig) -> None:
    """No limit that would block others or hide an event, and a mark of whose it is."""
    rig.sensor().start()
    config = rig.consumers()[0].config
    assert (config.max_deliver, config.max_ack_pending, config.ack_wait) == (-1, -1, 60)
    assert not config.backoff
    assert config.metadata["argosy.io/owner"] == f"{rig.namespace}/orders/workflow"


def test_a_consumer_of_argo_events_is_taken_over_where_it_stands(rig: Rig) -> None:
    """A user who changes over loses no event that the Go sensor had not read, and gets none twice."""
    rig.make_stream()
    rig.publish(range(3))
    make(rig)
    rig.publish(range(3, 6))
    rig.sensor().start()
    eventually("3 Workflows", lambda: rig.count() == 3)
    assert rig.values() == ["body 3", "body 4", "body 5"]
    config = rig.consumers()[0].config
    assert (config.max_deliver, config.max_ack_pending, config.ack_wait) == (-1, -1, 60)
    assert len(rig.consumers()) == 1


def test_a_new_trigger_on_a_foreign_stream_starts_at_the_next_event(rig: Rig) -> None:
    """As in Argo Events: what its stream kept for others is not fired again by us."""
    rig.make_stream()
    rig.publish(range(3))
    rig.sensor().start()
    rig.publish(range(3, 6))
    eventually("3 Workflows", lambda: rig.count() == 3)
    assert rig.values() == ["body 3", "body 4", "body 5"]


def test_a_consumer_of_somebody_else_is_refused(rig: Rig) -> None:
    """Two triggers whose names meet in one consumer would steal each other's events: the second one says so instead."""
    rig.make_stream()
    make(rig, metadata={"argosy.io/owner": "other/sensor/trigger"})
    sensor = rig.sensor().start(wait=False)
    eventually("ready says why", lambda: NAME in sensor.read("readyz"))
    assert sensor.says("livez")


@pytest.mark.promise("A8")
def test_a_renamed_dependency_keeps_its_place(rig: Rig) -> None:
    """The consumer's name follows from the dependency's; the new one goes on where the old one stood, and that one goes."""
    first = rig.sensor().start()
    rig.publish(range(5))
    eventually("5 Workflows", lambda: rig.count() == 5)
    first.process.stop()
    rig.publish(range(5, 10))
    document = rig.document()
    document["spec"]["dependencies"][0]["name"] = "renamed"
    document["spec"]["triggers"][0]["template"]["k8s"]["parameters"][0]["src"]["dependencyName"] = "renamed"
    rig.sensor(document).start()
    eventually("10 Workflows", lambda: rig.count() == 10)
    assert [c.name for c in rig.consumers()] == [durable("orders", "workflow", "renamed")]
    assert rig.values() == sorted(f"body {n}" for n in range(10))


def test_start_from_says_where_a_new_trigger_starts(rig: Rig) -> None:
    """A second trigger of a subject starts at the next event, unless it asks for the oldest one."""
    first = rig.sensor().start()
    rig.publish(range(3))
    eventually("3 Workflows", lambda: rig.count() == 3)
    first.process.stop()
    document = rig.document()
    triggers = document["spec"]["triggers"]
    for name, start in (("next", None), ("oldest", "oldest")):
        template = {**triggers[0]["template"], "name": name}
        triggers.append({"template": template, "argosy": {"startFrom": start} if start else None})
    rig.sensor(document).start()
    rig.publish([3])
    eventually("9 Workflows", lambda: rig.count() == 9)
    made = [w["metadata"]["labels"]["events.argoproj.io/trigger"] for w in rig.workflows()]
    assert (made.count("next"), made.count("oldest"), made.count("workflow")) == (1, 4, 4)
