"""A disk without room, under a server that runs.

Without special rights no file system of a bounded size can be had, so the server is forbidden to make any file longer: each
write fails at once with EFBIG, as it fails with ENOSPC on a full disk, and reads and deletes go on. Like after a full
disk, nats-server takes nothing before it is started again with room.
"""

import random
import resource

from argosy.servers.nats import NatsServer
from tests.chaos.fault import Heal
from tests.chaos.nodes import Nodes
from tests.chaos.world import World


def fill(world: World, draw: random.Random) -> Heal:
    """Fill the disk of the bus, or of one of its nodes."""
    server = draw.choice(world.bus.members) if isinstance(world.bus, Nodes) else world.bus
    _allow(server, 0)

    def heal() -> None:
        _allow(server, resource.RLIM_INFINITY)
        server.kill()
        server.start()

    return heal


def _allow(server: NatsServer, size: int) -> None:
    """Set the longest file, in bytes, that it may write; what is longer already stays."""
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (min(size, most) if most >= 0 else size, most))
