"""A bus of three nodes, three pods of each service: nodes are killed, frozen and cut off, and no pod restarts.

`make chaos NODES=3` does the same at random, together with all other faults.
"""

import random
from collections.abc import Callable

import pytest

from tests.chaos.campaign import Campaign
from tests.chaos.outages import OUTAGES

NODES = 3
TIMES = 3


@pytest.mark.timeout(600)
@pytest.mark.promise("A1", "A2", "B4", "C1", "C6", "G1", "I4", "I7")
def test_nodes_of_the_bus_fail_one_at_a_time(campaign: Callable[[int], Campaign]) -> None:
    """The leader of the stream killed, a node killed, frozen, cut off, three times each: nothing lost, no pod restarts.

    Every pod is looked at twice a second: one that ended by itself, or said that it does not live, is told.
    """
    run = campaign(6)
    cards = [fault for fault in OUTAGES.values() for _ in range(TIMES)]
    random.Random(run.seed).shuffle(cards)
    wrong = run.round(iter(cards), lanes=1)
    assert not wrong, "\n".join(wrong)
    assert [entry.fault for entry in run.log].count("kill-leader") == TIMES
