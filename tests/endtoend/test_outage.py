"""Outages of the bus and of the API, missing permission, and a sensor that comes late: nothing lost, nothing parked."""

import asyncio
import threading
import time
from collections import Counter

import nats
import pytest
from nats.js.errors import NotFoundError

from argosy.servers.process import Server
from tests.endtoend.forms import drop_in, files
from tests.endtoend.rig import Rig, Service, bodies, eventually
from tests.endtoend.test_kill import send_slowly

AWAY = 20.0
MESSAGES = 1000


def parked(rig: Rig, stream: str = "default") -> int:
    """Count the dead letters."""

    async def ask() -> int:
        client = await nats.connect(rig.nats.url)
        try:
            return int((await client.jetstream().stream_info(f"{stream}-deadletters")).state.messages)
        except NotFoundError:
            return 0
        finally:
            await client.close()

    return asyncio.run(ask())


@pytest.mark.timeout(300)
@pytest.mark.promise("A4", "A6", "C6")
@pytest.mark.parametrize("away", ["bus", "api"])
def test_an_outage_of_20_seconds(own_rig: Rig, away: str) -> None:
    """In the middle of 1,000 messages: none missing, none twice, none parked, no restart; unready and alive meanwhile."""
    rig = own_rig
    source, sensor = drop_in(rig)
    source.start()
    sensor.start()
    pids = [source.process.pid, sensor.process.pid]
    server: Server = {"bus": rig.nats, "api": rig.kube}[away]
    witnesses = {"bus": [source, sensor], "api": [sensor]}[away]
    sent = bodies(MESSAGES)
    sender = threading.Thread(target=send_slowly, args=(rig, sent, AWAY + 10))
    sender.start()
    try:
        time.sleep(4)
        server.stop()
        went = time.monotonic()
        for witness in witnesses:
            eventually(f"{witness.process.name} says that it is not ready", lambda w=witness: not w.says("readyz"), AWAY - 2)
        while time.monotonic() - went < AWAY:
            assert all(alive(service) for service in (source, sensor))
            time.sleep(0.5)
        server.start()
    finally:
        sender.join()
    rig.settled(MESSAGES, seconds=120)
    assert rig.balance(sent) == (Counter(), Counter())
    assert parked(rig) == 0
    assert [source.process.pid, sensor.process.pid] == pids
    eventually("both are ready again", lambda: source.says("readyz") and sensor.says("readyz"), 60)


def alive(service: Service) -> bool:
    """Tell whether the pod would be left alone by the kubelet."""
    return service.process.alive and service.says("livez")


@pytest.mark.timeout(180)
@pytest.mark.promise("A6")
def test_the_queues_own_dead_letters_stay_empty_while_the_bus_is_away(rig: Rig) -> None:
    """With maxReceiveCount 3 and an outage of many visibility timeouts each message is received once or twice."""
    source, sensor = files(rig)
    dead = rig.queue.create(rig.queue.endpoint, f"{rig.queue.name}-dead")
    policy = f'{{"deadLetterTargetArn":"{dead.arn}","maxReceiveCount":"3"}}'
    rig.queue.call("SetQueueAttributes", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "2"})
    source.process.env["EVENTSOURCE_VISIBILITY_TIMEOUT"] = "2"
    source.start()
    sensor.start()
    rig.nats.stop()
    sent = bodies(40)
    rig.queue.send_many(*sent)
    time.sleep(12)
    assert dead.empty()
    rig.nats.start()
    rig.settled(len(sent))
    assert rig.balance(sent) == (Counter(), Counter())
    assert dead.empty()


@pytest.mark.timeout(180)
@pytest.mark.promise("A4")
def test_the_role_is_taken_away_for_20_seconds(rig: Rig) -> None:
    """Missing permission stops the trigger, says why, and costs no message and no attempt."""
    source, sensor = files(rig)
    source.start()
    sensor.start()
    rig.queue.send("before")
    rig.settled(1)
    rig.revoke()
    sent = bodies(60)
    rig.queue.send_many(*sent)
    eventually("the sensor says that it may not create", lambda: "orbidden" in sensor.why(), 30)
    time.sleep(AWAY)
    assert rig.count() == 1
    rig.grant()
    rig.settled(61)
    assert rig.balance(["before", *sent]) == (Counter(), Counter())
    assert parked(rig) == 0


@pytest.mark.timeout(120)
@pytest.mark.promise("A2")
def test_a_sensor_that_is_installed_after_the_source_has_published(rig: Rig) -> None:
    """The first trigger of a subject gets everything that waits there."""
    source, sensor = files(rig)
    source.start()
    sent = bodies(100)
    rig.queue.send_many(*sent)
    eventually("the queue is empty", rig.queue.empty, 60)
    sensor.start()
    rig.settled(100)
    assert rig.balance(sent) == (Counter(), Counter())
