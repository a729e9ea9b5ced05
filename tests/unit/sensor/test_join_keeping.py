"""What nobody else sees to at a join is seen to by its keeper: lost sets, late events, what other documents left."""

# ruff: noqa: ANN401 - any of our ports stands behind a fuse

from dataclasses import replace
from typing import Any

import pytest

from common.errors import Failed, Rejected, Unavailable
from sensor import identity
from sensor.dependencies import conditions
from sensor.dependencies.join import Rule
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeTrigger, World, delivery, event
from tests.unit.sensor.joined import BILL, BOTH, ORDER, TWICE, Crash, came, rule, world


def looking(here: World) -> Any:
    """Let a pod look for what nobody sees to, once."""
    assert here.joining
    return here.joining.look(here.line.finish)


@pytest.mark.promise("I7")
def test_a_set_whose_last_event_the_bus_has_lost_fires_all_the_same() -> None:
    """Nobody delivers it again; whoever looks twice finishes it, and counts what it did."""

    async def scenario() -> None:
        here = world(trigger=FakeTrigger(failures=[Failed("not yet")]))
        await here.give(came(ORDER, 1), came(BILL, 2))
        for lost in (False, True):
            if lost:
                here.joins.gone = {2}
            await looking(here)
            await looking(here)
            assert here.trigger.fired == ([BOTH] if lost else [])
        assert (here.joins.index.firing, here.joins.bodies) == ((), {})
        assert here.line.counts == {"waiting": 1, "retried": 1, "fired": 1}

    play(scenario())


@pytest.mark.promise("A3", "I7")
def test_a_lost_set_that_fails_for_good_is_parked_whole() -> None:
    """Both events go to the dead letters with their bytes, once each."""

    async def scenario() -> None:
        here = world(strategy=TWICE, trigger=FakeTrigger(failures=[Failed("no"), Failed("no")]))
        first, second = came(ORDER, 1), came(BILL, 2)
        await here.give(first, second)
        here.joins.gone = {2}
        await looking(here)
        await looking(here)
        assert sorted(letter.body for letter in here.parking.letters) == sorted([first.envelope.body, second.envelope.body])
        assert (here.joins.index.firing, here.joins.index.waiting) == ((), ())

    play(scenario())


def test_what_a_crash_left_to_be_seen_to_is_seen_to_at_the_second_look() -> None:
    """The first leaves it to the pod that may still be at it."""

    async def scenario() -> None:
        here = world(rule=rule(in_order=True, limit=1))
        here.parking.failures = [Unavailable("away"), Unavailable("away")]
        here.stop.set()
        await here.give(came(ORDER, 1), came(event(3), 2))
        assert [gone.event.sequence for gone in here.joins.index.leaving] == [1]
        here.parking.failures = []
        await looking(here)
        assert here.parking.letters == []
        await looking(here)
        assert [letter.reason for letter in here.parking.letters] == ["join_overflow"]
        assert (here.joins.index.leaving, len(here.joins.bodies)) == ((), 1)

    play(scenario())


def test_a_late_event_waits_a_look_for_others_of_its_time() -> None:
    """Whose reset is past when it comes in is let go, but not at once: the others may be right behind it."""

    async def scenario() -> None:
        here = world()
        await here.joins.change(lambda index: (replace(index, reset=500.0), None))
        await here.give(came(ORDER, 1, stored=499.0))
        await looking(here)
        assert len(here.joins.index.waiting) == 1
        await looking(here)
        assert here.joins.index.waiting == ()
        assert identity.firing("ns", "s", "t", {"order": ORDER}) in here.ledger.entries

    play(scenario())


@pytest.mark.parametrize(("patience", "left"), [(0.0, 0), (3600.0, 1)])
def test_events_of_another_document_are_given_time(patience: float, left: int) -> None:
    """While pods with other conditions may be there, what waits for these stays; then it is parked."""

    async def scenario() -> None:
        here = world(rule=Rule(conditions.parse("order && bill && note", ["order", "bill", "note"])))
        await here.give(came(ORDER, 1))
        narrower = world(rule=Rule(conditions.parse("bill && note", ["bill", "note"])), joins=here.joins, patience=patience)
        await looking(narrower)
        await looking(narrower)
        assert len(here.joins.index.waiting) == left
        assert [letter.reason for letter in narrower.parking.letters] == ["trigger_changed"] * (1 - left)

    play(scenario())


def test_one_that_lets_others_fire_and_waits_on_is_not_parked_with_them() -> None:
    """After a change of conditions the first order and the bill fire and fail; the order that came last waits on."""

    async def scenario() -> None:
        three = Rule(conditions.parse("order && bill && note", ["order", "bill", "note"]), in_order=True)
        before = world(rule=three)
        await before.give(came(ORDER, 1), came(BILL, 2))
        here = world(rule=rule(in_order=True), joins=before.joins, trigger=FakeTrigger(failures=[Rejected("rejected", "no")]))
        last = came(event(3), 3)
        await here.give(last)
        assert last.said == "ack"
        assert sorted(letter.sequence for letter in here.parking.letters) == [1, 2]
        assert [each.sequence for each in here.joins.index.waiting] == [3]
        assert here.joins.index.firing == ()

    play(scenario())


@pytest.mark.promise("A3", "A4")
def test_what_was_parked_is_not_tried_again_by_who_finds_it() -> None:
    """A pod that parked and died before it said so brings the event back: it is parked as before, and not fired."""

    async def scenario() -> None:
        trigger = FakeTrigger(failures=[Failed("no"), Failed("no")])
        here = World(strategy=TWICE, trigger=trigger)
        await here.give(delivery())
        doomed = delivery(deliveries=2)
        doomed.ack = dies  # type: ignore[method-assign]
        with pytest.raises(Crash):
            await here.give(doomed)
        await here.give(delivery(deliveries=3))
        assert len({letter.key for letter in here.parking.letters}) == 1
        assert (trigger.fired, here.attempts.kept) == ([], {})

    async def dies() -> None:
        raise Crash

    play(scenario())
