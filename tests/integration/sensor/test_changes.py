"""A changed document: what waits keeps its place, what left gives its events away, who holds back is named (A8)."""

import asyncio
import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig, drain
from common.bus.register import Register, Wanted
from common.bus.streams import prepare_deadletters, prepare_events
from common.health import Condition
from common.subjects import Names, durable
from sensor import upkeep
from tests.integration.common.live import ended
from tests.integration.sensor.rig import Rig, Sensor, eventually

WAITING = 500
GRACE = "3"


def spoken_for(document: dict[str, Any], *names: str, namespace: str = "") -> dict[str, Any]:
    """Add copies of the only trigger, in a namespace where it may not create if one is given."""
    document = copy.deepcopy(document)
    for name in names:
        trigger = copy.deepcopy(document["spec"]["triggers"][0])
        trigger["template"]["name"] = name
        if namespace:
            resource = trigger["template"]["k8s"]["source"]["resource"]
            resource["metadata"] = {"generateName": "order-", "namespace": namespace}
        document["spec"]["triggers"].append(trigger)
    return document


def odd(document: dict[str, Any]) -> None:
    """Let only every second event pass."""
    data = [{"path": "body", "type": "string", "comparator": "=", "value": ["body [0-9]*[13579]$"]}]
    document["spec"]["dependencies"][0]["filters"] = {"data": data}


def label(document: dict[str, Any]) -> None:
    """Give each Workflow a label more."""
    document["spec"]["triggers"][0]["template"]["k8s"]["source"]["resource"]["metadata"]["labels"] = {"edited": "yes"}


def limit(document: dict[str, Any]) -> None:
    """Slow it down to what a second may take."""
    document["spec"]["triggers"][0]["rateLimit"] = {"unit": "Second", "requestsPerUnit": 400}


def everything(document: dict[str, Any]) -> None:
    """Change filter, template and limit at once."""
    odd(document)
    label(document)
    limit(document)


@pytest.mark.promise("A8")
@pytest.mark.parametrize(
    ("edit", "pods", "kept"),
    [(everything, 1, lambda n: n % 2 == 1), (label, 3, lambda _: True)],
    ids=["filter-template-limit", "replicas"],
)
def test_what_waits_keeps_its_place(
    rig: Rig, edit: Callable[[dict[str, Any]], None], pods: int, kept: Callable[[int], bool]
) -> None:
    """500 events wait, the document is edited, pods start: those that match fire, none twice, and none before them again.

    The place is kept by the consumer's name, and where that changes by its predecessor, the register and the ledger.
    """
    first = rig.sensor().start()
    rig.publish(range(10))
    eventually("10 Workflows", lambda: rig.count() == 10)
    first.process.stop()
    rig.publish(range(10, 10 + WAITING))
    document = copy.deepcopy(rig.document())
    edit(document)
    for _ in range(pods):
        rig.sensor(document).start()
    wanted = [n for n in range(10 + WAITING) if n < 10 or kept(n)]
    eventually("the Workflows of what waited", lambda: rig.count() == len(wanted), 60)
    eventually("nothing unread", lambda: rig.unread() == 0)
    assert rig.values() == sorted(f"body {n}" for n in wanted)
    edited = [w for w in rig.workflows() if w["metadata"].get("labels", {}).get("edited")]
    assert len(edited) == len(wanted) - 10


def _consumers(rig: Rig) -> list[Any]:
    """Give the consumers of a stream that may not be there yet."""
    try:
        return rig.consumers()
    except NotFoundError:
        return []


def _held(sensor: Sensor, trigger: str) -> float:
    return sensor.total("argosy_sensor_subject_held_events", trigger_name=trigger)


