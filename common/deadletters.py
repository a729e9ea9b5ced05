"""The dead letters: what was parked, whole, with the reason and what was tried. Nothing leaves before the PubAck."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.bus import Bus
from common.errors import Rejected, Unavailable

HEADER_LIMIT = 2048
"""Characters of a detail that go into a header."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One parked message.

    `kind` is `sensor` or `eventsource`, `owner` its name and `part` the trigger or the event. `identity` is the same for
    the same message, so that parking twice stores once. Times are RFC 3339.
    """

    kind: str
    namespace: str
    owner: str
    part: str
    reason: str
    detail: str
    identity: str
    body: bytes
    first: str
    last: str
    attempts: int = 1
    subject: str = ""
    sequence: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


class DeadLetters:
    """The writer of the stream."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def park(self, letter: DeadLetter) -> None:
        """Store the letter. Raises `Unavailable` when it was not stored: the message then stays where it is."""
        headers = {
            # The message's own headers come first: ours win, and its Nats-Msg-Id must not decide here.
            **{key: value for key, value in letter.headers.items() if not key.startswith("Nats-")},
            "Nats-Msg-Id": f"{letter.kind}/{letter.namespace}/{letter.owner}/{letter.part}/{letter.identity}",
            "Argosy-Namespace": letter.namespace,
            "Argosy-Owner": letter.owner,
            "Argosy-Part": letter.part,
            "Argosy-Reason": letter.reason,
            "Argosy-Detail": _line(letter.detail),
            "Argosy-Attempts": str(letter.attempts),
            "Argosy-First": letter.first,
            "Argosy-Last": letter.last,
            "Argosy-Subject": letter.subject,
            "Argosy-Sequence": str(letter.sequence),
        }
        subject = self._bus.names.deadletter(letter.kind, f"{letter.namespace}/{letter.owner}", letter.part)
        try:
            await self._bus.publish(subject, letter.body, headers)
        except Rejected as error:
            raise Unavailable(f"the dead letter does not fit the bus: {error}") from error


def _line(text: str) -> str:
    """Make a text fit for a header: one line, printable, bounded."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable[:HEADER_LIMIT].strip()
