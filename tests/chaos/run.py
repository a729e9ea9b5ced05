"""`make chaos MINUTES=60 SEED=…`: the storm at random for a while; the exit code tells whether the books balance."""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.chaos.campaign import Campaign
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.world import build
from tests.servers import build as programs
from tests.servers.elasticmq import ElasticMQ

ROUND = 60.0
"""Seconds of traffic before each look at the books."""
LANES = 3
"""Faults that may be on at a time."""


def deck(draw: random.Random, seconds: float) -> Iterator[Fault]:
    """Deal all faults in a random order again and again, for a while."""
    end = time.monotonic() + seconds
    while True:
        faults = list(FAULTS.values())
        draw.shuffle(faults)
        for fault in faults:
            if time.monotonic() > end:
                return
            yield fault


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)  # noqa: T201 - a command prints


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="for how long")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what is drawn (default: the time)")
    parser.add_argument("--replicas", type=int, default=3, help="pods of each service")
    parser.add_argument("--longest", type=float, default=15.0, help="seconds that a fault lasts at most")
    asked = parser.parse_args()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    say(f"seed {asked.seed}, {asked.minutes:g} minutes")
    with (
        tempfile.TemporaryDirectory(prefix="argosy-chaos-", ignore_cleanup_errors=True) as made,
        NatsServer(Path(made) / "nats", config="max_payload: 8MB") as bus,
        ElasticMQ(programs.elasticmq(say), Path(made) / "sqs") as sqs,
        ApiServer(Path(made) / "kube", binary=programs.kube(say)) as kube,
    ):
        folder = Path(made) / "pods"
        folder.mkdir()
        toxiproxy = programs.toxiproxy(say)
        world = build(folder, bus=bus, kube=kube, sqs=sqs, toxiproxy=toxiproxy, name="chaos", replicas=asked.replicas)
        try:
            world.start()
            return go_on(Campaign(world, asked.seed, say, longest=asked.longest, drain=300), asked.minutes * 60)
        finally:
            world.end()


def go_on(campaign: Campaign, seconds: float) -> int:
    """Rage round after round; end at the first that is wrong, or when the time is over."""
    draw = random.Random(campaign.seed)
    wrong: list[str] = []
    while not wrong and campaign.clock() < seconds:
        wrong = campaign.round(deck(draw, min(ROUND, max(5.0, seconds - campaign.clock()))), lanes=LANES)
        say(
            f"--- round {len(campaign.drains)}, {campaign.clock() / 60:.1f} minutes: {len(campaign.traffic.bodies)} messages, "
            f"{len(campaign.log)} faults, drained in {campaign.drains[-1]:.1f} s, {'WRONG' if wrong else 'all well'}"
        )
    say(campaign.summary())
    for line in wrong:
        say(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
