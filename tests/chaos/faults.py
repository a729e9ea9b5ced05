"""The faults by name. Each starts, and gives back what heals it; `touches` tells which two cannot be on at the same time."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from argosy.servers.process import Server
from tests.chaos import fillers
from tests.chaos.pods import Pod
from tests.chaos.world import STREAM, World

Heal = Callable[[], None]
Start = Callable[[World, random.Random], Heal]
SOURCES, SENSORS, BUS, API, SQS = "sources", "sensors", "bus", "api", "sqs"
LINKS = {
    "sqs": "sources to SQS",
    "source-bus": "sources to bus",
    "sensor-bus": "sensors to bus",
    "api": "sensors to API server",
}
"""Every way between two parts, and what it is called."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault: `start` puts it on and gives what heals it. `longest`: seconds after which it is healed."""

    name: str
    tells: str
    touches: frozenset[str]
    start: Start
    longest: float = 15.0


# ---------------------------------------------------------------------------------------------------------------- pods


def _pods(world: World, kind: str) -> list[Pod]:
    return world.sources if kind == SOURCES else world.sensors


def _kill_one(kind: str) -> Start:
    def start(world: World, draw: random.Random) -> Heal:
        pod = draw.choice(_pods(world, kind))
        pod.kill()
        return pod.start

    return start


def _freeze_one(kind: str) -> Start:
    def start(world: World, draw: random.Random) -> Heal:
        pod = draw.choice(_pods(world, kind))
        pod.process.suspend()
        return pod.process.resume

    return start


def _roll(kind: str) -> Start:
    """Restart one after the other as a Deployment does: the next only when the one before is ready."""

    def start(world: World, _: random.Random) -> Heal:
        for pod in _pods(world, kind):
            _ended(pod)
            pod.start()
            _until(pod.ready, 10)
        return lambda: None

    return start


def _to_zero(kind: str) -> Start:
    def start(world: World, _: random.Random) -> Heal:
        pods = _pods(world, kind)
        for pod in pods:
            _ended(pod)
        return lambda: _all(pods, Pod.start)

    return start


def _ended(pod: Pod) -> None:
    """End a pod that lives: one that still loads its modules knows no SIGTERM yet."""
    _until(pod.lives, 20)
    code = pod.stop()
    assert code == 0, f"{pod.name} ended with {code} after SIGTERM: {pod.process.tail(5)}"


def _twice(world: World, _: random.Random) -> Heal:
    """Let SQS hand out each message again after 1 s, while answers take that long and sources sleep over it."""
    visibility = world.sources[0].process.env["EVENTSOURCE_VISIBILITY_TIMEOUT"]
    _again_with(world.sources, "1")
    slow = world.links["source-bus"].latency(700, jitter=500)
    for pod in world.sources:
        time.sleep(0.3)
        pod.process.suspend()
        time.sleep(1.3)
        pod.process.resume()

    def heal() -> None:
        world.links["source-bus"].remove(slow)
        _again_with(world.sources, visibility)

    return heal


def _again_with(pods: Sequence[Pod], visibility: str) -> None:
    for pod in pods:
        pod.process.env["EVENTSOURCE_VISIBILITY_TIMEOUT"] = visibility
        pod.kill()
        pod.start()


def _all(pods: Sequence[Pod], do: Callable[[Pod], object]) -> None:
    for pod in pods:
        do(pod)


