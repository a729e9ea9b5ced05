"""`kill -9` of either process at random moments, restarted each time: no Workflow missing, none twice."""

import random
import threading
import time
from collections import Counter

import pytest

from tests.endtoend.forms import files
from tests.endtoend.rig import Rig, Service, bodies

KILLS = 20
MESSAGES = 2000
SEED = 20260101


@pytest.mark.timeout(600)
@pytest.mark.promise("A1", "A2", "B1", "B2", "B3")
@pytest.mark.parametrize("victim", ["eventsource", "sensor"])
def test_killed_at_random_moments(rig: Rig, victim: str) -> None:
    """20 kills under traffic; the set of Workflows is the set of messages."""
    source, sensor = files(rig)
    service = {"eventsource": source, "sensor": sensor}[victim]
    source.start()
    sensor.start()
    sent = bodies(MESSAGES, seed=SEED)
    sender = threading.Thread(target=send_slowly, args=(rig, sent, 35.0))
    sender.start()
    try:
        kill_again_and_again(service, random.Random(SEED))
    finally:
        sender.join()
    rig.settled(MESSAGES, seconds=300)
    assert rig.balance(sent) == (Counter(), Counter())


def send_slowly(rig: Rig, sent: list[str], seconds: float) -> None:
    """Spread the messages over some time."""
    batches = [sent[start : start + 10] for start in range(0, len(sent), 10)]
    for batch in batches:
        rig.queue.send_many(*batch)
        time.sleep(seconds / len(batches))


def kill_again_and_again(service: Service, draw: random.Random) -> None:
    """Kill it, start it, and let it work for a moment that nobody knows."""
    for _ in range(KILLS):
        time.sleep(draw.uniform(0.05, 0.8))
        service.process.kill()
        service.start(wait=draw.random() < 0.5)
    if not service.says("readyz"):
        service.process.kill()
        service.start()
