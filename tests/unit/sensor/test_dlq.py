"""The dlqTrigger: its turn, its failure, and a crash at any point."""

import contextlib
from typing import Any

import pytest

from common.errors import Failed, Rejected
from sensor import settle
from sensor.ports import Fired, Firing
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeLedger, FakeTrigger, World, delivery
from tests.unit.sensor.joined import TWICE, Crash, Fuse


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
