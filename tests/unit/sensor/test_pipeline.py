"""One delivery, one outcome: the order create, ledger, ack, and what each kind of error becomes."""

import asyncio

import pytest

from common.errors import Failed, Refused, Rejected, Unavailable
from sensor import identity
from sensor.ports import Tried
from sensor.settle import Strategy
from sensor.spec import Backoff
from tests.fakes_eventsource import play, until
from tests.fakes_sensor import FakeTrigger, World, delivery, event

DIGEST = identity.firing("ns", "s", "t", {"order": event()})


def test_an_event_fires_is_remembered_and_acked() -> None:
    """The good way: fired once, in the ledger, acked."""

    async def scenario() -> None:
        world = World()
        one = delivery()
        await world.give(one)
        assert (world.trigger.fired, world.ledger.entries, one.said) == ([DIGEST], [DIGEST], "ack")

    play(scenario())


@pytest.mark.promise("A2")
def test_nothing_is_acked_before_the_ledger_confirmed() -> None:
    """While the bus is away after the create, the event is neither acked nor given up; then it is remembered and acked."""

    async def scenario() -> None:
        world = World()
        world.ledger.connected = False
        world.ledger.failures = [Unavailable("away")]
        one = delivery()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.line.handle(one))
            await asyncio.sleep(60)
            assert world.trigger.fired
            assert not one.said
            world.ledger.connected = True
            world.ledger.back.set()
        assert (world.ledger.entries, one.said) == ([DIGEST], "ack")

    play(scenario())


@pytest.mark.promise("B6")
def test_an_event_with_the_producers_own_key_is_looked_up_first() -> None:
    """The same key may come under another MessageId at any time, so the ledger is asked before the first firing."""

    async def scenario() -> None:
        world = World()
        one = delivery(event(extensions={"argosyidempotencykey": "order-1"}))
        world.ledger.entries = [DIGEST]
        await world.give(one)
        assert (world.trigger.fired, one.said) == ([], "ack")

    play(scenario())


def test_a_ledger_that_refuses_does_not_hold_firing_up() -> None:
    """A full ledger shortens the memory, and nothing else."""

    async def scenario() -> None:
        world = World()
        world.ledger.failures = [Unavailable("full")] * 3
        one = delivery()
        await world.give(one)
        assert (world.trigger.fired, world.ledger.entries, one.said) == ([DIGEST], [], "ack")

    play(scenario())


@pytest.mark.promise("B2")
@pytest.mark.parametrize(
    "again",
    [
        delivery(deliveries=2),
        delivery(headers={"Argosy-Attempt": "2"}),
        delivery(event(extensions={"sqsreceivecount": "3"})),
    ],
    ids=["redelivered", "published-again", "received-again"],
)
def test_what_may_have_fired_is_looked_for_first(again: object) -> None:
    """A repetition whose object is there does not fire; it is remembered anew and acked."""

    async def scenario() -> None:
        world = World(trigger=FakeTrigger(there={DIGEST}))
        await world.line.handle(again)  # type: ignore[arg-type]
        assert world.trigger.fired == []
        assert world.ledger.entries == [DIGEST]

    play(scenario())


@pytest.mark.promise("B3")
def test_the_ledger_knows_what_the_cluster_forgot() -> None:
    """A repetition whose object is gone does not fire when the ledger holds it, also if its consumer is new or we are late."""

    async def scenario() -> None:
        for one in (delivery(deliveries=2), delivery(early=True), delivery(stale=True)):
            world = World()
            world.ledger.entries = [DIGEST]
            await world.give(one)
            assert (world.trigger.fired, one.said) == ([], "ack")
            assert world.ledger.entries == [DIGEST, DIGEST]

    play(scenario())


@pytest.mark.promise("B3")
def test_what_the_bus_forgot_lately_is_known() -> None:
    """It comes as if for the first time, after a reconnect: the last firings are known, and the cluster is not asked."""

    async def scenario() -> None:
        world = World()
        world.ledger.entries = [DIGEST]
        one = delivery()
        one.uncounted = True
        await world.give(one)
        assert (world.trigger.fired, one.said, world.line.counts) == ([], "ack", {"duplicate": 1})
        assert world.ledger.entries == [DIGEST]

    play(scenario())


def test_a_first_delivery_looks_nowhere() -> None:
    """The hot path asks neither the ledger nor the cluster."""

    async def scenario() -> None:
        world = World(trigger=FakeTrigger(there=set()))
        world.ledger.entries = [DIGEST]
        await world.give(delivery())
        assert world.trigger.fired == [DIGEST]

    play(scenario())


def test_a_look_up_that_fails_is_waited_for() -> None:
    """Who cannot tell whether it was done does not do it; the event waits in place, uncounted, until somebody can."""

    async def scenario() -> None:
        world = World()
        world.ledger.failures = [Unavailable("away")] * 60
        world.ledger.entries = [DIGEST]
        one = delivery(deliveries=2)
        await world.give(one)
        assert (world.trigger.fired, one.said, world.attempts.kept) == ([], "ack", {})

    play(scenario())


@pytest.mark.promise("A4")
@pytest.mark.parametrize("error", [Unavailable("away"), Unavailable("slow down", after=7.0), Refused("forbidden")])
def test_what_is_not_about_the_event_is_no_attempt(error: Exception) -> None:
    """An outage or a missing permission is waited for in place, however often it says no."""

    async def scenario() -> None:
        world = World(trigger=FakeTrigger(failures=[error] * 100))
        one = delivery()
        await world.give(one)
        assert (world.trigger.fired, one.said) == ([DIGEST], "ack")
        assert world.attempts.kept == {}
        assert world.parking.letters == []
        assert world.changes[-1] is None

    play(scenario())


def test_attempts_are_counted_then_parked() -> None:
    """`steps: 3` means three attempts, with the pauses of the document, then a dead letter that tells all."""

    async def scenario() -> None:
        world = World(strategy=Strategy(Backoff(3, 2.0, 3.0, 0.0)), trigger=FakeTrigger(failures=[Failed("no")] * 3))
        tries = [delivery(deliveries=n, headers={"A": "b"}) for n in (1, 2, 3)]
        await world.give(*tries)
        assert [(t.said, t.after) for t in tries] == [("nak", 2.0), ("nak", 6.0), ("ack", 0.0)]
        (letter,) = world.parking.letters
        assert (letter.reason, letter.attempts, letter.sequence, letter.headers) == ("retries_exhausted", 3, 7, {"A": "b"})
        assert letter.body == tries[0].envelope.body
        assert world.attempts.kept == {}

    play(scenario())


@pytest.mark.promise("A3")
def test_what_cannot_be_parked_comes_again() -> None:
    """If the dead letters take nothing the event stays on the bus."""

    async def scenario() -> None:
        world = World(trigger=FakeTrigger(failures=[Rejected("rejected", "bad")]))
        world.parking.failures = [Unavailable("full")]
        one = delivery()
        await world.give(one)
        assert (one.said, world.parking.letters) == ("nak", [])

    play(scenario())


@pytest.mark.promise("A5")
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"specversion":"9"}', b"\xff\xfe"])
def test_what_is_no_event_is_parked(body: bytes) -> None:
    """Unreadable messages are parked as they came; `null`, which crashes the Go sensor, among them."""

    async def scenario() -> None:
        world = World()
        one = delivery(body)
        await world.give(one)
        assert one.said == "ack"
        assert [(letter.reason, letter.body) for letter in world.parking.letters] == [("unreadable", body)]

    play(scenario())


def test_an_event_of_somebody_else_is_done_with() -> None:
    """An event that no dependency names is counted, not fired."""

    async def scenario() -> None:
        world = World()
        one = delivery(event(source="other"))
        await world.give(one)
        assert (one.said, world.trigger.fired) == ("ack", [])

    play(scenario())


def test_a_fault_of_ours_loses_nothing() -> None:
    """An unexpected error gives the event back; when it has come 50 times without an attempt it is parked."""

    async def scenario() -> None:
        world = World(trigger=FakeTrigger(failures=[ZeroDivisionError("ours")]))
        one, last = delivery(), delivery(deliveries=51)
        await world.give(one, last)
        assert (one.said, last.said) == ("nak", "ack")
        assert one.after > 0
        assert [letter.reason for letter in world.parking.letters] == ["process_killer"]

    play(scenario())


def test_attempts_explain_their_deliveries() -> None:
    """Sixty attempts are sixty deliveries, and no sign of an event that kills its process."""

    async def scenario() -> None:
        world = World(strategy=Strategy(Backoff(100, 1.0, 1.0, 0.0)), trigger=FakeTrigger(failures=[Failed("no")]))
        world.attempts.kept[DIGEST] = Tried((1.0,) * 60)
        one = delivery(deliveries=61)
        await world.give(one)
        assert one.said == "nak"
        assert len(world.attempts.kept[DIGEST].at) == 61

    play(scenario())


def test_two_dependencies_on_one_event_fire_each_for_itself() -> None:
    """The firings of one event share its fate: what has to come again comes again, and fires only what had not."""

    async def scenario() -> None:
        world = World(wants={("orders", "created"): ("a", "b")})
        first, second = delivery(), delivery(deliveries=2)
        await world.give(first)
        assert len(set(world.trigger.fired)) == 2
        await world.give(second)
        assert len(world.trigger.fired) == 2
        assert second.said == "ack"

    play(scenario())


@pytest.mark.promise("A9")
def test_sigterm_gives_back_what_waits_for_an_outage() -> None:
    """A pod that stops while the target is away hands its events back at once, uncounted."""

    async def scenario() -> None:
        world = World(trigger=FakeTrigger(failures=[Unavailable("away")] * 1000))
        one = delivery()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.line.handle(one))
            await until(lambda: not world.gates.are_open)
            world.stop.set()
        assert (one.said, one.after) == ("nak", 0)
        assert world.attempts.kept == {}

    play(scenario())


@pytest.mark.promise("A9")
def test_sigterm_gives_back_what_would_be_looked_up() -> None:
    """Look-ups cost a busy bus its time; with them hundreds of events in hand outlast the time that a pod has for its end."""

    async def scenario() -> None:
        world = World()
        again, fresh = delivery(deliveries=2), delivery(event(8))
        world.stop.set()
        await world.give(again, fresh)
        assert (again.said, again.after) == ("nak", 0)
        assert fresh.said == "ack"

    play(scenario())
