"""The names on the bus: the whole contract between the two services, and with Argo Events.

Stream `default`, subjects `default.<eventSource>.<event>`, unless settings say otherwise; what is ours beside the stream
(ledger, dead letters, register, attempts, joins, limits) is named after it, so that two installs with two streams never meet.
"""

import hashlib
import re
from dataclasses import dataclass

from common.errors import ConfigurationError

_TOKEN = re.compile(r"[^\s.*>\x00-\x20\x7f]+")
_ESCAPED = re.compile(rb"=([0-9A-F]{2})")
_STREAM = re.compile(r"[A-Za-z0-9_-]+")
_FNV_OFFSET, _FNV_PRIME, _FNV_MASK = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def is_token(name: str) -> bool:
    """Say whether the name can be one token of a subject: not empty, no dot, blank or wildcard."""
    return _TOKEN.fullmatch(name) is not None


def fnv1a(text: str) -> int:
    """Hash by FNV-1a with 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/)."""
    value = _FNV_OFFSET
    for byte in text.encode():
        value = ((value ^ byte) * _FNV_PRIME) & _FNV_MASK
    return value


def durable(sensor: str, trigger: str, dependency: str) -> str:
    """Name the consumer as Argo Events does, so that a sensor goes on where the Go one stopped.

    Two triggers may meet in one name (fault F15 of Argo Events): whoever attaches compares the owner.
    """
    return f"group-{fnv1a(f'{sensor}-{trigger}-{dependency}')}"


def replayer(owner: str, trigger: str) -> str:
    """Name the consumer of a trigger's replays: a hash, because both may be long and hold anything."""
    return f"replay-{hashlib.sha256(f'{safe(owner)}.{safe(trigger)}'.encode()).hexdigest()[:24]}"


@dataclass(frozen=True, slots=True)
class Names:
    """All names that follow from the stream and the prefix of its subjects."""

    stream: str = "default"
    prefix: str = "default"

    def __post_init__(self) -> None:
        if not _STREAM.fullmatch(self.stream):
            raise ConfigurationError(f"NATS_STREAM: {self.stream!r} may hold letters, digits, '-' and '_' only")
        if not is_token(self.prefix):
            raise ConfigurationError(f"NATS_SUBJECT_PREFIX: {self.prefix!r} must be one token: no dot, blank, '*' or '>'")

    @property
    def every_event(self) -> str:
        """The subjects of the stream."""
        return f"{self.prefix}.*.*"

    @property
    def ledger(self) -> str:
        """The stream of what has been fired."""
        return f"{self.stream}-ledger"

    @property
    def deadletters(self) -> str:
        """The stream of what was parked."""
        return f"{self.stream}-deadletters"

    @property
    def replays(self) -> str:
        """The stream of dead letters on their way back to their triggers."""
        return f"{self.stream}-replays"

    @property
    def register(self) -> str:
        """The bucket in which triggers are registered."""
        return f"{self.stream}-triggers"

    @property
    def attempts(self) -> str:
        """The bucket of failed attempts."""
        return f"{self.stream}-attempts"

    @property
    def joins(self) -> str:
        """The bucket of events that wait for others."""
        return f"{self.stream}-joins"

    @property
    def limits(self) -> str:
        """The bucket of what is paused, of permits and of slots."""
        return f"{self.stream}-limits"

    def event(self, source: str, event: str) -> str:
        """Name the subject of one event of one event source."""
        return f"{self.prefix}.{source}.{event}"

    @property
    def every_ledger_entry(self) -> str:
        """The pattern of all of the ledger's subjects."""
        return f"argosy.{self.ledger}.*"

    def ledger_entry(self, digest: str) -> str:
        """Name the ledger's subject for a firing: 4,096 of them, by the first 12 bits of the hash (hex digits)."""
        return f"argosy.{self.ledger}.{digest[:3]}"

    def deadletter(self, kind: str, owner: str, part: str) -> str:
        """Name the dead letters' subject of a sensor's trigger or an event source's event."""
        return f"argosy.{self.deadletters}.{kind}.{safe(owner)}.{safe(part)}"

    def replays_of(self, owner: str) -> str:
        """Name the subjects on which all triggers of one sensor get their dead letters back."""
        return f"argosy.{self.replays}.{safe(owner)}.*"

    def replay(self, owner: str, trigger: str) -> str:
        """Name the subject on which one trigger of one sensor gets its dead letters back."""
        return f"argosy.{self.replays}.{safe(owner)}.{safe(trigger)}"


def safe(name: str) -> str:
    """Make any name one token that subjects and bucket keys take; different names stay different.

    Letters, digits, `-` and `_` stay; every other byte becomes `=XX`.
    """
    return "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "-_") else f"={byte:02X}"
        for byte in name.encode()
    )


def unsafe(token: str) -> str:
    """Give the name that `safe` made a token of."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found.group(1).decode()), token.encode()).decode()
