"""A flood of events that a filter keeps out, through a real sensor: each is counted, and the log stays small."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from common.cloudevent import dump
from tests.endtoend.sizes import size
from tests.integration.sensor.rig import Rig, event, eventually

EVENTS = size("ARGOSY_FILTERED", 20_000)
AT_ONCE = 500
WINDOW = 10.0
"""Seconds in which the same thing is said once."""
TEA = {"data": [{"path": "body.kind", "type": "string", "value": ["^tea$"]}]}
SECRET = "nobody reads this"


async def publish(client: Client, subject: str, count: int) -> None:
    """Put events onto the bus that nobody wants, and in the end one that is wanted."""
    js = client.jetstream()
    template = dump(event(0, data=body("rum")))
    number = f"{0:032x}".encode()
    for start in range(0, count, AT_ONCE):
        several = (template.replace(number, f"{n:032x}".encode()) for n in range(start, min(start + AT_ONCE, count)))
        await asyncio.gather(*(js.publish(subject, each) for each in several))
    await js.publish(subject, dump(event(count, data=body("tea"))))


def body(kind: str) -> bytes:
    """Write the data of an event."""
    return json.dumps({"body": {"kind": kind, "secret": SECRET}}).encode()


@pytest.mark.timeout(1800)
@pytest.mark.promise("H5")
def test_each_is_counted_and_the_log_is_bounded(
    own_nats: Callable[..., NatsServer], kube: ApiServer, namespace: str, stream: str, tmp_path: Path
) -> None:
    """The count is exact; in ten seconds there is one line with filter, field and value, and no event's body in any.

    Let `Teller._done` say "filtered" with `info` of the log itself to see it fail.
    """
    rig = Rig(tmp_path, own_nats(), kube, stream, namespace)
    document = rig.document()
    document["spec"]["dependencies"][0]["filters"] = TEA
    try:
        began = time.monotonic()
        sensor = rig.sensor(document, NATS_MAX_MSGS_PER_SUBJECT=str(2 * EVENTS)).start()
        rig.on_bus(lambda client: publish(client, f"{stream}.orders.created", EVENTS))
        published = time.monotonic() - began
        eventually("the one that is wanted", lambda: rig.count() == 1, 1200)
        eventually("all settled", lambda: rig.unread() == 0 and sensor.total("argosy_sensor_messages_in_flight") == 0, 60)
        seconds = time.monotonic() - began
        assert sensor.total("argosy_sensor_filtered_total", filter="data") == EVENTS
        assert sensor.total("argosy_sensor_outcomes_total", outcome="filtered") == EVENTS
        assert sensor.total("argosy_sensor_messages_received_total") == EVENTS + 1
        assert rig.dead() == []
        high_water = Path(f"/proc/{sensor.process.pid}/status").read_text().partition("VmHWM:")[2].split()[0]
        said = sensor.process.log.read_text()
    finally:
        rig.end()
    told = told_of(said)
    assert 1 <= len(told) <= 1 + seconds / WINDOW
    assert all("data: body.kind is 'rum'" in line["why"] for line in told)
    assert sum(line.get("repeated", 0) + 1 for line in told) <= EVENTS
    assert SECRET not in said
    assert len(said) < 20_000 + 2_000 * (seconds / WINDOW)
    print(  # noqa: T201 - the figures of a measured run, shown with -s
        f"{EVENTS} filtered in {seconds:.0f} s (published in {published:.0f} s): {len(told)} lines of them, "
        f"{len(said)} bytes of log in {said.count(chr(10))} lines, high water {int(high_water) // 1024} MiB"
    )


def told_of(said: str) -> list[dict[str, Any]]:
    """Give the lines about filtered events."""
    return [json.loads(line) for line in said.splitlines() if '"sensor.filtered"' in line]
