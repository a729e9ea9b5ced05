"""The faults by name: of pods, servers, connections and the bus, beside the named moments of `moments`."""

import random
import time
from collections.abc import Callable, Sequence

from argosy.servers.process import Server
from tests.chaos import disks, fillers
from tests.chaos.fault import API, BUS, LINKS, SENSORS, SOURCES, SQS, Fault, Heal, Start, fault, until
from tests.chaos.moments import moments
from tests.chaos.nodes import Nodes
from tests.chaos.pods import Pod
from tests.chaos.world import STREAM, World

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
            until(pod.ready, 10)
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
    until(pod.lives, 20)
    code = pod.stop()
    assert code == 0, f"{pod.name} ended with {code} after SIGTERM: {pod.process.tail(5)}"


def _twice(world: World, _: random.Random) -> Heal:
    """Let SQS hand out each message again after 1 s, while answers take that long and sources sleep over it."""
    visibility = world.sources[0].process.env["EVENTSOURCE_VISIBILITY_TIMEOUT"]
    _again_with(world.sources, "1")
    slow = world.links["source-bus"].latency(700, jitter=500)
    for pod in world.sources:
        until(pod.ready, 10)
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


# ------------------------------------------------------------------------------------------------------------- servers


def _server(world: World, name: str) -> Server | Nodes:
    servers: dict[str, Server | Nodes] = {BUS: world.bus, API: world.kube, SQS: world.sqs}
    return servers[name]


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


def _of_pods() -> list[Fault]:
    found = []
    for kind, one in ((SOURCES, "source"), (SENSORS, "sensor")):
        found += [
            fault(f"kill-{one}", f"kill -9 of one {one}, started again at the end", [kind], _kill_one(kind)),
            fault(f"freeze-{one}", f"SIGSTOP of one {one}, SIGCONT at the end", [kind], _freeze_one(kind)),
            fault(f"roll-{one}s", f"SIGTERM and start of one {one} after the other", [kind], _roll(kind), 0.1),
            fault(f"zero-{one}s", f"SIGTERM of all {one}s, all started again at the end", [kind], _to_zero(kind)),
        ]
    return found


def _of_servers() -> list[Fault]:
    return [
        fault("kill-bus", "kill -9 of nats-server, started again at the end", [BUS], _kill_server(BUS)),
        fault("kill-api", "kill -9 of kube-apiserver with its etcd, started again at the end", [API], _kill_server(API)),
        fault("freeze-bus", "SIGSTOP of nats-server, SIGCONT at the end", [BUS], _freeze_server(BUS)),
        fault("freeze-api", "SIGSTOP of kube-apiserver, SIGCONT at the end", [API], _freeze_server(API)),
        fault("freeze-sqs", "SIGSTOP of the SQS emulator, SIGCONT at the end", [SQS], _freeze_server(SQS)),
    ]


def _of_links() -> list[Fault]:
    found = []
    for link, called in LINKS.items():
        found += [
            fault(f"cut-{link}", f"{called}: connections closed, new ones refused", [link], _cut(link)),
            fault(f"slow-{link}", f"{called}: 50 to 600 ms of delay, one way", [link], _slow(link)),
            fault(f"hole-{link}", f"{called}: a black hole, one way, connections stay open", [link], _swallow(link)),
            fault(f"answers-{link}", f"{called}: cut in the middle of an answer, again and again", [link], _cut_answers(link)),
        ]
    return found


def _of_delivery() -> list[Fault]:
    return [
        fault("twice", "a visibility of 1 s, slow PubAcks and sleeping sources", [SOURCES, "source-bus"], _twice, 5),
        fault("no-consumer", f"every consumer of the stream {STREAM} deleted", [BUS], _delete_consumers, 1),
        fault("full-stream", "the stream has no byte left", [BUS], _full_stream),
        fault("full-disk", "no file of the bus, or of one of its nodes, can grow: every write fails", [BUS], disks.fill),
        fault("full-subject", "the subject takes no event more", [BUS], _full_subject),
    ]


_ALL = (*_of_pods(), *_of_servers(), *_of_links(), *_of_delivery(), *moments())
FAULTS: dict[str, Fault] = {one.name: one for one in _ALL}
"""Every fault by its name; `outages` has those of single nodes."""
