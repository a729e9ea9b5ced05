"""A letter on the bus and back, and on its way to its trigger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.deadletters import DeadLetter, letter, replay

PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
HEADERS = st.dictionaries(st.sampled_from(["traceparent", "Argosy-Attempt", "Argosy-Replay", "Custom"]), PLAIN)


def make(**over: object) -> DeadLetter:
    """Make a letter of a sensor."""
    fields: dict[str, object] = {
        "kind": "sensor",
        "namespace": "ns",
        "owner": "orders",
        "part": "workflow",
        "reason": "rejected",
        "detail": "no way",
        "identity": "7/abc",
        "body": b"\x00raw",
        "first": "2026-01-02T03:04:05Z",
        "last": "2026-01-02T03:04:06Z",
        "attempts": 3,
        "subject": "default.orders.created",
        "sequence": 7,
    }
    return DeadLetter(**(fields | over))  # type: ignore[arg-type]


@given(HEADERS, PLAIN, PLAIN)
def test_what_was_written_is_read(headers: dict[str, str], owner: str, part: str) -> None:
    """A letter comes back from the bus as it went there."""
    one = make(headers=headers, owner=owner, part=part)
    assert letter.read("argosy.default-deadletters.sensor.x.y", letter.write(one), one.body) == one


def test_anything_in_the_stream_can_be_read() -> None:
    """What somebody else put there has no owner and no reason, and is no error."""
    read = letter.read("x", {"Argosy-Attempts": "many"}, b"")
    assert (read.kind, read.owner, read.attempts) == ("", "", 0)


def test_a_replay_is_the_event_as_it_was() -> None:
    """The trigger gets the event's own headers and place; of the letter only the count of replays is seen."""
    parked = make(headers={"traceparent": "00-1", "Nats-Expected-Stream": "default"})
    origin = replay.read(replay.write(letter.read("argosy.d.sensor.x.y", letter.write(parked), parked.body)))
    assert (origin.subject, origin.sequence) == ("default.orders.created", 7)
    assert origin.headers == {"traceparent": "00-1", "Argosy-Replay": "1"}


def test_replays_are_counted_and_each_has_its_name() -> None:
    """The same letter goes back under one name, however often the tool is called; the next letter under another."""
    first = make()
    assert replay.write(first) == replay.write(first)
    second = make(identity="7/abc/1", headers=replay.read(replay.write(first)).headers)
    assert replay.times(second.headers) == 1
    assert replay.times(replay.write(second)) == 2
    assert replay.write(first)["Nats-Msg-Id"] != replay.write(second)["Nats-Msg-Id"]
    assert letter.write(first)["Nats-Msg-Id"] != letter.write(second)["Nats-Msg-Id"]


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5"])
def test_a_header_that_is_no_number_counts_nothing(text: str) -> None:
    """An event of somebody else's making is no replay."""
    assert replay.times({"Argosy-Replay": text}) == 0
