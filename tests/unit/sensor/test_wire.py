"""The bytes of pull consumers."""

import json

import pytest

from sensor.consume import wire


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.orders.group-1.3.17.9.1700000000123456789.4",
        "$JS.ACK._.acc.orders.group-1.3.17.9.1700000000123456789.4",
        "$JS.ACK.hub.acc.orders.group-1.3.17.9.1700000000123456789.4.rnd",
    ],
    ids=["plain", "with-domain", "with-token"],
)
def test_the_reply_tells_where_a_message_comes_from(reply: str) -> None:
    """Deliveries, place in the stream and time, in every form that servers write."""
    origin = wire.origin(reply)
    assert (origin.deliveries, origin.sequence) == (3, 17)
    assert origin.stored == pytest.approx(1700000000.1234567)
    assert wire.is_message(reply)
    assert not wire.is_message("_INBOX.x")


def test_requests_ask_for_what_there_is_room_for() -> None:
    """Batch, expiry and heartbeat in the units of the server; the heartbeat is at most half of the expiry."""
    asked = json.loads(wire.request(17))
    assert asked == {"batch": 17, "expires": 30_000_000_000, "idle_heartbeat": 10_000_000_000}


def test_a_nak_says_when() -> None:
    """At once, or after so many nanoseconds."""
    assert wire.nak(0) == b"-NAK"
    assert wire.nak(1.5) == b'-NAK {"delay":1500000000}'


@pytest.mark.parametrize(
    ("code", "text", "fatal"),
    [
        ("100", "Idle Heartbeat", False),
        ("404", "No Messages", False),
        ("408", "Request Timeout", False),
        ("409", "Message Size Exceeds MaxBytes", False),
        ("409", "Batch Completed", False),
        ("409", "Consumer Deleted", True),
        ("409", "Leadership Change", True),
        ("409", "Server Shutdown", True),
        ("409", "Exceeded MaxWaiting", True),
        ("503", "", True),
        ("", "", True),
    ],
)
def test_statuses_say_whether_to_begin_anew(code: str, text: str, fatal: bool) -> None:  # noqa: FBT001 - a column
    """A request that ran out is renewed; a consumer that is gone is attached to anew."""
    read = wire.status({"Status": code, "Description": text, "Nats-Pending-Messages": "5"})
    assert (read.fatal, read.undone) == (fatal, 5)
