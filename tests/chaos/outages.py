"""What can happen to single nodes of a bus that has three: two others are there, and it goes on."""

import random

from tests.chaos.fault import BUS, Fault, Heal, fault
from tests.chaos.world import STREAM, World


def _kill_leader(world: World, _: random.Random) -> Heal:
    server = world.nodes.servers[world.nodes.leader(STREAM)]
    server.kill()
    return server.start


def _kill_one(world: World, draw: random.Random) -> Heal:
    server = draw.choice(world.nodes.members)
    server.kill()
    return server.start


def _freeze_one(world: World, draw: random.Random) -> Heal:
    server = draw.choice(world.nodes.members)
    server.suspend()
    return server.resume


def _cut_off(world: World, draw: random.Random) -> Heal:
    """Cut a node off from the others and from the pods; it goes on working, alone."""
    place, name = draw.choice(list(enumerate(world.nodes.servers)))
    ways = [world.links[link].proxies[place] for link in ("source-bus", "sensor-bus")]
    world.nodes.isolate(name)
    for way in ways:
        way.cut()

    def heal() -> None:
        world.nodes.join(name)
        for way in ways:
            way.restore()

    return heal


_ALL = (
    fault("kill-leader", f"kill -9 of the node that leads the stream {STREAM}, started again at the end", [BUS], _kill_leader),
    fault("kill-node", "kill -9 of one node, started again at the end", [BUS], _kill_one),
    fault("freeze-node", "SIGSTOP of one node, SIGCONT at the end", [BUS], _freeze_one),
    fault("cut-node", "one node cut off from the others and from all pods", [BUS, "source-bus", "sensor-bus"], _cut_off),
)
OUTAGES: dict[str, Fault] = {one.name: one for one in _ALL}
"""Every fault of one node among three, by its name."""
