"""The life of a service, under real signals."""

import asyncio
import os
import signal

import pytest

from common.service import EndedEarly, first, pause, serve


async def forever() -> None:
    """Attend for ever."""
    await asyncio.Event().wait()


def terminate() -> None:
    """Send ourselves SIGTERM."""
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.promise("A9")
async def test_sigterm_lets_the_roles_finish_and_attendants_outlive_them() -> None:
    """What is in hand is finished before the heartbeats stop; a second SIGTERM changes nothing."""
    story: list[str] = []

    async def role(stop: asyncio.Event) -> None:
        asyncio.get_running_loop().call_later(0.01, terminate)
        await stop.wait()
        terminate()
        await asyncio.sleep(0.05)
        story.append("role finished")

    async def attendant() -> None:
        try:
            await forever()
        finally:
            story.append("attendant ended")

    await serve({"role": role}, {"attendant": attendant}, drain=5)
    assert story == ["role finished", "attendant ended"]


async def test_an_attendant_that_loses_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client library may swallow one, and a pod that goes on for ever because of that is killed by its kubelet."""
    monkeypatch.setattr("common.service.INSIST", 0.01)
    lost = []

    async def role(stop: asyncio.Event) -> None:
        asyncio.get_running_loop().call_later(0.01, terminate)
        await stop.wait()

    async def deaf() -> None:
        try:
            await forever()
        except asyncio.CancelledError as cancellation:
            lost.append(cancellation)
        await forever()

    async with asyncio.timeout(5):
        await serve({"role": role}, {"deaf": deaf}, drain=5)
    assert len(lost) == 1


async def test_a_role_that_does_not_finish_is_cut_off_at_the_deadline() -> None:
    """The process ends in time, and not with success."""

    async def stuck(stop: asyncio.Event) -> None:
        terminate()
        await stop.wait()
        await forever()

    with pytest.raises(BaseExceptionGroup) as caught:
        await serve({"stuck": stuck}, {"attendant": forever}, drain=0.05)
    assert caught.value.subgroup(TimeoutError)


async def test_a_role_that_ends_by_itself_is_a_fault() -> None:
    """Half dead and green does not exist."""

    async def over(stop: asyncio.Event) -> None:
        assert not stop.is_set()

    with pytest.raises(BaseExceptionGroup) as caught:
        await serve({"over": over}, {"attendant": forever}, drain=1)
    assert caught.value.subgroup(EndedEarly)


async def test_an_attendant_that_ends_is_a_fault() -> None:
    """A service without its health page or its bus does not go on."""

    async def role(stop: asyncio.Event) -> None:
        await stop.wait()

    async def over() -> None:
        return

    with pytest.raises(BaseExceptionGroup) as caught:
        await serve({"role": role}, {"over": over}, drain=1)
    assert caught.value.subgroup(EndedEarly)


async def test_pause_wakes_on_stop() -> None:
    """No back-off delays the end of the process."""
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, stop.set)
    assert await pause(stop, 60)
    assert not await pause(asyncio.Event(), 0.01)


async def test_first_takes_the_first_and_cancels_the_rest() -> None:
    """The losers of the race do not go on in the dark."""
    cancelled = asyncio.Event()

    async def slow() -> None:
        try:
            await forever()
        finally:
            cancelled.set()

    assert await first(slow(), asyncio.sleep(0.01))
    assert cancelled.is_set()
    assert not await first(slow(), timeout=0.01)
