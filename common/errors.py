"""The errors that steps raise; vendor exceptions are turned into these at the edge and nowhere else.

ServiceError
├── Unavailable   the other side is away, overloaded or asks us to slow down: not about this message, never an attempt
│   └── Missing   nobody is there to take it: what we had made on the bus is gone
├── Refused       the other side will not do it until somebody changes something (permission, missing queue, quota): not
│                 about this message; whatever needs it stops, says so, and tries again for ever
├── Failed        about this very message, and may go better later: an attempt
├── Rejected      about this very message, and can never succeed: it is parked
└── ConfigurationError   a document or a setting is wrong: the process ends with exit 2 before any connection opens
"""


class ServiceError(Exception):
    """The root of all errors that a step may raise on purpose."""


class Unavailable(ServiceError):
    """The other side does not answer, or asks for less.

    `after`: the pause in seconds that the other side asked for (Retry-After), if it did. `crowded`: it is there, and cannot
    bear as much as we send.
    """

    def __init__(self, message: str, *, after: float | None = None, crowded: bool = False) -> None:
        super().__init__(message)
        self.after = after
        self.crowded = crowded


class Missing(Unavailable):
    """What should be there to answer is gone, and has to be made again."""


class Refused(ServiceError):
    """The other side says no to the whole trigger or queue, whatever the message."""


class Failed(ServiceError):
    """This message failed this time; trying again may help.

    `exhausted`: the reason under which it is parked when there are no attempts left, if that says more than that.
    """

    def __init__(self, message: str, *, exhausted: str = "") -> None:
        super().__init__(message)
        self.exhausted = exhausted


class Rejected(ServiceError):
    """This message can never succeed. `reason` is the label under which it is parked and counted."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class ConfigurationError(ServiceError):
    """A document or a setting is wrong; each fault names its place. Ends the process with exit 2."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults
