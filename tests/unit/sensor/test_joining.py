"""Joins in the way of an event: what fires, what is remembered, and what a crash at any point changes."""

# ruff: noqa: ANN401 - any of our ports stands behind a fuse

import contextlib
from typing import Any

import pytest

from common.errors import Failed, Unavailable
from sensor import identity, settle
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeTrigger, World, event
from tests.unit.sensor.joined import BILL, BOTH, ORDER, TWICE, Crash, Fuse, came, rule, world


@pytest.mark.promise("I7")
def test_two_events_fire_once_together() -> None:
    """The first is stored and acked, the second fires both; each is in the ledger, and nothing is left behind."""

    async def scenario() -> None:
        here = world()
        first, second = came(ORDER, 1), came(BILL, 2)
        await here.give(first)
        assert (first.said, here.trigger.fired, len(here.joins.index.waiting)) == ("ack", [], 1)
        await here.give(second)
        assert (second.said, here.trigger.fired) == ("ack", [BOTH])
        alone = [identity.firing("ns", "s", "t", {"order": ORDER}), identity.firing("ns", "s", "t", {"bill": BILL})]
        assert set(here.ledger.entries) == {BOTH, *alone}
        assert (here.joins.index.waiting, here.joins.index.firing, here.joins.bodies) == ((), (), {})

    play(scenario())


def test_an_event_that_comes_again_waits_once_and_fires_once() -> None:
    """A redelivery of one that waits changes nothing; of one that fired, the ledger knows it."""

    async def scenario() -> None:
        here = world()
        await here.give(came(ORDER, 1), came(ORDER, 1, deliveries=2))
        assert len(here.joins.index.waiting) == 1
        await here.give(came(BILL, 2))
        again = came(ORDER, 1, deliveries=3)
        await here.give(again, came(BILL, 2, deliveries=2))
        assert (again.said, here.trigger.fired, here.joins.index.waiting) == ("ack", [BOTH], ())

    play(scenario())


async def survive(over: dict[str, Any], at: int, *, after: bool) -> tuple[World, int]:
    """Give an order and its bill to a process that crashes, then everything that is not acked to the next one."""
    stores = world(**over)
    fuse = Fuse(at, after=after)
    names = ("trigger", "ledger", "attempts", "parking", "joins", "instead")
    fused = {name: fuse.on(store) for name in names if (store := getattr(stores, name)) is not None}
    doomed = world(**over, **fused) if not over.get("instead") else world(**(over | fused))
    open_: list[tuple[Any, int]] = []
    for what, sequence in ((ORDER, 1), (BILL, 2)):
        one = came(what, sequence)
        with contextlib.suppress(Crash):
            await doomed.give(one)
        if one.said != "ack":
            open_.append((what, sequence))
    deliveries = 1
    while open_ and deliveries < 20:
        deliveries += 1
        left = []
        for what, sequence in open_:
            one = came(what, sequence, deliveries=deliveries)
            await stores.give(one)
            if one.said != "ack":
                left.append((what, sequence))
        open_ = left
    assert not open_
    return stores, fuse.calls


@pytest.mark.promise("I7", "B2")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_point_loses_and_doubles_nothing(after: bool) -> None:  # noqa: FBT001 - a table
    """Whichever call is the last of a process, before its effect or after: the set fires once, and nothing waits for ever."""

    async def scenario() -> None:
        _, calls = await survive({}, 0, after=after)
        assert calls > 8
        for at in range(1, calls + 1):
            stores, _ = await survive({}, at, after=after)
            assert stores.trigger.fired == [BOTH], f"call {at}"
            assert (stores.joins.index.waiting, stores.joins.index.firing) == ((), ()), f"call {at}"
            assert stores.parking.letters == []

    play(scenario())


@pytest.mark.promise("I7", "A3")
def test_a_set_that_fails_is_parked_whole_and_forgotten() -> None:
    """After its last attempt each event of the set is parked as it came, and the next pair fires."""

    async def scenario() -> None:
        here = world(strategy=TWICE, trigger=FakeTrigger(failures=[Failed("no"), Failed("no")]))
        first, second, third = came(ORDER, 1), came(BILL, 2), came(BILL, 2, deliveries=2)
        await here.give(first, second)
        assert (first.said, second.said) == ("ack", "nak")
        await here.give(third)
        assert third.said == "ack"
        letters = {letter.sequence: letter for letter in here.parking.letters}
        assert set(letters) == {1, 2}
        assert {letter.reason for letter in letters.values()} == {settle.EXHAUSTED}
        assert (letters[1].body, letters[2].body) == (first.envelope.body, second.envelope.body)
        assert (here.joins.index.firing, here.joins.bodies) == ((), {})
        await here.give(came(event(3), 3), came(event(4, source="bills", subject="paid"), 4))
        assert len(here.trigger.fired) == 1

    play(scenario())


