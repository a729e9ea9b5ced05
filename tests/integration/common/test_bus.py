"""The bus against a real nats-server: connection, PubAcks, streams and dead letters."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig
from common.bus.headroom import EVERYTHING, room
from common.bus.streams import EventStream, prepare_events, prepare_ledger
from common.deadletters import DeadLetter, DeadLetters
from common.errors import Refused, Rejected, Unavailable
from tests.integration.common.live import running, until


async def stored_at_last(bus: Bus, subject: str) -> None:
    """Publish again and again until it is stored, as the event source does."""
    while True:
        with suppress(Unavailable):
            await bus.publish(subject, b"x")
            return
        await asyncio.sleep(0.1)


async def test_a_repeated_publish_is_stored_once(bus: Bus) -> None:
    """The PubAck says that a message with the same Nats-Msg-Id was there before."""
    subject = bus.names.event("orders", "created")
    first = await bus.publish(subject, b"x", {"Nats-Msg-Id": "1"})
    second = await bus.publish(subject, b"x", {"Nats-Msg-Id": "1"})
    assert (first.duplicate, second.duplicate, second.seq) == (False, True, first.seq)


async def test_many_publishes_share_one_inbox(bus: Bus) -> None:
    """A thousand confirmations find their publishers, each once."""
    subject = bus.names.event("orders", "created")
    acks = await asyncio.gather(*(bus.publish(subject, b"x") for _ in range(1000)))
    assert len({ack.seq for ack in acks}) == 1000


async def test_a_subject_without_a_stream_is_unavailable(bus: Bus) -> None:
    """Nothing that nobody stores is ever taken for stored."""
    with pytest.raises(Unavailable, match="no stream"):
        await bus.publish("nobody.listens", b"x")


async def test_what_the_server_never_takes_is_rejected_before_it_is_sent(bus: Bus) -> None:
    """A payload above max_payload, headers included, is named and does not cost the connection."""
    with pytest.raises(Rejected, match="max_payload"):
        await bus.publish(bus.names.event("orders", "created"), b"x" * bus.max_payload, {"Nats-Msg-Id": "1"})
    assert (await bus.publish(bus.names.event("orders", "created"), b"x")).seq == 1


@pytest.mark.promise("A7")
async def test_a_full_subject_pushes_back_and_leaves_the_others_alone(nats_server: NatsServer, stream: str) -> None:
    """Discard new per subject: the full one is unavailable, still knows its duplicates, and its neighbour goes on."""
    async with running(nats_server, stream, max_msgs_per_subject=2) as bus:
        await bus.wait_connected()
        full, other = bus.names.event("a", "full"), bus.names.event("a", "other")
        for number in range(2):
            await bus.publish(full, b"x", {"Nats-Msg-Id": str(number)})
        with pytest.raises(Unavailable, match="maximum"):
            await bus.publish(full, b"x", {"Nats-Msg-Id": "2"})
        assert (await bus.publish(full, b"x", {"Nats-Msg-Id": "1"})).duplicate
        await bus.publish(other, b"x")


async def test_a_bus_that_restarts_is_used_again(own_nats: Callable[..., NatsServer]) -> None:
    """A kill -9 of the server costs what was under way; the same bus goes on with the same stream."""
    server = own_nats()
    async with running(server, "events") as bus:
        await bus.wait_connected()
        await bus.publish("events.a.b", b"x", {"Nats-Msg-Id": "1"})
        server.kill()
        await until(lambda: not bus.connected)
        with pytest.raises(Unavailable):
            await bus.publish("events.a.b", b"x", {"Nats-Msg-Id": "2"})
        server.start()
        await until(lambda: bus.connected)
        assert (await bus.publish("events.a.b", b"x", {"Nats-Msg-Id": "1"})).duplicate


@pytest.mark.promise("A9")
async def test_what_was_said_last_is_heard(nats_server: NatsServer, stream: str) -> None:
    """Acks are words that nobody answers: those that were just said go out before the connection ends."""
    async with running(nats_server, stream) as bus:
        await bus.wait_connected()
        for _ in range(200):
            await bus.client.publish(bus.names.event("a", "b"), b"x" * 100_000)
    async with running(nats_server, stream) as bus:
        await bus.wait_connected()
        # What the server has read it stores a moment later.
        async with asyncio.timeout(20):
            while (await bus.jetstream.stream_info(stream)).state.messages < 200:  # noqa: ASYNC110 - what is waited for is another process
                await asyncio.sleep(0.05)


async def test_a_bus_that_is_not_there_yet_is_waited_for(own_nats: Callable[..., NatsServer]) -> None:
    """The first connect has all the time in the world."""
    server = own_nats()
    server.stop()
    async with running(server, "events") as bus:
        await asyncio.sleep(0.3)
        assert not bus.connected
        server.start()
        await until(lambda: bus.connected)


async def test_a_stream_that_vanished_is_made_again(own_nats: Callable[..., NatsServer]) -> None:
    """After every connect the streams are looked at: a bus that came back empty is prepared anew."""
    server = own_nats()
    async with running(server, "events") as bus:
        await bus.wait_connected()
        await bus.jetstream.delete_stream("events")
        server.stop()
        await until(lambda: not bus.connected)
        server.start()
        await until(lambda: bus.connected)
        assert (await bus.publish("events.a.b", b"x")).seq == 1


async def test_a_silent_bus_is_noticed(own_nats: Callable[..., NatsServer]) -> None:
    """A server that is stopped without closing its sockets counts as away: a publish ends by its own deadline."""
    server = own_nats()
    async with running(server, "events") as bus:
        await bus.wait_connected()
        server.suspend()
        await asyncio.sleep(0.2)  # its threads stop one after the other
        with pytest.raises(Unavailable, match="within"):
            await bus.publish("events.a.b", b"x", timeout=0.5)
        server.resume()
        await asyncio.wait_for(stored_at_last(bus, "events.a.b"), 30)


async def test_two_installs_do_not_meet_in_one_stream(nats_server: NatsServer, stream: str) -> None:
    """A stream with another owner's mark is refused, with the way out in the error."""
    async with running(nats_server, stream, owner="one") as bus:
        await bus.wait_connected()
        with pytest.raises(Refused, match="belongs to one"):
            await prepare_ledger(bus.jetstream, bus.names, BusConfig(servers=(), owner="two"))


