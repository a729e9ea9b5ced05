"""The bytes of pull consumers: requests, statuses, and the reply subject that tells where a message comes from.

Source: https://github.com/nats-io/nats-architecture-and-design, ADR-13 (pull), ADR-15 (reply subject), ADR-37.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

EXPIRES = 30.0
"""Seconds for which one request stands."""
HEARTBEAT = 10.0
"""Seconds between two signs of life while nothing comes; at most half of EXPIRES."""
SILENCE = 2.5 * HEARTBEAT
"""Seconds without any sign after which the subscription is taken for dead."""

ACK, IN_PROGRESS = b"+ACK", b"+WPI"
_NANO = 1_000_000_000
_SHORT, _LONG = 9, 12
_PENDING = "Nats-Pending-Messages"

# Statuses: https://docs.nats.io/reference/reference-protocols/nats_api_reference
HEARTBEAT_STATUS = "100"
ENDED = frozenset({"404", "408"})
"""The request is over; what it left undone is told in a header."""
_BENIGN = ("batch completed", "message size exceeds maxbytes")


@dataclass(frozen=True, slots=True)
class Origin:
    """What the reply subject of a message tells."""

    deliveries: int
    sequence: int
    stored: float


def origin(reply: str) -> Origin:
    """Read `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<time>.<pending>[.<token>]`."""
    tokens = reply.split(".")
    offset = 0 if len(tokens) == _SHORT else 2
    delivered, sequence, _, time = tokens[4 + offset : 8 + offset]
    return Origin(int(delivered), int(sequence), int(time) / _NANO)


def is_message(reply: str) -> bool:
    """Say whether it is an event, rather than a status of the server."""
    return reply.startswith("$JS.ACK.")


def request(batch: int) -> bytes:
    """Write a request for at most so many messages."""
    return orjson.dumps({"batch": batch, "expires": int(EXPIRES * _NANO), "idle_heartbeat": int(HEARTBEAT * _NANO)})


def nak(after: float) -> bytes:
    """Write a negative acknowledgement; the message comes again after so many seconds."""
    return b"-NAK" if after <= 0 else b"-NAK " + orjson.dumps({"delay": int(after * _NANO)})


@dataclass(frozen=True, slots=True)
class Status:
    """A status of the server, and what it means for the requests that stand."""

    code: str
    text: str
    undone: int

    @property
    def fatal(self) -> bool:
        """Whether the subscription has to be made anew: the consumer is gone, its leader moved, the server stops."""
        if self.code in ENDED or self.code == HEARTBEAT_STATUS:
            return False
        return not (self.code == "409" and self.text.lower().startswith(_BENIGN))


def status(headers: Mapping[str, str] | None) -> Status:
    """Read a status message."""
    headers = headers or {}
    pending = headers.get(_PENDING, "0")
    return Status(headers.get("Status", ""), headers.get("Description", ""), int(pending) if pending.isdigit() else 0)
