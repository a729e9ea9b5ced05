"""Names on the bus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ConfigurationError
from common.subjects import Names, durable, is_token, safe, unsafe


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("aws-sqs", "sqs-workflow", "test-dep"), "group-3060091275"),
        (("fake-sensor", "fake-trigger", "dep-1"), "group-3141536014"),
        (("sensor", "trigger", "dep"), "group-909418622"),
    ],
)
def test_consumers_are_named_as_argo_events_names_them(parts: tuple[str, str, str], name: str) -> None:
    """A sensor goes on where the Go one stopped."""
    assert durable(*parts) == name


@given(st.text(min_size=1), st.text(min_size=1))
def test_safe_names_are_tokens_and_stay_apart(one: str, two: str) -> None:
    """Any name becomes one token, and two names never become the same."""
    try:
        first, second = safe(one), safe(two)
    except UnicodeEncodeError:
        return
    assert is_token(first)
    assert (unsafe(first), unsafe(second)) == (one, two)
    assert (first == second) == (one == two)


@pytest.mark.parametrize("name", ["", "a.b", "a b", "*", ">", "a\n"])
def test_what_is_not_a_token(name: str) -> None:
    """Such a name would fall outside the stream's subjects."""
    assert not is_token(name)


def test_streams_beside_the_events_are_named_after_it() -> None:
    """Two installs with two streams share nothing."""
    one, two = Names("one", "one"), Names("two", "two")
    for name in ("ledger", "deadletters", "register", "attempts", "every_event"):
        assert getattr(one, name) != getattr(two, name)
    assert one.ledger_entry("abcdef") == "argosy.one-ledger.abc"


@pytest.mark.parametrize(("stream", "prefix"), [("a.b", "a"), ("a", "a.b"), ("", "a")])
def test_bad_names_are_refused_at_start(stream: str, prefix: str) -> None:
    """The fault names the variable."""
    with pytest.raises(ConfigurationError, match=r"^NATS_"):
        Names(stream, prefix)
