"""What the pipeline needs from the outside, as it needs it, and the values that pass between the steps."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from common.cloudevent import CloudEvent
from common.errors import Refused, ServiceError

APPLY = "application/apply-patch+yaml"
"""The content type of server-side apply, which creates what is not there."""


class Missing(Refused):
    """The kind or the namespace is not there."""


class NameTaken(ServiceError):
    """An object of this name exists already."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as the bus delivered it. `stored` and `now` are seconds since 1970."""

    subject: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    sequence: int = 0
    deliveries: int = 1
    stored: float = 0.0


class Delivery(Protocol):
    """A message in hand: whoever has it settles it, once."""

    @property
    def envelope(self) -> Envelope:
        """What came."""

    @property
    def early(self) -> bool:
        """Whether it was stored before its consumer was made, so that another consumer may have had it."""

    @property
    def uncounted(self) -> bool:
        """Whether it was stored before we attached, so that the bus may have forgotten that it was delivered.

        A server whose disk was full, or that another one took over from, counts from what it had written.
        """

    def is_stale(self) -> bool:
        """Say whether it has been in hand for so long that the bus may have given it to somebody else."""

    async def ack(self) -> None:
        """Say that it is done with."""

    async def nak(self, after: float) -> None:
        """Give it back, to come again after so many seconds."""


async def _nobody_remembers() -> None:
    """Stand in where there is no ledger."""


@dataclass(frozen=True, slots=True)
class Firing:
    """What a trigger is given. `digest` tells this firing from every other; `now` is in seconds since 1970.

    `remember` puts it into the ledger, for a trigger that did what must not be done twice and has still to wait for something.
    """

    digest: str
    events: Mapping[str, CloudEvent]
    now: float
    remember: Callable[[], Awaitable[None]] = field(default=_nobody_remembers, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fired:
    """What a trigger did: `how` is `fired`, or `duplicate` where it had been done before."""

    how: str
    what: str
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a trigger would do: `action` in a few words, `request` as JSON values exactly as it would be sent.

    Secrets are left out; `notes` are those of `Fired`.
    """

    action: str
    request: Mapping[str, Any]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of object at the API server."""

    api_version: str
    kind: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What a trigger does at the API server: with which kind, in which namespace, by which verbs of RBAC."""

    target: Target
    namespace: str
    verbs: tuple[str, ...] = ("create", "get")


class Trigger(Protocol):
    """One kind of trigger, compiled for one document."""

    @property
    def needs_cluster(self) -> bool:
        """Whether it talks to the API server."""

    @property
    def reach(self) -> Reach | None:
        """What it does there, as far as that does not depend on events."""

    async def fire(self, firing: Firing) -> Fired:
        """Do it. Raises `Unavailable`, `Refused`, `Failed` or `Rejected` as `common.errors` has them."""

    async def find(self, firing: Firing) -> Fired | None:
        """Look whether it was done before, where the target itself can tell."""

    async def preview(self, firing: Firing) -> Preview:
        """Tell what `fire` would send, and send nothing. Raises what `fire` raises about the event."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is there, and the version from which a watch goes on."""

    objects: Sequence[Mapping[str, Any]]
    version: str


class Overview(Protocol):
    """What of a kind there is at the API server. Raises as `Cluster` does."""

    async def listed(self, target: Target, namespace: str, selector: str) -> Listing:
        """List the objects that a selector of labels takes, as they are at this moment."""

    def watched(
        self, target: Target, namespace: str, selector: str, version: str
    ) -> AsyncGenerator[tuple[str, Mapping[str, Any]], None]:
        """Give what changes after that version, by Kubernetes' names of what happened, until the watch ends in peace.

        Raises also where something may have been missed.
        """


class Cluster(Protocol):
    """The API server. All of these raise by the table of delivery.md §5 (`sensor.answers`)."""

    async def create(self, target: Target, namespace: str, body: bytes) -> None:
        """Create an object. Raises `NameTaken` where one of its name exists."""

    async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Get an object, or None where there is none."""

    async def update(self, target: Target, namespace: str, name: str, body: bytes) -> None:
        """Put an object in the place of another. Raises `Missing` where there is none, `Failed` on a conflict."""

    async def patch(self, target: Target, namespace: str, name: str, body: bytes, strategy: str) -> None:
        """Change an object; `strategy` is the content type of the patch.

        Raises `Missing` where there is none, which `APPLY` creates. Fields that others have applied become ours.
        """

    async def delete(self, target: Target, namespace: str, name: str) -> bool:
        """Delete an object; gives False where there was none."""

    async def namespaced(self, target: Target) -> bool:
        """Say whether objects of this kind live in a namespace."""

    async def allowed(self, target: Target, namespace: str, verb: str) -> bool:
        """Ask whether we may do this."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The failed attempts of a firing, in seconds since 1970.

    `exhausted`: what the last one said, once there are none left and the dlqTrigger has its turn; `dlq`: its attempts.
    """

    at: tuple[float, ...] = ()
    exhausted: str = ""
    dlq: tuple[float, ...] = ()


class Link(Protocol):
    """The connection to the bus."""

    @property
    def connected(self) -> bool:
        """Whether it can be used."""

    async def wait_connected(self) -> None:
        """Wait until it can be used."""


class Ledger(Protocol):
    """What has been fired."""

    async def append(self, digest: str) -> None:
        """Remember a firing. Raises `Unavailable` if it was not stored."""

    async def holds(self, digest: str) -> bool:
        """Say whether a firing is remembered. Raises `Unavailable`."""

    async def lately(self, digest: str) -> bool:
        """Say whether a firing is among the last ones before we were connected. Raises `Unavailable`."""


class Attempts(Protocol):
    """The failed attempts of firings that are not through yet."""

    async def load(self, digest: str) -> Tried:
        """Give the attempts so far. Raises `Unavailable`."""

    async def save(self, digest: str, tried: Tried) -> None:
        """Remember them. Raises `Unavailable`."""

    async def forget(self, digest: str) -> None:
        """Forget them. Raises `Unavailable`."""


class Parking(Protocol):
    """Where dead letters go."""

    async def park(self, letter: Any) -> None:  # noqa: ANN401 - common.deadletters.DeadLetter
        """Store a dead letter. Raises `Unavailable` if it was not stored."""
