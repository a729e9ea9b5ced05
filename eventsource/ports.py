"""What the pipeline knows of the world: a message, the queue it came from, the bus it goes to. No implementation here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from common.cloudevent import CloudEvent
from common.deadletters import DeadLetter


@dataclass(frozen=True, slots=True)
class Message:
    """One message as SQS handed it out.

    `received_at` is the wall clock in seconds; `lease_until` is the event loop's clock: until then nobody else gets this
    message. Times that SQS gives (`sent`, `first_receive`) are its own text, milliseconds since 1970.
    """

    id: str
    body: str
    receipt: str
    received_at: float
    lease_until: float
    attributes: Mapping[str, Mapping[str, Any]] | None = None
    receive_count: int = 1
    sent: str = ""
    first_receive: str = ""
    group: str = ""
    deduplication: str = ""
    trace_header: str = ""

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.body)


class Answer(Enum):
    """What SQS says about one entry of a batch."""

    OK = "ok"
    LOST = "lost"
    """The receipt is worth nothing any more: somebody else has the message, or had it."""
    AGAIN = "again"
    """It may go better next time."""


class Queue(Protocol):
    """One SQS queue. Every method raises `Unavailable` or `Refused`, and nothing else on purpose."""

    @property
    def arn(self) -> str:
        """The ARN of the queue; empty before it was opened."""

    @property
    def fifo(self) -> bool:
        """Whether the order of a message group matters."""

    async def open(self) -> None:
        """Find the queue. May be called again at any time, and then looks for what has changed."""

    async def receive(self, count: int, *, wait: int, visibility: int) -> list[Message]:
        """Receive up to `count` messages (at most 10), waiting up to `wait` seconds for the first."""

    async def delete(self, receipts: Sequence[str]) -> list[Answer]:
        """Delete up to 10 messages; one answer each, in order."""

    async def change_visibility(self, entries: Sequence[tuple[str, int]]) -> list[Answer]:
        """Set the seconds from now after which each message is seen again; up to 10, one answer each, in order."""


class Publisher(Protocol):
    """Where events go."""

    async def publish(self, event: CloudEvent, *, attempt: int) -> str:
        """Store the event; gives `published` or `duplicate`. Raises `Unavailable`, or `Rejected("too_large")`."""


class Parking(Protocol):
    """Where messages go that can never become events."""

    async def park(self, letter: DeadLetter) -> None:
        """Store the letter. Raises `Unavailable` if it was not stored."""


class Link(Protocol):
    """Whether the bus can be used at all."""

    @property
    def connected(self) -> bool:
        """Whether it can be used now."""

    async def wait_connected(self) -> None:
        """Wait until it can be used."""
