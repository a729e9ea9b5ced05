"""The bus against a real nats-server: connection, PubAcks, streams, register and purge."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig
from common.bus.headroom import EVERYTHING, room
from common.bus.purge import purge
from common.bus.register import Register, Wanted
from common.bus.retire import retire
from common.bus.streams import EventStream, prepare_deadletters, prepare_events, prepare_ledger
from common.deadletters import DeadLetter, DeadLetters
from common.errors import Refused, Rejected, Unavailable
from common.health import Condition
from common.subjects import Names


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is true, or fail after a deadline."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.02)


async def stored_at_last(bus: Bus, subject: str) -> None:
    """Publish again and again until it is stored, as the event source does."""
    while True:
        with suppress(Unavailable):
            await bus.publish(subject, b"x")
            return
        await asyncio.sleep(0.1)


async def ended(*tasks: asyncio.Task[None]) -> None:
    """End tasks, and insist as `serve` does: a cancellation that meets a write of the client's is lost."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.5)


async def everything(bus: Bus) -> None:
    """Prepare all streams that the services use."""
    await prepare_events(bus.jetstream, bus.names, bus.config)
    await prepare_ledger(bus.jetstream, bus.names, bus.config)
    await prepare_deadletters(bus.jetstream, bus.names, bus.config)
    await Register(bus).prepare()


@asynccontextmanager
async def running(
    server: NatsServer, stream: str, prepare: Callable[[Bus], Awaitable[None]] = everything, **config: object
) -> AsyncIterator[Bus]:
    """Run a bus until the block ends."""
    settings = BusConfig(servers=(server.url,), **config)
    bus = Bus(settings, Names(stream, stream), title="test", prepare=prepare, condition=Condition("bus", "starting"))
    task = asyncio.get_running_loop().create_task(bus.run())
    try:
        yield bus
    finally:
        # Once: to insist would cut short what the connection still says on its way out.
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def bus(nats_server: NatsServer, stream: str) -> AsyncIterator[Bus]:
    """Give a connected bus with a stream of its own."""
    async with running(nats_server, stream) as bus:
        await bus.wait_connected()
        yield bus


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
        assert (await bus.jetstream.stream_info(stream)).state.messages == 200


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


def want(trigger: str, subject: str, start_from: str | None = None) -> Wanted:
    """Make a wish of the sensor `s`."""
    return Wanted(trigger, subject, f"group-{trigger}", start_from)


async def test_the_first_trigger_of_a_subject_starts_at_the_oldest_event(bus: Bus) -> None:
    """A sensor that is installed after the source has published gets everything, with all of its triggers."""
    subject = bus.names.event("a", "b")
    for _ in range(3):
        await bus.publish(subject, b"x")
    places = await Register(bus).place("ns", "s", [want("one", subject), want("two", subject)], foreign=False)
    assert {place.floor for place in places.values()} == {0}


async def test_a_further_trigger_starts_at_the_next_event_or_where_it_says(bus: Bus) -> None:
    """Adding a trigger to a subject in use does not replay the past, unless its author wants that."""
    subject = bus.names.event("a", "b")
    register = Register(bus)
    await register.place("ns", "s", [want("one", subject)], foreign=False)
    for _ in range(3):
        await bus.publish(subject, b"x")
    wanted = [want("two", subject), want("three", subject, "oldest")]
    places = await register.place("ns", "other", wanted, foreign=False)
    assert (places["two", subject].floor, places["three", subject].floor) == (3, 0)


async def test_a_registered_trigger_goes_on_at_its_floor(bus: Bus) -> None:
    """Floors only rise, survive a restart of the sensor, and never belong to another consumer."""
    subject = bus.names.event("a", "b")
    register = Register(bus)
    await register.place("ns", "s", [want("one", subject)], foreign=False)
    await register.raise_floors("ns", "s", {("group-one", subject): 5, ("group-else", subject): 9})
    await register.raise_floors("ns", "s", {("group-one", subject): 4})
    # Its name stood for another subject a moment ago, as a list of consumers may still tell.
    await register.raise_floors("ns", "s", {("group-one", bus.names.event("a", "before")): 9})
    places = await register.place("ns", "s", [want("one", subject)], foreign=False)
    assert places["one", subject].floor == 5


