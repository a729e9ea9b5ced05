"""When resets come, and which events they keep apart."""

from datetime import UTC, datetime

import pytest

from sensor.dependencies import conditions, cron, join
from sensor.dependencies.join import Index, Rule, Waiting
from sensor.dependencies.resets import Resets

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()
HOURLY = Resets((cron.parse("0 * * * *"),))


@pytest.mark.parametrize(
    ("moment", "last", "following"),
    [
        (NOON - 0.1, NOON - 3600, NOON),
        (NOON, NOON, NOON + 3600),
        (NOON + 0.1, NOON, NOON + 3600),
        (NOON + 3599.9, NOON, NOON + 3600),
    ],
)
def test_a_reset_counts_from_its_very_second(moment: float, last: float, following: float) -> None:
    """Whoever asks at the moment of a reset, or a breath after it, is told of this one and not of the one before."""
    assert (HOURLY.last(moment), HOURLY.next(moment)) == (last, following)


def test_several_schedules_are_one() -> None:
    """The nearest of all counts, in whichever zone it was written; without any there is none."""
    both = Resets((cron.parse("0 0 * * *"), cron.parse("30 13 * * *", "Europe/Berlin")))
    assert both.last(NOON) == NOON - 1800
    assert both.next(NOON) == NOON + 12 * 3600
    assert Resets(()).last(NOON) == 0.0
    assert Resets(()).next(NOON) is None


def event(name: str, moment: float) -> Waiting:
    """Make an event that the bus got at a moment."""
    return Waiting(name, f"{name}{moment:.0f}", round(moment), moment)


@pytest.mark.promise("I7")
@pytest.mark.parametrize("in_order", [False, True], ids=["latest", "inOrder"])
def test_a_backlog_joins_as_if_a_pod_had_been_there(in_order: bool) -> None:  # noqa: FBT001 - a table
    """Events from two sides of a reset never fire together, those of one side do, in whichever order they are looked at."""
    rule = Rule(conditions.parse("a && b", ["a", "b"]), in_order, era=HOURLY.last)
    before, after = event("a", NOON - 60), event("b", NOON + 60)
    for first, second in ((before, after), (after, before)):
        index, joint = join.arrive(Index(), first, rule)
        index, joint = join.arrive(index, second, rule)
        assert joint == ()
        assert {each.digest for each in index.waiting} == {before.digest, after.digest}
        index, joint = join.arrive(index, event("b", NOON - 30), rule)
        assert {each.stored for each in joint} == {NOON - 60, NOON - 30}
        index, joint = join.arrive(index, event("a", NOON + 90), rule)
        assert {each.stored for each in joint} == {NOON + 60, NOON + 90}
        assert index.waiting == ()


def test_what_comes_after_its_time_is_told_from_the_rest() -> None:
    """An event from before the last reset that came after it is late; one from after the reset is not."""
    rule = Rule(conditions.parse("a && b", ["a", "b"]), era=HOURLY.last)
    index, _ = join.arrive(join.reset(Index(), NOON), event("a", NOON - 1), rule)
    index, _ = join.arrive(index, event("a", NOON + 1), rule)
    assert [each.stored for each in join.late(index)] == [NOON - 1]
