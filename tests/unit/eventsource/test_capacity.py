"""Places come before polls, for messages and for bytes."""

import asyncio

import pytest

from eventsource.capacity import Capacity
from tests.fakes_eventsource import play

MIB = 1024 * 1024


def test_a_receive_gets_ten_places_at_most() -> None:
    """SQS hands out ten at a time; small limits give what they have."""

    async def scenario() -> None:
        assert await Capacity(200, 64 * MIB).take() == 10
        assert await Capacity(3, 64 * MIB).take() == 3

    play(scenario())


def test_a_receive_waits_for_places() -> None:
    """When all places are taken nothing is received until one is free, and then for a whole batch if that comes soon."""

    async def scenario() -> None:
        capacity = Capacity(20, 64 * MIB)
        for _ in range(2):
            capacity.trade(await capacity.take(), [1] * 10)
        waiting = asyncio.ensure_future(capacity.take())  # noqa: TID251 - the test owns it
        await asyncio.sleep(100)
        assert not waiting.done()
        for _ in range(10):
            capacity.give(1)
            await asyncio.sleep(0.001)
        assert await waiting == 10

    play(scenario())


def test_a_few_places_are_better_than_none() -> None:
    """One place that is free for long is used: the others may be held for hours."""

    async def scenario() -> None:
        capacity = Capacity(20, 64 * MIB)
        for _ in range(2):
            capacity.trade(await capacity.take(), [1] * 10)
        capacity.give(1)
        async with asyncio.timeout(1):
            assert await capacity.take() == 1

    play(scenario())


@pytest.mark.promise("F4")
def test_large_bodies_take_the_room_of_many() -> None:
    """After a body of 1 MiB was seen, as many are received as fit."""

    async def scenario() -> None:
        capacity = Capacity(200, 4 * MIB)
        capacity.trade(await capacity.take(), [MIB])
        assert await capacity.take() == 3

    play(scenario())


def test_one_message_always_fits() -> None:
    """A body larger than all the room does not end the polling."""

    async def scenario() -> None:
        capacity = Capacity(200, 2 * MIB)
        capacity.trade(await capacity.take(), [3 * MIB])
        capacity.give(3 * MIB)
        async with asyncio.timeout(1):
            assert await capacity.take() == 1

    play(scenario())


def test_what_a_receive_did_not_bring_is_free_again() -> None:
    """An empty receive, or one that failed, leaves no trace."""

    async def scenario() -> None:
        capacity = Capacity(10, 64 * MIB)
        for _ in range(50):
            capacity.trade(await capacity.take(), [])
        assert capacity.held == 0

    play(scenario())
