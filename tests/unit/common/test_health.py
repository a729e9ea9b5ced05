"""What the pod says about itself."""

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from common.health import Health


@pytest.fixture
async def health() -> AsyncIterator[Health]:
    """Give a health page on a free port."""
    health = Health("sensor <orders>")
    task = asyncio.get_running_loop().create_task(health.run(0))
    while not health.port:  # noqa: ASYNC110 - the port is known a moment after the start
        await asyncio.sleep(0.01)
    yield health
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def get(health: Health, path: str) -> tuple[int, str]:
    """Ask the page."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{health.port}{path}") as answer:
        return answer.status, await answer.text()


@pytest.mark.promise("C6")
async def test_a_failing_condition_makes_unready_and_never_dead(health: Health) -> None:
    """Readiness tells the reason; liveness does not care."""
    bus = health.condition("bus")
    assert await get(health, "/readyz") == (503, "bus: starting\n")
    bus.ok()
    assert await get(health, "/readyz") == (200, "ready\n")
    bus.fail("away")
    assert await get(health, "/readyz") == (503, "bus: away\n")
    assert (await get(health, "/livez"))[0] == 200


async def test_a_draining_pod_is_not_ready(health: Health) -> None:
    """Nobody sends work to a pod that is about to leave."""
    health.stopping()
    assert (await get(health, "/readyz"))[0] == 503


async def test_the_status_page_is_escaped(health: Health) -> None:
    """Names and reasons come from outside."""
    health.section("Queues", lambda: [("<q>", "ok")])
    status, text = await get(health, "/")
    assert status == 200
    assert "&lt;q&gt;" in text
    assert "<q>" not in text


async def test_metrics_are_served(health: Health) -> None:
    """The series exist before the first message."""
    status, text = await get(health, "/metrics")
    assert status == 200
    assert "argosy_nats_connected 0.0" in text


async def test_a_port_that_is_taken_is_a_fault() -> None:
    """A pod that nobody can watch does not start."""
    with socket.create_server(("", 0)) as taken, pytest.raises(OSError, match="in use"):
        await Health("x").run(taken.getsockname()[1])


async def test_every_condition_is_a_series(health: Health) -> None:
    """An alert can name what keeps a pod unready, and asking for a condition again does not break it."""
    queue = health.condition("queue created")
    queue.fail("denied")
    assert 'argosy_condition_failing{condition="queue created"} 1.0' in (await get(health, "/metrics"))[1]
    queue.ok()
    assert health.condition("queue created") is queue
    assert 'argosy_condition_failing{condition="queue created"} 0.0' in (await get(health, "/metrics"))[1]
