"""How often the guards were needed, from the logs of the pods: a storm that they never met would prove nothing."""

from collections import Counter

from tests.chaos.world import World

LINES = {
    "publishes that the bus knew": '"outcome":"duplicate"',
    "messages handed back": '"outcome":"handed_back"',
    "messages let go because their lease was lost": '"outcome":"lease_lost"',
    "firings known by their Workflow": '"what":"Workflow',
    "firings known by the ledger": '"what":"the ledger knows it"',
    "events that were let go by a join": '"event":"join.let_go"',
}
"""What was met, and the part of a log line that tells it."""


def met(world: World) -> Counter[str]:
    """Count what the guards met so far, and how often the moments were hit that are waited for."""
    found = Counter({f"kills of all sensors {name}": count for name, count in world.met.items()})
    for pod in world.pods:
        with pod.process.log.open(errors="replace") as log:
            for line in log:
                # A Workflow is named in the line of its creation too.
                if '"sensor.fired"' not in line:
                    found.update(guard for guard, part in LINES.items() if part in line)
    return found
