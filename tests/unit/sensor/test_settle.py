"""How often an event is tried, and how long it waits in between."""

import pytest

from common.errors import Failed, Rejected
from common.outcome import Park, Retry
from sensor import settle
from sensor.settle import Strategy
from sensor.spec.backoff import Backoff, BackoffSpec, go_duration


def test_without_a_strategy_it_is_five_attempts_within_a_minute_of_each_other() -> None:
    """The default of the house: 5 attempts, 1 s to 60 s."""
    outcomes = [settle.failed(Strategy(), n, Failed("no"), 0.999) for n in range(1, 6)]
    assert [type(outcome) for outcome in outcomes] == [Retry] * 4 + [Park]
    pauses = [outcome.after for outcome in outcomes if isinstance(outcome, Retry)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= 0.5
    assert Strategy().pause(50, 0.999) <= 60


def test_the_document_decides() -> None:
    """Duration, factor and jitter count as in Argo Events: d·(1 + draw·jitter), then times the factor."""
    strategy = Strategy(Backoff(4, 2.0, 3.0, 0.5))
    assert [strategy.pause(n, 0.5) for n in (1, 2, 3)] == [2.5, 7.5, 22.5]
    assert Strategy(Backoff(4, 2.0, 0.0, 0.0)).pause(3, 0.9) == 2.0
    outcome = settle.failed(strategy, 4, Failed("still not"), 0.0)
    assert isinstance(outcome, Park)
    assert (outcome.reason, "still not" in outcome.detail) == ("retries_exhausted", True)


def test_what_can_never_succeed_is_parked_at_once() -> None:
    """No attempt is spent on it."""
    assert settle.rejected(Rejected("too_large", "3 MB")) == Park("too_large", "3 MB")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("1.5s", 1.5), ("100ms", 0.1), ("1h30m", 5400), ("-1s", -1), ("0", 0), ("+2m", 120), (".5s", 0.5),
     ("1.9ns", 1e-9), ("9223372036854775807ns", 9223372036.854776)],
)  # fmt: skip
def test_durations_are_those_of_go(text: str, seconds: float) -> None:
    """Go's ParseDuration, in seconds."""
    assert go_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["10", "", "s", "1 s", "1d", "1e3s", "--1s", "1s2"])
def test_what_go_refuses_is_refused(text: str) -> None:
    """A number without a unit is the common mistake."""
    with pytest.raises(ValueError, match="no duration"):
        go_duration(text)


@pytest.mark.parametrize(("first", "seconds"), [(0.0, 0.0), (1.0, 9223372036.854776)])
def test_no_factor_makes_a_pause_that_cannot_be_told(first: float, seconds: float) -> None:
    """A growth beyond all numbers is neither a crash nor more than a duration can hold."""
    assert Backoff(5000, first, 10.0, 0.0).delay(4000, 0.5) == seconds


def test_a_backoff_has_argo_events_defaults() -> None:
    """Five attempts, 1 s, factor 1, jitter 1; whole numbers are nanoseconds."""
    assert BackoffSpec().values() == Backoff(5, 1.0, 1.0, 1.0)
    assert BackoffSpec(steps=-1, duration=2_000_000_000, factor=2, jitter=0).values() == Backoff(5, 2.0, 2.0, 0.0)
