"""Whose streams they are: changed settings of ours are applied or refused, those of others are never touched (G2, G3)."""

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from nats.js.api import DiscardPolicy, RetentionPolicy, StreamConfig

from argosy.servers.nats import NatsServer
from common.bus import Bus
from common.bus.register import Register, Wanted
from common.bus.streams import EVENTS_MAX_BYTES, prepare_events, prepare_ledger
from common.errors import Refused
from tests.integration.common.live import everything, running

KIB = 1024


async def prepared(server: NatsServer, stream: str, **settings: object) -> StreamConfig:
    """Start with these settings, and give the stream as it is then. Raises `Refused` as the start would say it."""
    faults: list[Refused] = []

    async def prepare(bus: Bus) -> None:
        try:
            await everything(bus)
        except Refused as error:
            faults.append(error)

    async with running(server, stream, prepare, **settings) as bus:
        await bus.wait_connected()
        if faults:
            raise faults[0]
        config: StreamConfig = (await bus.jetstream.stream_info(stream)).config
        return config


async def stored(server: NatsServer, stream: str) -> int:
    """Count what is stored."""

    async def leave_alone(_: Bus) -> None:
        pass

    async with running(server, stream, leave_alone) as bus:
        await bus.wait_connected()
        return (await bus.jetstream.stream_info(stream)).state.messages


async def fill(server: NatsServer, stream: str, count: int, size: int = 100) -> None:
    """Put events onto one subject."""
    async with running(server, stream) as bus:
        await bus.wait_connected()
        for _ in range(count):
            await bus.publish(bus.names.event("a", "b"), b"x" * size)


