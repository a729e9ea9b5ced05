"""How often the guards were needed, from the logs of the pods: a storm that they never met would prove nothing."""

from collections import Counter

from tests.chaos.world import World

LINES = {
    "publishes that the bus knew": '"outcome":"duplicate"',
    "messages handed back": '"outcome":"handed_back"',
    "messages let go because their lease was lost": '"outcome":"lease_lost"',
    "firings known by their Workflow": '"what":"Workflow',
    "firings known by the ledger": '"what":"the ledger knows it"',
}
"""What was met, and the part of a log line that tells it."""


def met(world: World) -> Counter[str]:
    """Count what the guards met so far."""
    found: Counter[str] = Counter()
    for pod in world.pods:
        with pod.process.log.open(errors="replace") as log:
            for line in log:
                # A Workflow is named in the line of its creation too.
                if '"sensor.fired"' not in line:
                    found.update(guard for guard, part in LINES.items() if part in line)
    return found
