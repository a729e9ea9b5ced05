"""What the event source costs: memory that stays flat, and next to nothing when there is nothing to do.

CPU is read, not the clock: a busy machine makes a pod slow, not expensive.
"""

import time
from pathlib import Path

import pytest

from argosy.servers.nats import NatsServer
from benchmarks.measure import usage
from tests.endtoend.rig import Service, eventually
from tests.integration.eventsource.conftest import Source
from tests.servers.sqs import Queue

BATCH = 2500


def resident(service: Service) -> float:
    """Give the MiB of memory that the process has now."""
    lines = Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


@pytest.mark.promise("F4")
def test_memory_stays_flat(nats_server: NatsServer, queue: Queue, source: Source) -> None:
    """Ten thousand messages of 1 KiB: at most 75 MiB ever, and within 5 % of what it was after the first quarter."""
    service = source(nats_server.url, queue)
    service.start()
    sizes = []
    for _ in range(4):
        queue.send_many(*("x" * 1024 for _ in range(BATCH)))
        eventually("an empty queue", queue.empty, 60)
        sizes.append(resident(service))
    assert max(sizes) <= sizes[0] * 1.05
    assert usage(service.process.pid).high_water <= 75


@pytest.mark.promise("F4")
def test_a_start_and_an_idle_pod_are_cheap(nats_server: NatsServer, queue: Queue, source: Source) -> None:
    """Ready within two seconds of CPU, and then a twentieth of a second in ten."""
    service = source(nats_server.url, queue, SQS_WAIT_TIME_SECONDS="20")
    service.start()
    assert usage(service.process.pid).cpu <= 2
    time.sleep(2)  # what a start leaves to do
    before = usage(service.process.pid).cpu
    time.sleep(10)
    assert usage(service.process.pid).cpu - before <= 0.3 * 10 / 60
