"""What an outcome means in SQS."""

import pytest

from common.outcome import Done, Outcome, Park, Retry
from eventsource.settle import Action, Delete, Leave, ParkThenDelete, Release, pause, settle


@pytest.mark.parametrize(
    ("outcome", "lease_held", "leave_poison", "action"),
    [
        pytest.param(Done("published"), True, False, Delete(), id="arrived"),
        pytest.param(Done("published"), False, False, Leave(), id="arrived, but somebody else has it"),
        pytest.param(Retry(12.4, "x"), True, False, Release(12), id="failed"),
        pytest.param(Retry(0, "x"), True, True, Release(0), id="handed back"),
        pytest.param(Retry(5, "x"), False, False, Leave(), id="failed, lease lost"),
        pytest.param(Park("not_json", "d"), True, False, ParkThenDelete("not_json", "d"), id="poison"),
        pytest.param(Park("not_json", "d"), True, True, Leave(), id="poison, the queue has a redrive"),
        pytest.param(Park("not_json", "d"), False, False, Leave(), id="poison, lease lost"),
    ],
)
def test_an_outcome_becomes_one_action(outcome: Outcome, lease_held: bool, leave_poison: bool, action: Action) -> None:  # noqa: FBT001 - a table
    """Nothing is deleted that is not ours, and nothing that did not arrive or was not parked."""
    assert settle(outcome, lease_held=lease_held, leave_poison=leave_poison) == action


def test_a_message_that_fails_is_seen_ever_more_seldom() -> None:
    """From seconds to a quarter of an hour, spread by the jitter."""
    assert [pause(n, 0.999999) for n in (1, 2, 3)] == pytest.approx([5, 10, 20], rel=1e-3)
    assert pause(100, 0.999999) == pytest.approx(900)
    assert pause(1, 0.0) == pytest.approx(2.5)
