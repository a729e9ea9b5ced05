"""The named moments between two steps: all pods of a service are killed when the first was done and the next was not.

Those that can be seen from outside are waited for: answers of the bus take their time, and what the first step leaves on the
bus is looked at meanwhile, so that the kill comes before the next step.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from sensor.joinstate import JoinKey
from tests.chaos import documents, stores
from tests.chaos.fault import API, SENSORS, SOURCES, Fault, Heal, Start, fault, until
from tests.chaos.pods import Pod
from tests.chaos.stores import NAMES
from tests.chaos.traffic import LEFT, RIGHT, Kind
from tests.chaos.world import World

LATE = 600
"""Milliseconds by which the answers of the bus are late."""
COMES = 15.0
"""Seconds in which the moment comes, unless other faults keep it away."""
SENT = 4
"""Pairs that are sent to bring the moment."""
LOOK = 0.02
"""Seconds between two looks."""


def _kill(pods: list[Pod]) -> None:
    for pod in pods:
        pod.kill()


def _start(pods: list[Pod]) -> None:
    for pod in pods:
        pod.start()


def _one_of(pods: list[Pod]) -> None:
    """Wait for one that works: the fault before may have killed them all."""
    until(lambda: any(pod.ready() for pod in pods), COMES)


def _after_publish(world: World, _: random.Random) -> Heal:
    """Swallow the deletes while receives that wait at SQS are answered; then kill every source."""
    _one_of(world.sources)
    sqs = world.links["sqs"]
    hole = sqs.timeout(stream="upstream")
    time.sleep(1)
    _kill(world.sources)
    sqs.remove(hole)
    return lambda: _start(world.sources)


def _after_create(world: World, _: random.Random) -> Heal:
    """Swallow what the sensors tell the bus, ledger and ack, while what they hold is created; then kill all."""
    _one_of(world.sensors)
    bus = world.links["sensor-bus"]
    hole = bus.timeout(stream="upstream")
    time.sleep(0.5)
    _kill(world.sensors)
    bus.remove(hole)
    return lambda: _start(world.sensors)


def _after_ledger(world: World, _: random.Random) -> Heal:
    """Let the ledger take its entries and swallow its answers, so that nothing is acked; then kill all."""
    _one_of(world.sensors)
    bus = world.links["sensor-bus"]
    world.kube.suspend()
    time.sleep(0.5)
    hole = bus.timeout(stream="downstream")
    world.kube.resume()
    time.sleep(0.7)
    _kill(world.sensors)
    bus.remove(hole)
    return lambda: _start(world.sensors)


# --------------------------------------------------------------------------------------------- those that are waited for

Moment = Callable[[JetStreamContext, str], Awaitable[Callable[[], Awaitable[bool]]]]
"""Looks at the bus, for the sensor of a namespace, and gives what tells whether the moment is there."""


def _at(name: str, moment: Moment, *sent: tuple[str, Kind]) -> Start:
    """Send what brings the moment, and kill when it is there."""

    def start(world: World, _: random.Random) -> Heal:
        _one_of(world.sensors)
        bus = world.links["sensor-bus"]
        slow = bus.latency(LATE)
        end = time.monotonic() + COMES

        async def wait(js: JetStreamContext) -> bool:
            come = await moment(js, world.rig.namespace)
            await asyncio.to_thread(world.send, *sent)
            while time.monotonic() < end:
                if await come():
                    return True
                await asyncio.sleep(LOOK)
            return False

        world.met[name] += world.on_bus(wait)
        _kill(world.sensors)
        bus.remove(slow)
        return lambda: _start(world.sensors)

    return start


async def _letter(js: JetStreamContext, _: str) -> Callable[[], Awaitable[bool]]:
    """Wait for a dead letter of a trigger; its PubAck is still on its way then."""
    subjects = f"argosy.{NAMES.deadletters}.sensor.>"

    async def count() -> int:
        try:
            state = (await js.stream_info(NAMES.deadletters, subjects_filter=subjects)).state
        except NotFoundError:
            return 0
        return sum((state.subjects or {}).values())

    before = await count()

    async def come() -> bool:
        return await count() > before

    return come


async def _firing(js: JetStreamContext, namespace: str) -> Callable[[], Awaitable[bool]]:
    """Wait for a set of a join that fires; the answer that says so is still on its way then."""
    keys = [JoinKey(namespace, documents.SENSOR, trigger) for trigger in ("pair", "newest")]

    async def come() -> bool:
        return any([(await stores.join(js, key)).firing for key in keys])

    return come


LETTER, FIRING = "after-letter", "after-firing"


def moments() -> list[Fault]:
    """Give them all."""
    sensors, bus = [SENSORS, "sensor-bus"], "kill -9 of all sensors"
    letter = _at(LETTER, _letter, *[(RIGHT, Kind.NO_TEXT), (LEFT, Kind.GOOD)] * SENT)
    firing = _at(FIRING, _firing, *[(RIGHT, Kind.GOOD), (LEFT, Kind.GOOD)] * SENT)
    return [
        fault("after-publish", "kill -9 of all sources after publish, before delete", [SOURCES, "sqs"], _after_publish, 3),
        fault("after-create", f"{bus} after create, before the ledger", sensors, _after_create, 3),
        fault("after-ledger", f"{bus} after the ledger, before the ack", [*sensors, API], _after_ledger, 3),
        fault(LETTER, f"{bus} after a dead letter, before the ack", [*sensors, API], letter, 3),
        fault(FIRING, f"{bus} after `firing` is set in a join, before it is cleared", sensors, firing, 3),
    ]