def test_a_set_that_fails_holds_up_no_other() -> None:
    """While one set waits for its next attempt, other events join and fire."""

    async def scenario() -> None:
        here = world(trigger=FakeTrigger(failures=[Failed("not yet")]))
        waiting = came(BILL, 2)
        await here.give(came(ORDER, 1), waiting, came(event(3), 3), came(event(4, source="bills", subject="paid"), 4))
        assert (waiting.said, len(here.trigger.fired), len(here.joins.index.firing)) == ("nak", 1, 1)
        await here.give(came(BILL, 2, deliveries=2))
        assert (len(here.trigger.fired), here.joins.index.firing) == (2, ())

    play(scenario())


def test_an_unreadable_event_of_a_set_is_no_end() -> None:
    """If the body of one that waited is gone, the one that completes the set is parked, and the set is let go."""

    async def scenario() -> None:
        here = world()
        await here.give(came(ORDER, 1))
        here.joins.bodies.clear()
        last = came(BILL, 2)
        await here.give(last)
        assert last.said == "ack"
        assert [letter.reason for letter in here.parking.letters] == ["unreadable"]
        assert here.joins.index.firing == ()

    play(scenario())


@pytest.mark.promise("I7")
def test_what_is_superseded_is_counted_and_known() -> None:
    """The order that a later one replaced is in the ledger, so it does not come back; the later one fires."""

    async def scenario() -> None:
        here = world()
        later = event(3)
        await here.give(came(ORDER, 1), came(later, 2))
        assert [each.sequence for each in here.joins.index.waiting] == [2]
        assert identity.firing("ns", "s", "t", {"order": ORDER}) in here.ledger.entries
        again = came(ORDER, 1, deliveries=2)
        await here.give(again, came(BILL, 3))
        assert again.said == "ack"
        assert here.trigger.fired == [identity.firing("ns", "s", "t", {"order": later, "bill": BILL})]

    play(scenario())


def test_one_too_many_is_parked() -> None:
    """The oldest of those that wait goes to the dead letters with its own bytes."""

    async def scenario() -> None:
        here = world(rule=rule(in_order=True, limit=1))
        first = came(ORDER, 1)
        await here.give(first, came(event(3), 2))
        (letter,) = here.parking.letters
        assert (letter.reason, letter.body, letter.sequence) == ("join_overflow", first.envelope.body, 1)
        assert here.joins.index.leaving == ()

    play(scenario())


@pytest.mark.promise("A4")
def test_the_bus_away_in_between_is_waited_for() -> None:
    """A state that cannot be reached is no attempt: the event waits in place and then joins."""

    async def scenario() -> None:
        here = world()
        here.joins.failures = [Unavailable("away"), Unavailable("away")]
        await here.give(came(ORDER, 1), came(BILL, 2))
        assert (here.trigger.fired, here.attempts.kept) == ([BOTH], {})

    play(scenario())


@pytest.mark.promise("I7", "B2")
def test_a_change_whose_answer_was_lost_is_no_first_time() -> None:
    """The event came in, the answer did not, and another pod fired it meanwhile: it does not come in once more."""

    async def scenario() -> None:
        here = world()
        other = world(joins=here.joins, ledger=here.ledger, trigger=here.trigger)
        change, calls = here.joins.change, 0

        async def lost(step: Any) -> Any:
            nonlocal calls
            calls += 1
            result = await change(step)
            if calls == 1:
                await other.give(came(BILL, 2))
                raise Unavailable("the answer was lost")
            return result

        here.joins.change = lost  # type: ignore[method-assign]
        order = came(ORDER, 1)
        await here.give(order)
        assert (order.said, here.line.counts) == ("ack", {"duplicate": 1})
        assert (here.trigger.fired, here.joins.index.waiting) == ([BOTH], ())

    play(scenario())


def test_a_set_that_another_pod_has_done_is_not_parked() -> None:
    """Its events are gone from the store because it fired, not because they were lost."""

    async def scenario() -> None:
        here = world()
        other = world(joins=here.joins, ledger=here.ledger, trigger=here.trigger)
        await here.give(came(ORDER, 1))
        body = here.joins.body

        async def late(digest: str) -> Any:
            here.joins.body = body  # type: ignore[method-assign]
            await other.give(came(BILL, 2, deliveries=2))
            return await body(digest)

        here.joins.body = late  # type: ignore[method-assign]
        bill = came(BILL, 2)
        await here.give(bill)
        assert (bill.said, here.trigger.fired, here.parking.letters) == ("ack", [BOTH], [])

    play(scenario())
