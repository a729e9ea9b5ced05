"""The limit of requests in flight: halved by a server that cannot bear more, raised again by one that can."""

import asyncio

import pytest

from common.errors import Failed, Unavailable
from sensor.limits.inflight import InFlight, Paced
from sensor.ports import Target
from tests.fakes_sensor import FakeCluster, fail

CROWDED = Unavailable("429", crowded=True)


async def ask(in_flight: InFlight, error: Exception | None = None, held: asyncio.Event | None = None) -> None:
    """Make one request."""
    async with in_flight.request():
        if held:
            await held.wait()
        if error:
            raise error


@pytest.mark.promise("D3")
async def test_it_is_halved_once_for_all_that_were_under_way_and_grows_one_a_round() -> None:
    """Eight requests meet one overload: that is one halving, not eight. Four answers later there may be one more."""
    in_flight, held = InFlight(8), asyncio.Event()
    tasks = [asyncio.get_running_loop().create_task(ask(in_flight, CROWDED, held)) for _ in range(8)]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert in_flight.limit == 4
    for _ in range(4):
        await ask(in_flight)
    assert in_flight.limit == 5
    for _ in range(200):
        await ask(in_flight)
    assert in_flight.limit == 8


@pytest.mark.promise("D3")
async def test_it_never_falls_below_one() -> None:
    """The last request is what finds out that the server is back."""
    in_flight = InFlight(5)
    for _ in range(20):
        with pytest.raises(Unavailable):
            await ask(in_flight, CROWDED)
    assert in_flight.limit == 1
    await ask(in_flight)
    assert in_flight.limit == 2


@pytest.mark.parametrize("error", [Failed("no"), Unavailable("500")])
async def test_other_errors_halve_nothing(error: Exception) -> None:
    """An answer that is no success, and a server that is away: the first is an answer, the second the gates' business."""
    in_flight = InFlight(4)
    with pytest.raises(type(error)):
        await ask(in_flight, error)
    assert in_flight.limit == 4


async def test_whoever_waits_goes_in_order_and_may_give_up() -> None:
    """No request is forgotten and none keeps a place that it does not use."""
    in_flight, held, done = InFlight(1), asyncio.Event(), []

    async def numbered(number: int) -> None:
        async with in_flight.request():
            await held.wait()
            done.append(number)

    tasks = [asyncio.get_running_loop().create_task(numbered(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert in_flight.now == 1
    tasks[1].cancel()
    held.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == [0, 2, 3, 4]
    assert in_flight.now == 0


async def test_a_paced_cluster_does_what_the_cluster_does() -> None:
    """Every call goes through, with its result and its errors."""
    cluster, in_flight, target = FakeCluster(), InFlight(2), Target("v1", "ConfigMap")
    paced = Paced(cluster, in_flight)
    await paced.create(target, "ns", b'{"metadata": {"name": "a"}}')
    await paced.update(target, "ns", "a", b'{"metadata": {"name": "a"}, "b": 1}')
    await paced.patch(target, "ns", "a", b'{"c": 2}', "merge")
    assert (await paced.get(target, "ns", "a") or {})["b"] == 1
    assert await paced.namespaced(target)
    assert await paced.allowed(target, "ns", "get")
    assert await paced.delete(target, "ns", "a")
    cluster.failures = fail(CROWDED)
    with pytest.raises(Unavailable):
        await paced.create(target, "ns", b'{"metadata": {"name": "b"}}')
    assert in_flight.limit == 1
