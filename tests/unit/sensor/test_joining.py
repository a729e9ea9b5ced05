"""Joins and the dlqTrigger in the way of an event: what fires, what is remembered, and what a crash at any point changes."""

# ruff: noqa: ANN401 - any of our ports stands behind a fuse

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from common.errors import Failed, Rejected, Unavailable
from sensor import identity, settle
from sensor.dependencies import conditions
from sensor.dependencies.join import Rule
from sensor.ports import Fired, Firing
from sensor.settle import Strategy
from sensor.spec import Backoff
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeDelivery, FakeLedger, FakeTrigger, World, delivery, event

WANTS = {("orders", "created"): ("order",), ("bills", "paid"): ("bill",)}
ORDER = event(1, data=b'{"body":"order"}')
BILL = event(2, source="bills", subject="paid", data=b'{"body":"bill"}')
BOTH = identity.firing("ns", "s", "t", {"order": ORDER, "bill": BILL})
TWICE = Strategy(Backoff(attempts=2, first=0.0, factor=1.0, jitter=0.0))


def rule(**over: Any) -> Rule:
    """Make the rule that waits for an order and its bill."""
    return Rule(conditions.parse("order && bill", ["order", "bill"]), **over)


def world(**over: Any) -> World:
    """Make a line whose order and bill wait for each other."""
    return World(**({"rule": rule(), "wants": WANTS} | over))


def came(what: Any, sequence: int, **over: Any) -> FakeDelivery:
    """Make a delivery at a place of the stream."""
    return delivery(what, sequence=sequence, **over)


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


class Crash(BaseException):
    """The process ends here."""


class Fuse:
    """Ends the process at one of the calls that it sees, before the call has done its work or after."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.calls = 0
        self._at = at
        self._after = after

    def on(self, port: Any) -> Any:
        """Give the port with this fuse in front of it."""
        return Fused(port, self)

    async def burn(self, call: Callable[[], Any]) -> Any:
        """Make a call, or not."""
        self.calls += 1
        if self.calls == self._at and not self._after:
            raise Crash
        result = await call()
        if self.calls == self._at:
            raise Crash
        return result


class Fused:
    """A port whose every call may be the last."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not asyncio.iscoroutinefunction(found) or name == "wait_connected":
            return found
        return lambda *args: self._fuse.burn(lambda: found(*args))


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


# ----------------------------------------------------------------------------------------------------------- dlqTrigger


@pytest.mark.promise("A3")
def test_dlq_triggers_of_one_name_are_told_apart() -> None:
    """Two triggers whose dlqTriggers share a name, even that of one of them, each have theirs fired for the same event."""

    async def scenario() -> None:
        ledger, instead = FakeLedger(), FakeTrigger()
        for name in ("t", "u", "d"):
            main = FakeTrigger(failures=[Rejected("rejected", "no")])
            await World(name=name, trigger=main, instead=instead, ledger=ledger).give(delivery())
        assert len(set(instead.fired)) == 3

    play(scenario())


@pytest.mark.promise("A4")
@pytest.mark.parametrize("at", range(1, 12))
def test_a_dlq_trigger_whose_target_cannot_tell_is_fired_once(at: int) -> None:
    """Wherever its pod dies after it fired and the ledger took that, the next one knows, and fires neither again."""

    async def scenario() -> None:
        stores = World(trigger=FakeTrigger(failures=[Rejected("rejected", "no")] * 9), instead=Blind())
        fuse = Fuse(at, after=True)
        names = ("ledger", "attempts")
        doomed = World(
            trigger=stores.trigger, instead=stores.instead, **{name: fuse.on(getattr(stores, name)) for name in names}
        )
        one = delivery()
        with contextlib.suppress(Crash):
            await doomed.give(one)
        if one.said != "ack":
            one = delivery(deliveries=2)
            await stores.give(one)
        assert one.said == "ack"
        assert stores.instead
        assert len(stores.instead.fired) == 1

    play(scenario())


class Blind(FakeTrigger):
    """A trigger whose target cannot tell what was done."""

    async def find(self, _: Firing) -> None:
        """Find nothing."""

    async def fire(self, firing: Firing) -> Fired:
        """Fire, once more if need be."""
        self._maybe_fail()
        self.fired.append(firing.digest)
        return Fired("fired", "it was done")


def test_the_dlq_trigger_has_its_turn_when_no_attempt_is_left() -> None:
    """Its success ends the event: nothing is parked, and the ledger knows the firing."""

    async def scenario() -> None:
        main, instead = FakeTrigger(failures=[Failed("no"), Failed("no")]), FakeTrigger()
        here = World(strategy=TWICE, trigger=main, instead=instead)
        first, second, third = delivery(), delivery(deliveries=2), delivery(deliveries=3)
        await here.give(first, second, third)
        assert (first.said, second.said, third.said) == ("nak", "ack", "ack")
        assert (main.fired, len(instead.fired), here.parking.letters) == ([], 1, [])
        assert here.line.counts == {"retried": 1, "dlq_triggered": 1, "duplicate": 1}

    play(scenario())


def test_what_can_never_succeed_goes_to_the_dlq_trigger_at_once() -> None:
    """A rejected object needs no second attempt."""

    async def scenario() -> None:
        here = World(trigger=FakeTrigger(failures=[Rejected("rejected", "no")]), instead=FakeTrigger())
        one = delivery()
        await here.give(one)
        assert (one.said, here.line.counts, here.parking.letters) == ("ack", {"dlq_triggered": 1}, [])

    play(scenario())


def test_a_dlq_trigger_that_fails_parks_with_both_reasons() -> None:
    """The main trigger is not tried again meanwhile; in the end the letter tells what both said."""

    async def scenario() -> None:
        main = FakeTrigger(failures=[Failed("main says no"), Failed("main says no")])
        instead = FakeTrigger(failures=[Failed("it says no"), Failed("it says no")])
        here = World(strategy=TWICE, trigger=main, instead=instead)
        for deliveries in (1, 2, 3):
            await here.give(delivery(deliveries=deliveries))
        (letter,) = here.parking.letters
        assert letter.reason == settle.DLQ
        assert "main says no" in letter.detail
        assert "it says no" in letter.detail
        assert (main.fired, main.failures, here.attempts.kept) == ([], [], {})

    play(scenario())


@pytest.mark.promise("A4")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_point_of_a_dlq_trigger_ends_the_event_once(after: bool) -> None:  # noqa: FBT001 - a table
    """Whichever call is the last: the event ends with the dlqTrigger fired, and nothing is parked or fired by the main one."""

    async def scenario() -> None:
        def over() -> dict[str, Any]:
            failing = FakeTrigger(failures=[Failed("no")] * 40)
            return {"rule": None, "wants": {("orders", "created"): ("order",)}, "trigger": failing, "instead": FakeTrigger()}

        for at in range(1, 12):
            given = over() | {"strategy": TWICE}
            stores = World(**given)
            fuse = Fuse(at, after=after)
            names = ("trigger", "ledger", "attempts", "parking", "instead")
            doomed = World(**(given | {name: fuse.on(getattr(stores, name)) for name in names}))
            said, deliveries = "", 0
            while said != "ack" and deliveries < 20:
                deliveries += 1
                one = delivery(deliveries=deliveries)
                try:
                    await (doomed if fuse.calls < at else stores).give(one)
                except Crash:
                    continue
                said = one.said
            assert said == "ack", f"call {at}"
            assert (len(set(stores.instead.fired)), stores.trigger.fired, stores.parking.letters) == (1, [], []), f"call {at}"

    play(scenario())