def _until(true: Callable[[], bool], seconds: float) -> None:
    """Wait for something, but not for ever: under other faults it may not come."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)


# ------------------------------------------------------------------------------------------------------- named moments


def _after_publish(world: World, _: random.Random) -> Heal:
    """Swallow the deletes while receives that wait at SQS are answered; then kill every source."""
    sqs = world.links["sqs"]
    hole = sqs.timeout(stream="upstream")
    time.sleep(1)
    _all(world.sources, Pod.kill)
    sqs.remove(hole)
    return lambda: _all(world.sources, Pod.start)


def _after_create(world: World, _: random.Random) -> Heal:
    """Swallow what the sensors tell the bus, ledger and ack, while what they hold is created; then kill all."""
    bus = world.links["sensor-bus"]
    hole = bus.timeout(stream="upstream")
    time.sleep(0.5)
    _all(world.sensors, Pod.kill)
    bus.remove(hole)
    return lambda: _all(world.sensors, Pod.start)


def _after_ledger(world: World, _: random.Random) -> Heal:
    """Let the ledger take its entries and swallow its answers, so that nothing is acked; then kill all."""
    bus = world.links["sensor-bus"]
    world.kube.suspend()
    time.sleep(0.5)
    hole = bus.timeout(stream="downstream")
    world.kube.resume()
    time.sleep(0.7)
    _all(world.sensors, Pod.kill)
    bus.remove(hole)
    return lambda: _all(world.sensors, Pod.start)


# ------------------------------------------------------------------------------------------------------------- servers


def _server(world: World, name: str) -> Server:
    return {BUS: world.nats, API: world.kube, SQS: world.sqs}[name]


def _kill_server(name: str) -> Start:
    def start(world: World, _: random.Random) -> Heal:
        _server(world, name).kill()
        return _server(world, name).start

    return start


def _freeze_server(name: str) -> Start:
    def start(world: World, _: random.Random) -> Heal:
        _server(world, name).suspend()
        return _server(world, name).resume

    return start


# --------------------------------------------------------------------------------------------------------- connections


def _cut(link: str) -> Start:
    def start(world: World, _: random.Random) -> Heal:
        world.links[link].cut()
        return world.links[link].restore

    return start


def _slow(link: str) -> Start:
    def start(world: World, draw: random.Random) -> Heal:
        proxy = world.links[link]
        toxic = proxy.latency(
            draw.randint(50, 600), jitter=draw.randint(0, 200), stream=draw.choice(("upstream", "downstream"))
        )
        return lambda: proxy.remove(toxic)

    return start


def _swallow(link: str) -> Start:
    def start(world: World, draw: random.Random) -> Heal:
        proxy = world.links[link]
        toxic = proxy.timeout(stream=draw.choice(("upstream", "downstream")))
        return lambda: proxy.remove(toxic)

    return start


def _cut_answers(link: str) -> Start:
    def start(world: World, draw: random.Random) -> Heal:
        proxy = world.links[link]
        toxic = proxy.limit_data(draw.randint(3_000, 30_000))
        return lambda: proxy.remove(toxic)

    return start


# ----------------------------------------------------------------------------------------------------------------- bus


def _delete_consumers(world: World, _: random.Random) -> Heal:
    world.on_bus(fillers.delete_consumers)
    return lambda: None


def _full_stream(world: World, _: random.Random) -> Heal:
    world.on_bus(fillers.fill_stream)
    return lambda: world.on_bus(fillers.empty_stream)


def _full_subject(world: World, _: random.Random) -> Heal:
    sequences = world.on_bus(fillers.fill_subject)
    return lambda: world.on_bus(lambda js: fillers.delete(js, sequences))


# ---------------------------------------------------------------------------------------------------------------- all


def _fault(name: str, tells: str, touches: Sequence[str], start: Start, longest: float = 15.0) -> Fault:
    return Fault(name, tells, frozenset(touches), start, longest)


def _of_pods() -> list[Fault]:
    found = []
    for kind, one in ((SOURCES, "source"), (SENSORS, "sensor")):
        found += [
            _fault(f"kill-{one}", f"kill -9 of one {one}, started again at the end", [kind], _kill_one(kind)),
            _fault(f"freeze-{one}", f"SIGSTOP of one {one}, SIGCONT at the end", [kind], _freeze_one(kind)),
            _fault(f"roll-{one}s", f"SIGTERM and start of one {one} after the other", [kind], _roll(kind), 0.1),
            _fault(f"zero-{one}s", f"SIGTERM of all {one}s, all started again at the end", [kind], _to_zero(kind)),
        ]
    return found


def _of_servers() -> list[Fault]:
    return [
        _fault("kill-bus", "kill -9 of nats-server, started again at the end", [BUS], _kill_server(BUS)),
        _fault("kill-api", "kill -9 of kube-apiserver with its etcd, started again at the end", [API], _kill_server(API)),
        _fault("freeze-bus", "SIGSTOP of nats-server, SIGCONT at the end", [BUS], _freeze_server(BUS)),
        _fault("freeze-api", "SIGSTOP of kube-apiserver, SIGCONT at the end", [API], _freeze_server(API)),
        _fault("freeze-sqs", "SIGSTOP of the SQS emulator, SIGCONT at the end", [SQS], _freeze_server(SQS)),
    ]


def _of_links() -> list[Fault]:
    found = []
    for link, called in LINKS.items():
        found += [
            _fault(f"cut-{link}", f"{called}: connections closed, new ones refused", [link], _cut(link)),
            _fault(f"slow-{link}", f"{called}: 50 to 600 ms of delay, one way", [link], _slow(link)),
            _fault(f"hole-{link}", f"{called}: a black hole, one way, connections stay open", [link], _swallow(link)),
            _fault(f"answers-{link}", f"{called}: cut in the middle of an answer, again and again", [link], _cut_answers(link)),
        ]
    return found


def _of_delivery() -> list[Fault]:
    return [
        _fault("after-publish", "kill -9 of all sources after publish, before delete", [SOURCES, "sqs"], _after_publish, 3),
        _fault(
            "after-create", "kill -9 of all sensors after create, before the ledger", [SENSORS, "sensor-bus"], _after_create, 3
        ),
        _fault(
            "after-ledger",
            "kill -9 of all sensors after the ledger, before the ack",
            [SENSORS, "sensor-bus", API],
            _after_ledger,
            3,
        ),
        _fault("twice", "a visibility of 1 s, slow PubAcks and sleeping sources", [SOURCES, "source-bus"], _twice, 5),
        _fault("no-consumer", f"every consumer of the stream {STREAM} deleted", [BUS], _delete_consumers, 1),
        _fault("full-stream", "the stream has no byte left", [BUS], _full_stream),
        _fault("full-subject", "the subject takes no event more", [BUS], _full_subject),
    ]


FAULTS: dict[str, Fault] = {fault.name: fault for fault in (*_of_pods(), *_of_servers(), *_of_links(), *_of_delivery())}
"""Every fault by its name."""
