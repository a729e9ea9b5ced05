"""Where triggers start and go on, and what may be purged, against a real nats-server."""

import asyncio

import pytest

from argosy.servers.nats import NatsServer
from common.bus import Bus
from common.bus.purge import purge
from common.bus.register import Register, Wanted
from common.bus.retire import retire
from tests.integration.common.live import everything, running


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
