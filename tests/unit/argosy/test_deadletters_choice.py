"""Which letters a selection means, and what the bus is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.deadletters.choice import Choice, Found, moment
from common.deadletters import DeadLetter
from common.errors import ConfigurationError
from common.subjects import Names

NOW = 1_800_000_000.0
NAMES = Names("default", "default")


def found(**over: object) -> Found:
    """Make a letter as it was found."""
    fields: dict[str, object] = {
        "kind": "sensor",
        "namespace": "ns",
        "owner": "orders",
        "part": "workflow",
        "reason": "rejected",
        "detail": "",
        "identity": "",
        "body": b"",
        "first": "",
        "last": "",
    }
    return Found(7, NOW, 10, DeadLetter(**(fields | over)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        (Choice(), True),
        (Choice(kind="sensor", namespace="ns", owner="orders", part="workflow"), True),
        (Choice(kind="eventsource"), False),
        (Choice(namespace="other"), False),
        (Choice(owner="order"), False),
        (Choice(part="other"), False),
        (Choice(reasons=frozenset({"rejected", "too_large"})), True),
        (Choice(reasons=frozenset({"too_large"})), False),
        (Choice(sequences=(6, 7)), True),
        (Choice(sequences=(6,)), False),
        (Choice(since=NOW), True),
        (Choice(since=NOW + 1), False),
        (Choice(until=NOW), False),
        (Choice(until=NOW + 1), True),
    ],
)
def test_everything_that_was_asked_for_has_to_hold(choice: Choice, *, meant: bool) -> None:
    """`--since` is the first moment that counts and `--until` the first that does not."""
    assert choice.takes(found()) is meant


@pytest.mark.parametrize(
    ("choice", "subject"),
    [
        (Choice(), "argosy.default-deadletters.>"),
        (Choice(namespace="ns"), "argosy.default-deadletters.>"),
        (Choice(kind="sensor", owner="orders"), "argosy.default-deadletters.sensor.*.*"),
        (Choice(kind="sensor", namespace="ns", owner="or.ders"), "argosy.default-deadletters.sensor.ns=2For=2Eders.*"),
        (Choice(kind="sensor", part="a b"), "argosy.default-deadletters.sensor.*.a=20b"),
    ],
)
def test_the_bus_chooses_what_it_can(choice: Choice, subject: str) -> None:
    """The subject is never narrower than the selection, and is that of the writer."""
    assert choice.subject(NAMES) == subject
    letter = found(owner="or.ders").letter
    written = NAMES.deadletter(letter.kind, f"{letter.namespace}/{letter.owner}", letter.part)
    assert "sensor.ns=2For=2Eders.workflow" in written


@pytest.mark.parametrize(
    ("choice", "by_subject"),
    [
        (Choice(), True),
        (Choice(kind="sensor", part="workflow"), True),
        (Choice(kind="sensor", namespace="ns", owner="orders"), True),
        (Choice(namespace="ns"), False),
        (Choice(kind="sensor", owner="orders"), False),
        (Choice(reasons=frozenset({"rejected"})), False),
        (Choice(since=0.0), False),
        (Choice(sequences=(1,)), False),
    ],
)
def test_a_purge_in_one_step_takes_no_more_than_was_meant(choice: Choice, *, by_subject: bool) -> None:
    """Only where the subject says all that was asked for may the bus purge by it."""
    assert choice.is_by_subject is by_subject


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", NOW - 90),
        ("2h", NOW - 7200),
        ("1d12h", NOW - 129_600),
        ("1h30m", NOW - 5400),
        ("2027-01-15T08:00:00Z", NOW),
        ("2027-01-15T09:00:00+01:00", NOW),
        ("2027-01-15T08:00:00", NOW),
        ("2027-01-15", NOW - 8 * 3600),
    ],
)
def test_moments_are_ages_or_times(text: str, seconds: float) -> None:
    """Without an offset a time is UTC, as everything that the list shows."""
    assert moment(text, NOW) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "2 h", "-2h", "2h1d", "yesterday", "2027-13-01"])
def test_other_moments_are_refused_by_name(text: str) -> None:
    """The fault names what was given and what is wanted."""
    with pytest.raises(ConfigurationError, match="neither a time"):
        moment(text, NOW)


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_ages_add_up(days: int, hours: int, minutes: int, seconds: int) -> None:
    """An age is the sum of its parts."""
    assert NOW - moment(f"{days}d{hours}h{minutes}m{seconds}s", NOW) == days * 86400 + hours * 3600 + minutes * 60 + seconds
