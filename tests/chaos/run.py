"""`make chaos MINUTES=60 SEED=…`: the storm at random for a while; the exit code tells whether the books balance."""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.chaos.building import build
from tests.chaos.campaign import Campaign
from tests.chaos.fault import Fault
from tests.chaos.faults import FAULTS
from tests.chaos.nodes import Nodes
from tests.chaos.outages import OUTAGES
from tests.servers import build as programs
from tests.servers.elasticmq import ElasticMQ

ROUND = 60.0
"""Seconds of traffic before each look at the books."""
LANES = 3
"""Faults that may be on at a time."""


def deck(draw: random.Random, faults: Sequence[Fault], seconds: float) -> Iterator[Fault]:
    """Deal all these faults in a random order again and again, for a while."""
    end = time.monotonic() + seconds
    while True:
        cards = list(faults)
        draw.shuffle(cards)
        for card in cards:
            if time.monotonic() > end:
                return
            yield card


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)  # noqa: T201 - a command prints


def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="for how long")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what is drawn (default: the time)")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="nodes of the bus")
    parser.add_argument("--replicas", type=int, default=3, help="pods of each service")
    parser.add_argument("--longest", type=float, default=15.0, help="seconds that a fault lasts at most")
    parser.add_argument("--only", nargs="+", metavar="FAULT", help="these faults alone, one at a time")
    parser.add_argument("--every", type=float, default=0.0, help="seconds of calm behind each fault")
    asked = parser.parse_args(arguments)
    known = FAULTS | OUTAGES if asked.nodes > 1 else FAULTS
    if strange := set(asked.only or ()) - known.keys():
        parser.error(f"no such faults: {', '.join(sorted(strange))}; there are {', '.join(sorted(known))}")
    asked.faults = [known[name] for name in asked.only or known]
    return asked


def main() -> int:
    """Run it."""
    asked = read()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    say(f"seed {asked.seed}, {asked.minutes:g} minutes, a bus of {asked.nodes}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-chaos-", ignore_cleanup_errors=True)))
        toxiproxy, config = programs.toxiproxy(say), "max_payload: 8MB"
        bus: NatsServer | Nodes = NatsServer(folder / "nats", config=config)
        if asked.nodes > 1:
            bus = Nodes(folder / "nats", toxiproxy, config=config)
        stack.enter_context(bus)
        sqs = stack.enter_context(ElasticMQ(programs.elasticmq(say), folder / "sqs"))
        kube = stack.enter_context(ApiServer(folder / "kube", binary=programs.kube(say)))
        (folder / "pods").mkdir()
        world = build(folder / "pods", bus=bus, kube=kube, sqs=sqs, toxiproxy=toxiproxy, replicas=asked.replicas)
        stack.callback(world.end)
        world.start()
        campaign = Campaign(world, asked.seed, say, longest=asked.longest, drain=300, pause=asked.every)
        return go_on(campaign, asked)


def go_on(campaign: Campaign, asked: argparse.Namespace) -> int:
    """Rage round after round; end at the first that is wrong, or when the time is over."""
    draw, seconds = random.Random(campaign.seed), asked.minutes * 60
    wrong: list[str] = []
    while not wrong and campaign.clock() < seconds:
        lasts = min(ROUND, max(5.0, seconds - campaign.clock()))
        wrong = campaign.round(deck(draw, asked.faults, lasts), lanes=1 if asked.only else LANES)
        say(
            f"--- round {len(campaign.drains)}, {campaign.clock() / 60:.1f} minutes: {len(campaign.traffic.sent)} messages, "
            f"{len(campaign.log)} faults, drained in {campaign.drains[-1]:.1f} s, {'WRONG' if wrong else 'all well'}"
        )
    say(campaign.summary())
    for line in wrong:
        say(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