@pytest.mark.promise("G3")
async def test_limits_that_lose_nothing_are_applied(nats_server: NatsServer, stream: str) -> None:
    """More room and less room that is not used yet; what is stored stays. A size that nobody asked for is left alone."""
    await fill(nats_server, stream, 20)
    assert (await prepared(nats_server, stream)).max_bytes == EVENTS_MAX_BYTES
    changed = await prepared(nats_server, stream, max_bytes=2 * EVENTS_MAX_BYTES, max_msgs_per_subject=50)
    assert (changed.max_bytes, changed.max_msgs_per_subject) == (2 * EVENTS_MAX_BYTES, 50)
    changed = await prepared(nats_server, stream, max_bytes=EVENTS_MAX_BYTES // 2, max_msgs_per_subject=30)
    assert (changed.max_bytes, changed.max_msgs_per_subject) == (EVENTS_MAX_BYTES // 2, 30)
    assert (await prepared(nats_server, stream)).max_bytes == EVENTS_MAX_BYTES // 2
    assert await stored(nats_server, stream) == 20


@pytest.mark.promise("G3")
@pytest.mark.parametrize(
    ("settings", "why"),
    [({"max_msgs_per_subject": 10}, "max_msgs_per_subject is 1000000, wanted is 10, but 20 are stored"),
     ({"max_bytes": 30 * KIB}, r"max_bytes is \d+, wanted is 30720, but \d+ are stored")],
)  # fmt: skip
async def test_a_limit_below_what_is_stored_is_refused(
    nats_server: NatsServer, stream: str, settings: dict[str, int], why: str
) -> None:
    """The server would throw away what is above a subject's limit, unread: without the look at what is stored this fails."""
    await fill(nats_server, stream, 20, size=2 * KIB)
    with pytest.raises(Refused, match=why):
        await prepared(nats_server, stream, **settings)
    assert await stored(nats_server, stream) == 20


@pytest.mark.promise("G3")
async def test_a_hand_that_made_our_stream_forgetful_is_corrected(nats_server: NatsServer, stream: str) -> None:
    """An age, a limit of messages, or throwing away the oldest would lose events: all are set back at the next start."""
    await fill(nats_server, stream, 5)
    async with running(nats_server, stream) as bus:
        await bus.wait_connected()
        config = (await bus.jetstream.stream_info(stream)).config
        forgetful = {"discard": DiscardPolicy.OLD, "discard_new_per_subject": False, "max_age": 3600.0, "max_msgs": 10}
        await bus.jetstream.update_stream(replace(config, **forgetful, duplicate_window=60.0))
    mended = await prepared(nats_server, stream)
    assert (mended.discard, mended.discard_new_per_subject, mended.max_age, mended.max_msgs, mended.duplicate_window) == (
        DiscardPolicy.NEW, True, 0, -1, 1800
    )  # fmt: skip
    assert await stored(nats_server, stream) == 5


@pytest.mark.promise("G3")
async def test_what_cannot_be_changed_is_refused_with_every_difference(nats_server: NatsServer, stream: str) -> None:
    """Subjects, retention and storage decide about what is stored: all that differs is named, and nothing is changed."""

    async def prepare(bus: Bus) -> None:
        await bus.jetstream.add_stream(
            name=stream, subjects=[f"{stream}.x"], retention=RetentionPolicy.WORK_QUEUE, storage="memory",
            metadata={"argosy.io/owner": "argosy"},
        )  # fmt: skip

    async with running(nats_server, stream, prepare) as bus:
        await bus.wait_connected()
        before = (await bus.jetstream.stream_info(stream)).config
        with pytest.raises(Refused) as refused:
            await prepare_events(bus.jetstream, bus.names, bus.config)
        assert "subjects is" in str(refused.value)
        assert "retention is workqueue, wanted is limits" in str(refused.value)
        assert "storage is memory, wanted is file" in str(refused.value)
        assert (await bus.jetstream.stream_info(stream)).config == before


@pytest.mark.promise("G3")
async def test_replicas_that_the_server_cannot_hold_are_refused(nats_server: NatsServer, stream: str) -> None:
    """One node keeps one copy: the start says what it wanted, and the stream stays as it was."""
    await fill(nats_server, stream, 1)
    with pytest.raises(Refused, match=r"num_replicas from 1 to 3.*replicas > 1 not supported"):
        await prepared(nats_server, stream, replicas=3)
    assert (await prepared(nats_server, stream)).num_replicas == 1


@pytest.mark.promise("G3")
async def test_a_foreign_stream_stays_as_it_is_whatever_we_want(nats_server: NatsServer, stream: str) -> None:
    """Its whole configuration is the same before and after a start with settings that differ in everything."""

    async def prepare(bus: Bus) -> None:
        await bus.jetstream.add_stream(name=stream, subjects=[f"{stream}.*.*"], max_msgs=500, max_age=3600, max_bytes=1 << 20)

    async with running(nats_server, stream, prepare) as bus:
        await bus.wait_connected()
        before = asdict((await bus.jetstream.stream_info(stream)).config)
        assert (
            await prepare_events(bus.jetstream, bus.names, replace(bus.config, max_bytes=1, max_msgs_per_subject=1))
        ).foreign
        assert asdict((await bus.jetstream.stream_info(stream)).config) == before


@pytest.mark.promise("G2")
async def test_the_same_names_of_another_install_are_refused_with_both_owners(nats_server: NatsServer, stream: str) -> None:
    """Neither the stream of events nor anything beside it is shared by accident."""
    async with running(nats_server, stream, owner="one/argosy") as bus:
        await bus.wait_connected()
        before = (await bus.jetstream.stream_info(stream)).config
        other = replace(bus.config, owner="two/argosy", max_msgs_per_subject=5)
        with pytest.raises(Refused, match="belongs to one/argosy, not to two/argosy: choose another NATS_STREAM"):
            await prepare_events(bus.jetstream, bus.names, other)
        with pytest.raises(Refused, match="belongs to one/argosy, not to two/argosy"):
            await prepare_ledger(bus.jetstream, bus.names, other)
        assert (await bus.jetstream.stream_info(stream)).config == before


@pytest.mark.promise("G2")
async def test_subjects_of_another_install_are_refused_with_both_owners(own_nats: Callable[..., NatsServer]) -> None:
    """Another stream with the same first token: the server refuses it, and we say whose the subjects are."""
    server = own_nats()
    async with running(server, "one", owner="one/argosy") as bus:
        await bus.wait_connected()
        names = replace(bus.names, stream="two")
        why = r"stream two of two/argosy: its subjects one\.\*\.\* are in stream one \(of one/argosy\)"
        with pytest.raises(Refused, match=why):
            await prepare_events(bus.jetstream, names, replace(bus.config, owner="two/argosy"))


@pytest.mark.promise("G2")
async def test_two_installs_on_one_server_do_not_meet(own_nats: Callable[..., NatsServer]) -> None:
    """The same event source, sensor and trigger under other names of streams: each has its own events, register and dedupe."""
    server = own_nats()
    async with running(server, "one", owner="one") as one, running(server, "two", owner="two") as two:
        await one.wait_connected()
        await two.wait_connected()
        for bus, count in ((one, 3), (two, 5)):
            for number in range(count):
                ack = await bus.publish(bus.names.event("orders", "created"), b"x", {"Nats-Msg-Id": str(number)})
                assert not ack.duplicate
            want = Wanted("t", bus.names.event("orders", "created"), "group-1")
            await Register(bus).place("ns", "orders", [want], foreign=False)
        found = {}
        for bus in (one, two):
            found[bus.names.stream] = (await bus.jetstream.stream_info(bus.names.stream)).state.messages
            assert [entry.subject for entry in await Register(bus).entries()] == [bus.names.event("orders", "created")]
        assert found == {"one": 3, "two": 5}
        streams = {
            str(info.config.name): info.config.metadata["argosy.io/owner"] for info in await one.jetstream.streams_info()
        }
        assert {name: owner for name, owner in streams.items() if owner not in name} == {}