async def test_a_foreign_stream_is_never_changed(nats_server: NatsServer, stream: str) -> None:
    """What Argo Events made stays as it is; what can lose events there is said."""
    found: list[EventStream] = []

    async def prepare(bus: Bus) -> None:
        js = bus.jetstream
        await js.add_stream(name=stream, subjects=[f"{stream}.*.*"], max_msgs=50000)
        found.append(await prepare_events(js, bus.names, bus.config))

    async with running(nats_server, stream, prepare) as bus:
        await bus.wait_connected()
        config = (await bus.jetstream.stream_info(stream)).config
        assert found[0].foreign
        assert "throws the oldest events away" in found[0].warnings[0]
        assert (config.max_msgs, config.max_bytes, config.metadata.get("argosy.io/owner")) == (50000, -1, None)


async def test_streams_fit_into_a_small_account(own_nats: Callable[..., NatsServer]) -> None:
    """With little storage the streams are made smaller, all of them, instead of failing one by one."""
    server = own_nats(jetstream="max_file_store: 256MB")
    async with running(server, "events") as bus:
        await asyncio.wait_for(bus.wait_connected(), 10)
        events = await bus.jetstream.stream_info("events")
        assert 0 < events.config.max_bytes <= 256 * 1024 * 1024


async def test_settings_of_our_own_stream_are_reconciled(nats_server: NatsServer, stream: str) -> None:
    """A changed limit is applied at the next start, without losing what is stored."""
    async with running(nats_server, stream) as bus:
        await bus.wait_connected()
        await bus.publish(bus.names.event("a", "b"), b"x")
    async with running(nats_server, stream, max_msgs_per_subject=7) as bus:
        await bus.wait_connected()
        info = await bus.jetstream.stream_info(stream)
        assert (info.config.max_msgs_per_subject, info.state.messages) == (7, 1)


async def test_a_stream_that_is_taken_away_is_made_again_without_a_reconnect(bus: Bus) -> None:
    """Publishing finds out, and the next try is stored."""
    await bus.jetstream.delete_stream(bus.names.stream)
    with pytest.raises(Unavailable):
        await bus.publish(bus.names.event("a", "b"), b"x")
    await asyncio.wait_for(bus.wait_connected(), 10)
    assert (await bus.publish(bus.names.event("a", "b"), b"x")).seq == 1


async def test_parking_twice_stores_once(bus: Bus) -> None:
    """A crash between the dead letter and the ack leaves one letter, with the original bytes and the reason."""
    letter = DeadLetter(
        kind="sensor",
        namespace="ns",
        owner="s p.a",
        part="t",
        reason="rejected",
        detail="no\nway",
        identity="1",
        body=b"\x00raw",
        first="2024-01-02T03:04:05Z",
        last="2024-01-02T03:04:06Z",
        headers={"Nats-Msg-Id": "of the event", "Argosy-Attempt": "2"},
    )
    for _ in range(2):
        await DeadLetters(bus).park(letter)
    info = await bus.jetstream.stream_info(bus.names.deadletters)
    stored = await bus.jetstream.get_msg(bus.names.deadletters, seq=1)
    assert (info.state.messages, stored.data) == (1, b"\x00raw")
    assert (stored.headers["Argosy-Reason"], stored.headers["Argosy-Detail"]) == ("rejected", "no way")


@pytest.mark.promise("A7")
async def test_unread_events_of_a_foreign_stream_are_measured(bus: Bus) -> None:
    """On a stream that discards old events the source knows how near it is to losing some."""
    js, name = bus.jetstream, f"{bus.names.stream}-go"
    await js.add_stream(name=name, subjects=[f"{name}.*.*"], max_msgs=10)
    await js.add_consumer(name, durable_name="reader", filter_subject=f"{name}.a.b", ack_policy="explicit")
    for _ in range(8):
        await bus.publish(f"{name}.a.b", b"x")
    assert (await room(bus.client, name, f"{name}.a.b")).share == pytest.approx(0.8)
    subscription = await js.pull_subscribe_bind("reader", name)
    for message in await subscription.fetch(6, timeout=5):
        await message.ack_sync()
    assert (await room(bus.client, name, f"{name}.a.b")).share == pytest.approx(0.2)
    assert (await room(bus.client, name, f"{name}.nobody.reads")).share == pytest.approx(0.8)
    assert (await room(bus.client, bus.names.stream, "x")).share == 0
    left = await room(bus.client, name, f"{name}.a.b")
    assert (left.share, left.messages, left.size) == (pytest.approx(0.2), pytest.approx(6), float("inf"))
    assert (await room(bus.client, name, f"{name}.nobody.reads")).messages < 1
    assert await room(bus.client, bus.names.stream, "x") is EVERYTHING
