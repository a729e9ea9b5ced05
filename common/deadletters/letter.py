"""One dead letter, and how it stands on the bus: the message's bytes, the message's headers, and ours beside them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

HEADER_LIMIT = 2048
"""Characters of a detail that go into a header."""
NAMESPACE, OWNER, PART = "Argosy-Namespace", "Argosy-Owner", "Argosy-Part"
REASON, DETAIL = "Argosy-Reason", "Argosy-Detail"
ATTEMPTS, FIRST, LAST = "Argosy-Attempts", "Argosy-First", "Argosy-Last"
SUBJECT, SEQUENCE = "Argosy-Subject", "Argosy-Sequence"
OURS = frozenset({NAMESPACE, OWNER, PART, REASON, DETAIL, ATTEMPTS, FIRST, LAST, SUBJECT, SEQUENCE})
"""The headers that a letter adds. `Argosy-Attempt` is the event's own: its publish was repeated."""
MESSAGE_ID = "Nats-Msg-Id"
_BUS = "Nats-"
"""What the headers of the bus itself begin with."""
_KIND_TOKEN = 2


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One parked message.

    `kind` is `sensor` or `eventsource`, `owner` its name and `part` the trigger or the event. `identity` is the same for
    the same message, so that parking twice stores once. Times are RFC 3339. `subject` and `sequence` say where an event
    stood on the bus.
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

    @property
    def key(self) -> str:
        """The `Nats-Msg-Id` of the letter."""
        return f"{self.kind}/{self.namespace}/{self.owner}/{self.part}/{self.identity}"


def write(letter: DeadLetter) -> dict[str, str]:
    """Give the headers of a letter on the bus."""
    return {
        # The message's own headers come first: ours win, and its Nats-Msg-Id must not decide here.
        **own(letter.headers),
        MESSAGE_ID: letter.key,
        NAMESPACE: letter.namespace,
        OWNER: letter.owner,
        PART: letter.part,
        REASON: letter.reason,
        DETAIL: _line(letter.detail),
        ATTEMPTS: str(letter.attempts),
        FIRST: letter.first,
        LAST: letter.last,
        SUBJECT: letter.subject,
        SEQUENCE: str(letter.sequence),
    }


def read(subject: str, headers: Mapping[str, str], body: bytes) -> DeadLetter:
    """Read a letter from the bus. What is not there is empty: whatever stands in the stream can be looked at."""
    tokens = subject.split(".")
    kind = tokens[_KIND_TOKEN] if len(tokens) > _KIND_TOKEN else ""
    namespace, owner, part = (headers.get(name, "") for name in (NAMESPACE, OWNER, PART))
    return DeadLetter(
        kind=kind,
        namespace=namespace,
        owner=owner,
        part=part,
        reason=headers.get(REASON, ""),
        detail=headers.get(DETAIL, ""),
        identity=headers.get(MESSAGE_ID, "").removeprefix(f"{kind}/{namespace}/{owner}/{part}/"),
        body=body,
        first=headers.get(FIRST, ""),
        last=headers.get(LAST, ""),
        attempts=number(headers, ATTEMPTS),
        subject=headers.get(SUBJECT, ""),
        sequence=number(headers, SEQUENCE),
        headers=own({name: value for name, value in headers.items() if name not in OURS}),
    )


def own(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the headers without those that the bus added or acts upon."""
    return {name: value for name, value in headers.items() if not name.startswith(_BUS)}


def number(headers: Mapping[str, str], name: str) -> int:
    """Read a header that holds a whole number; 0 where it does not."""
    text = headers.get(name, "")
    return int(text) if text.isdecimal() else 0


def _line(text: str) -> str:
    """Make a text fit for a header: one line, printable, bounded."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable[:HEADER_LIMIT].strip()