@pytest.mark.promise("A8")
def test_a_trigger_that_left_gives_its_events_to_the_dead_letters(rig: Rig) -> None:
    """While it is there it is named as the one that holds back; once it left, its events are parked and it leaves the bus.

    Without the retiring the subject is held for ever; without the letters the events are lost: both fail here.
    """
    document = spoken_for(rig.document(), "stuck", namespace="elsewhere")
    first = rig.sensor(document, SENSOR_TRIGGER_GRACE=GRACE).start(wait=False)
    eventually("a stream", lambda: len(_consumers(rig)) == 2)
    rig.publish(range(20))
    eventually("20 Workflows", lambda: rig.count() == 20)
    eventually("who holds back is told", lambda: _held(first, "stuck") == 20)
    assert _held(first, "workflow") == 0
    assert first.total("argosy_sensor_subject_held_seconds", trigger_name="stuck") > 0
    eventually("the page tells", lambda: re.search(f"20 events, .* for {rig.namespace}/orders/stuck", first.read("")))
    first.process.stop()
    second = rig.sensor(SENSOR_TRIGGER_GRACE=GRACE).start()
    eventually("20 dead letters", lambda: len(rig.dead()) == 20)
    assert {(d["Argosy-Reason"], d["Argosy-Part"]) for d in rig.dead()} == {("trigger_removed", "stuck")}
    eventually("one consumer", lambda: [c.name for c in rig.consumers()] == [durable("orders", "workflow", "order")])
    eventually("nobody holds back", lambda: _held(second, "stuck") == 0)
    # Each pod sees to that every 30 s.
    eventually("a subject let go of", lambda: rig.on_bus(lambda client: _stored(client, rig.stream)) == 0, 90)
    assert second.total("argosy_sensor_dead_letters_total", reason="trigger_removed", trigger_name="stuck") == 20
    rig.publish(range(20, 25))
    eventually("25 Workflows", lambda: rig.count() == 25)
    assert rig.values() == sorted(f"body {n}" for n in range(25))


@pytest.mark.promise("A8")
async def test_a_trigger_of_a_pod_that_still_works_is_left_alone(
    nats_server: NatsServer, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rollout that does not come to its end: while a pod of the old document speaks for its trigger, nobody takes it away.

    Without the word that each pod renews (`Register.keep`) this fails: its events would be parked under its hands.
    """
    monkeypatch.setattr(upkeep, "INTERVAL", 0.2)
    monkeypatch.setattr(drain, "FETCH_TIMEOUT", 0.3)
    both = [Wanted(name, f"{stream}.a.b", f"group-{name}") for name in ("kept", "gone")]

    async def prepare(bus: Bus) -> None:
        await prepare_events(bus.jetstream, bus.names, bus.config)
        await prepare_deadletters(bus.jetstream, bus.names, bus.config)

    async def registered() -> set[str]:
        return {entry.trigger for entry in await Register(bus).entries()}

    bus = Bus(
        BusConfig(servers=(nats_server.url,)),
        Names(stream, stream),
        title="test",
        prepare=prepare,
        condition=Condition("bus", "-"),
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bus.run())
        await bus.wait_connected()
        old, new = (upkeep.Upkeep(bus, "ns", "orders", wanted, grace=5.0) for wanted in (both, both[:1]))
        for pod in (old, new):
            await pod.prepare(foreign=False)
        await bus.publish(f"{stream}.a.b", b"x")
        of_old, of_new = tasks.create_task(old.run()), tasks.create_task(new.run())
        await asyncio.sleep(8)
        assert await registered() == {"kept", "gone"}
        await ended(of_old)
        async with asyncio.timeout(60):
            while await registered() != {"kept"}:  # noqa: ASYNC110 - what is waited for is on the bus
                await asyncio.sleep(0.1)
        assert (await bus.jetstream.stream_info(bus.names.deadletters)).state.messages == 1
        await ended(of_new, running)


async def _stored(client: Client, stream: str) -> int:
    return int((await client.jetstream().stream_info(stream)).state.messages)


@pytest.mark.promise("C4", "C3")
def test_a_trigger_whose_consumer_is_taken_fails_alone_and_recovers(rig: Rig) -> None:
    """It says whose the consumer is, its sibling flows, and it works as soon as the name is free.

    Without the new try after a refusal (the loop of `Consumer`) it would not come back.
    """
    taken = durable("orders", "second", "order")
    rig.make_stream()

    async def take(client: Client) -> None:
        await client.jetstream().add_consumer(
            rig.stream, name=taken, durable_name=taken, filter_subject=f"{rig.stream}.orders.created",
            metadata={"argosy.io/owner": "other/sensor/trigger"},
        )  # fmt: skip

    rig.on_bus(take)
    sensor = rig.sensor(spoken_for(rig.document(), "second")).start(wait=False)
    eventually("the reason", lambda: f"consumer {taken} belongs to other/sensor/trigger" in sensor.read("readyz"))
    eventually("the sibling's consumer", lambda: len(rig.consumers()) == 2)
    rig.publish(range(10))
    eventually("10 Workflows", lambda: rig.count() == 10)
    assert sensor.total("argosy_condition_failing", condition=f"consumer second {rig.stream}.orders.created") == 1
    rig.on_bus(lambda client: client.jetstream().delete_consumer(rig.stream, taken))
    eventually("ready", lambda: sensor.says("readyz"), 30)
    eventually("20 Workflows", lambda: rig.count() == 20)
    rig.publish(range(10, 12))
    eventually("24 Workflows", lambda: rig.count() == 24)