@pytest.mark.promise("C1")
async def test_a_floor_says_nothing_about_a_stream_that_was_made_anew(bus: Bus) -> None:
    """Somebody deletes the stream: sequences begin anew, so triggers begin at the oldest event, and nothing is purged unread.

    Without the look at when the stream was made the first events would be skipped, and purged, and this fails.
    """
    subject = bus.names.event("a", "b")
    register = Register(bus)
    await register.place("ns", "s", [want("one", subject), want("two", subject)], foreign=False)
    await register.raise_floors("ns", "s", {("group-one", subject): 500, ("group-two", subject): 500})
    await bus.jetstream.delete_stream(bus.names.stream)
    await everything(bus)
    await bus.publish(subject, b"x")
    assert await purge(bus, register, "ns", "s", set(), foreign=False) == {}
    places = await register.place("ns", "s", [want("one", subject), want("two", subject)], foreign=False)
    assert {place.floor for place in places.values()} == {0}
    assert (await bus.jetstream.stream_info(bus.names.stream)).state.messages == 1


@pytest.mark.promise("G3")
@pytest.mark.parametrize("park", [True, False], ids=["park", "drop"])
async def test_a_trigger_that_leaves_a_foreign_stream_takes_nothing_with_it(
    nats_server: NatsServer,
    stream: str,
    park: bool,  # noqa: FBT001 - a column
) -> None:
    """Its consumer goes, and the events of somebody else stay: without the look at the owner they would be purged."""

    async def prepare(bus: Bus) -> None:
        await bus.jetstream.add_stream(name=stream, subjects=[f"{stream}.*.*"])
        await everything(bus)

    async with running(nats_server, stream, prepare) as bus:
        await bus.wait_connected()
        register, subject = Register(bus), bus.names.event("a", "b")
        await register.place("ns", "s", [want("one", subject)], foreign=True)
        for _ in range(3):
            await bus.publish(subject, b"x")
        [entry] = await register.entries()
        assert await retire(bus, register, entry, park=park)
        assert await register.entries() == []
        assert await bus.jetstream.consumers_info(stream) == []
        assert (await bus.jetstream.stream_info(stream)).state.messages == 3
        assert (await bus.jetstream.stream_info(bus.names.deadletters)).state.messages == (3 if park else 0)


async def test_a_consumer_that_is_taken_over_is_registered_where_it_stands(bus: Bus) -> None:
    """What the Go sensor has not acked yet is not skipped if its consumer is lost before we have caught up."""
    subject = bus.names.event("a", "b")
    for _ in range(3):
        await bus.publish(subject, b"x")
    await bus.jetstream.add_consumer(bus.names.stream, durable_name="group-one", filter_subject=subject, ack_policy="explicit")
    subscription = await bus.jetstream.pull_subscribe_bind("group-one", bus.names.stream)
    for message in await subscription.fetch(1, timeout=5):
        await message.ack_sync()
    places = await Register(bus).place("ns", "s", [want("one", subject)], foreign=True)
    assert places["one", subject].floor == 1


@pytest.mark.promise("A8")
async def test_a_consumer_of_another_event_says_nothing_of_this_one(bus: Bus) -> None:
    """A dependency names another event: the floor of its old consumer is no place to start at, or to purge up to.

    If it counted, the events of the new subject up to there would be skipped, and purged unread.
    """
    register, old, new = Register(bus), bus.names.event("a", "old"), bus.names.event("a", "new")
    await register.place("ns", "s", [Wanted("t", old, "group")], foreign=False)
    await bus.jetstream.add_consumer(bus.names.stream, durable_name="group", filter_subject=old, ack_policy="explicit")
    await bus.publish(new, b"x")
    await bus.publish(old, b"x")
    subscription = await bus.jetstream.pull_subscribe_bind("group", bus.names.stream)
    for message in await subscription.fetch(1, timeout=5):
        await message.ack_sync()
    wanted = [Wanted("t", new, "group", "oldest")]
    places = await register.place("ns", "s", wanted, foreign=False)
    assert places["t", new].floor == 0
    assert places["t", new].consumer != "group"
    assert await purge(bus, register, "ns", "s", {("t", new)}, foreign=False) == {old: 2}
    assert (await bus.jetstream.stream_info(bus.names.stream)).state.messages == 1


