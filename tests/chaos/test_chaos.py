"""Each fault by name, three times with a fixed seed, over several pods of both services: nothing lost, nothing twice.

The clocks of the pods are ten minutes apart all the while, and among the messages are pairs and poison. `make chaos` does the
same at random for as long as is wanted.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from tests.chaos import guards
from tests.chaos.campaign import Campaign
from tests.chaos.fault import API, BUS, SENSORS, SOURCES, SQS, Fault
from tests.chaos.faults import FAULTS
from tests.chaos.moments import FIRING, LETTER

TIMES, HARD = 3, 5
"""How often each fault is put on; and those that wait for a moment which is hard to meet."""
LANES = 3
INWARD = {SOURCES, SQS, BUS, "sqs", "source-bus"}
OUTWARD = {SENSORS, API, "sensor-bus", "api"}


def deck(draw: random.Random, *names: str) -> Iterator[Fault]:
    """Deal each of these faults so many times."""
    cards = [FAULTS[name] for name in names for _ in range(HARD if name in {LETTER, FIRING} else TIMES)]
    draw.shuffle(cards)
    return iter(cards)


def those_that_touch(parts: set[str]) -> list[str]:
    """Name the faults of this part of the way."""
    return [name for name, fault in FAULTS.items() if fault.touches <= parts]


def test_every_fault_is_on_one_of_the_two_ways() -> None:
    """None is forgotten, and none is put on in both tests."""
    assert sorted(those_that_touch(INWARD) + those_that_touch(OUTWARD)) == sorted(FAULTS)


@pytest.mark.timeout(900)
@pytest.mark.promise("A1", "A5", "A6", "A9", "B1", "B4", "C1", "C6", "H1")
def test_the_way_into_the_bus(campaign: Callable[[int], Campaign]) -> None:
    """Sources, their connections, SQS and the bus: killed, frozen, rolled, cut, slowed, swallowed, filled, three times each."""
    run = campaign(1)
    wrong = run.round(deck(random.Random(run.seed), *those_that_touch(INWARD)), lanes=LANES)
    assert not wrong, "\n".join(wrong)
    assert guards.met(run.world)["publishes that the bus knew"] > 0


@pytest.mark.timeout(900)
@pytest.mark.promise("A2", "A4", "A5", "A9", "B2", "B4", "C6", "H1", "I7")
def test_the_way_out_of_the_bus(campaign: Callable[[int], Campaign]) -> None:
    """Sensors, their connections and the API server, answers cut after it committed among them, three times each.

    Put the time into the identity of a dead letter (`sensor.story.letter`) to see it fail at the kills between it and its ack.
    """
    run = campaign(2)
    wrong = run.round(deck(random.Random(run.seed), *those_that_touch(OUTWARD)), lanes=LANES)
    assert not wrong, "\n".join(wrong)
    assert guards.met(run.world)["firings known by their Workflow"] > 0
    # A moment that lasts milliseconds is not met each time, and not by a slow machine: once is a proof.
    assert run.world.met[LETTER] > 0
    assert run.world.met[FIRING] > 0
