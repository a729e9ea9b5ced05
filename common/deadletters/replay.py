"""A replay: a dead letter on its way back to the trigger that parked it, and to nobody else (delivery.md §7). Pure.

It is the event as it was, its id included, so the ledger and the object's name tell whether it was done meanwhile. What
is new is the header that counts the replays: it makes the trigger look before it fires, and keeps what is parked once more
apart from the letter that it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from common.deadletters.letter import MESSAGE_ID, SEQUENCE, SUBJECT, DeadLetter, number, own

REPLAY = "Argosy-Replay"
"""Header of an event that was in the dead letters: how often it has been replayed."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The event that a replay brings: where it stood on the bus, and its headers."""

    subject: str
    sequence: int
    headers: Mapping[str, str]


def times(headers: Mapping[str, str]) -> int:
    """Say how often an event with these headers has been replayed; 0 for one that comes from its source."""
    return number(headers, REPLAY)


def write(letter: DeadLetter) -> dict[str, str]:
    """Give the headers with which a letter goes back. The same letter always gets the same `Nats-Msg-Id`."""
    return {
        **letter.headers,
        REPLAY: str(times(letter.headers) + 1),
        SUBJECT: letter.subject,
        SEQUENCE: str(letter.sequence),
        MESSAGE_ID: f"replay/{letter.key}",
    }


def read(headers: Mapping[str, str]) -> Origin:
    """Read the headers of a replay."""
    kept = {name: value for name, value in own(headers).items() if name not in {SUBJECT, SEQUENCE}}
    return Origin(headers.get(SUBJECT, ""), number(headers, SEQUENCE), kept)
