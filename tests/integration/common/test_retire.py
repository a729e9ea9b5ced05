"""A trigger that leaves the bus, and what was on its way back to it."""

from collections.abc import AsyncIterator

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus, drain
from common.bus.register import Entry, Register, Wanted
from common.bus.retire import retire
from common.bus.streams import prepare_replays
from common.deadletters import letter, replay
from common.subjects import replayer
from tests.integration.common.live import everything, running


@pytest.fixture
async def bus(nats_server: NatsServer, stream: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bus]:
    """Give a connected bus with a way back."""
    monkeypatch.setattr(drain, "FETCH_TIMEOUT", 0.5)

    async def prepare(bus: Bus) -> None:
        await everything(bus)
        await prepare_replays(bus.jetstream, bus.names, bus.config)

    async with running(nats_server, stream, prepare) as bus:
        await bus.wait_connected()
        yield bus


async def leaves(bus: Bus, *events: str) -> list[Entry]:
    """Register a trigger on the subjects of these events, let it make its way back, and send it a letter."""
    subjects = [bus.names.event("a", event) for event in events]
    await Register(bus).place("ns", "s", [Wanted("t", subject, f"group-{subject[-1]}") for subject in subjects], foreign=False)
    way = bus.names.replay("ns/s", "t")
    await bus.jetstream.add_consumer(
        bus.names.replays, durable_name=replayer("ns/s", "t"), filter_subject=way, ack_policy="explicit"
    )
    headers = {"traceparent": "of the event"}
    sent = letter.DeadLetter("sensor", "ns", "s", "t", "r", "d", "7/x", b"\x00raw", "", "", 1, subjects[0], 7, headers)
    await bus.publish(way, sent.body, replay.write(sent))
    return await Register(bus).entries()


async def left(bus: Bus) -> tuple[int, int]:
    """Count the replays that wait, and the consumers that would take them."""
    state = (await bus.jetstream.stream_info(bus.names.replays)).state
    return state.messages, state.consumer_count


@pytest.mark.promise("A8", "I2")
@pytest.mark.parametrize("park", [True, False], ids=["park", "drop"])
async def test_its_replays_go_back_to_the_dead_letters(bus: Bus, park: bool) -> None:  # noqa: FBT001 - a column
    """No pod is there to do it later: one retiring moves them, with the event's own bytes, place and headers.

    Dropping is about what waits on the subject; what somebody has sent back is kept. Without `give_back` it stays there.
    """
    [entry] = await leaves(bus, "b")
    assert await left(bus) == (1, 1)
    assert await retire(bus, Register(bus), entry, park=park)
    assert await left(bus) == (0, 0)
    found = await bus.jetstream.get_last_msg(bus.names.deadletters, f"argosy.{bus.names.deadletters}.>")
    back = letter.read(str(found.subject), found.headers or {}, found.data or b"")
    assert (back.body, back.subject, back.sequence) == (b"\x00raw", entry.subject, 7)
    assert (back.reason, back.part, replay.times(back.headers)) == ("trigger_removed", "t", 1)
    assert back.headers["traceparent"] == "of the event"


async def test_a_trigger_that_only_changed_its_event_keeps_its_replays(bus: Bus) -> None:
    """It is still there to take them: only with its last subject they go back."""
    first, second = await leaves(bus, "b", "c")
    assert await retire(bus, Register(bus), first, park=True)
    assert await left(bus) == (1, 1)
    assert await retire(bus, Register(bus), second, park=True)
    assert await left(bus) == (0, 0)


async def test_replays_in_somebodys_hand_are_waited_for(bus: Bus) -> None:
    """A pod that is not quite gone has one in hand: the trigger stays registered until that is over."""
    [entry] = await leaves(bus, "b")
    subscription = await bus.jetstream.pull_subscribe_bind(replayer("ns/s", "t"), bus.names.replays)
    [held] = await subscription.fetch(1, timeout=5)
    assert not await retire(bus, Register(bus), entry, park=True)
    assert [each.trigger for each in await Register(bus).entries()] == ["t"]
    await held.nak()
    assert await retire(bus, Register(bus), entry, park=True)
    assert await left(bus) == (0, 0)