@pytest.mark.promise("C4")
async def test_somebody_elses_consumer_says_nothing_of_our_place(bus: Bus) -> None:
    """Its name is ours by chance; once it is gone we start where we were registered, not where it stood."""
    register, subject = Register(bus), bus.names.event("a", "b")
    await bus.jetstream.add_consumer(
        bus.names.stream, durable_name="group-one", filter_subject=subject, ack_policy="explicit",
        metadata={"argosy.io/owner": "ns/else/one"},
    )  # fmt: skip
    await bus.publish(subject, b"x")
    subscription = await bus.jetstream.pull_subscribe_bind("group-one", bus.names.stream)
    for message in await subscription.fetch(1, timeout=5):
        await message.ack_sync()
    places = await register.place("ns", "s", [want("one", subject)], foreign=False)
    assert places["one", subject].floor == 0


async def test_a_stream_that_is_taken_away_is_made_again_without_a_reconnect(bus: Bus) -> None:
    """Publishing finds out, and the next try is stored."""
    await bus.jetstream.delete_stream(bus.names.stream)
    with pytest.raises(Unavailable):
        await bus.publish(bus.names.event("a", "b"), b"x")
    await asyncio.wait_for(bus.wait_connected(), 10)
    assert (await bus.publish(bus.names.event("a", "b"), b"x")).seq == 1


async def test_replicas_register_at_once_without_losing_a_record(bus: Bus) -> None:
    """Compare-and-set: ten pods of two sensors register together, and every trigger is there."""
    subject = bus.names.event("a", "b")
    register = Register(bus)
    await asyncio.gather(*(register.place("ns", f"s{n % 2}", [want(f"t{n % 2}", subject)], foreign=False) for n in range(10)))
    assert sorted(entry.trigger for entry in await register.entries()) == ["t0", "t1"]


async def test_the_purge_keeps_what_the_slowest_trigger_needs(bus: Bus) -> None:
    """Events leave when every registered trigger and every other consumer is done with them; other subjects stay."""
    subject, other = bus.names.event("a", "b"), bus.names.event("a", "unread")
    for _ in range(4):
        await bus.publish(subject, b"x")
    await bus.publish(other, b"x")
    register = Register(bus)
    await register.place("ns", "s", [want("fast", subject), want("slow", subject)], foreign=False)
    for name, count in (("fast", 4), ("slow", 2)):
        await bus.jetstream.add_consumer(
            bus.names.stream, durable_name=f"group-{name}", filter_subject=subject, ack_policy="explicit"
        )
        subscription = await bus.jetstream.pull_subscribe_bind(f"group-{name}", bus.names.stream)
        for message in await subscription.fetch(count, timeout=5):
            await message.ack_sync()
    assert await purge(bus, register, "ns", "s", set(), foreign=False) == {subject: 2}
    state = (await bus.jetstream.stream_info(bus.names.stream, subjects_filter=">")).state
    assert state.subjects == {subject: 2, other: 1}


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
    assert (await room(js, name, f"{name}.a.b")).share == pytest.approx(0.8)
    subscription = await js.pull_subscribe_bind("reader", name)
    for message in await subscription.fetch(6, timeout=5):
        await message.ack_sync()
    assert (await room(js, name, f"{name}.a.b")).share == pytest.approx(0.2)
    assert (await room(js, name, f"{name}.nobody.reads")).share == pytest.approx(0.8)
    assert (await room(js, bus.names.stream, "x")).share == 0
    left = await room(js, name, f"{name}.a.b")
    assert (left.share, left.messages, left.size) == (pytest.approx(0.2), pytest.approx(6), float("inf"))
    assert (await room(js, name, f"{name}.nobody.reads")).messages < 1
    assert await room(js, bus.names.stream, "x") is EVERYTHING
