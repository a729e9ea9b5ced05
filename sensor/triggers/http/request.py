"""What is sent: a request with every header, made of a trigger's block and the events of a firing.

Headers win in this order, by their names as written: `headers`, `dynamicHeaders`, `secureHeaders`, basic authentication.
`Host`, `Content-Length`, `Transfer-Encoding` and `Trailer` are the client's own and cannot be set, as in Go.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from common.cloudevent import CloudEvent
from common.errors import Refused
from sensor.parameters import Note, Prepared
from sensor.triggers.http.url import Url
from sensor.triggers.mounted import Mounted
from sensor.triggers.tls import Tls

IDEMPOTENCY_KEY = "Idempotency-Key"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BLANK = " \t"
_OWN = frozenset({"host", "content-length", "transfer-encoding", "trailer"})
_TELLING = frozenset({"authorization", "proxy-authorization", "cookie"})
_MASK = "<not shown>"


def is_token(text: str) -> bool:
    """Say whether a text can be a method or the name of a header."""
    return _TOKEN.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Say whether a text can be the value of a header."""
    return _CONTROL.search(text) is None


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `host` is what the Host header says; `private` names headers that are for this server only."""

    method: str
    url: Url
    host: str
    headers: Mapping[str, str]
    body: bytes | None
    private: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Basic:
    """User and password; either may be missing."""

    username: Mounted | None
    password: Mounted | None

    def value(self) -> str:
        """Write the header. Raises `Refused`."""
        parts = ("" if part is None else part.text() or "" for part in (self.username, self.password))
        return basic(":".join(parts))

    def __str__(self) -> str:
        return f"Basic {self.username or ''}:{self.password or ''}"


def basic(login: str) -> str:
    """Write `user:password` as a header has it."""
    return f"Basic {base64.b64encode(login.encode()).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Ready:
    """All that is known of a trigger's requests before an event comes. `timeout` is in seconds."""

    method: str
    url: Url
    host: str
    headers: Mapping[str, str]
    dynamic: Prepared
    secure: tuple[tuple[str, Mounted], ...]
    basic: Basic | None
    payload: Prepared
    tls: Tls | None
    timeout: float

    @property
    def needs(self) -> tuple[object, ...]:
        """What must be there for any request to succeed: the server, and what we show to it."""
        return self.url.origin, self.tls, self.basic, self.secure

    def request(self, events: Mapping[str, CloudEvent], digest: str, *, masked: bool) -> tuple[Request, tuple[Note, ...]]:
        """Write the request; `masked`: without reading secrets, a mask for each. Raises `Rejected` and `Refused`."""
        headers = {name: _shown(name, value) if masked else value for name, value in self.headers.items()}
        notes: list[Note] = []
        for entry, found in self.dynamic.values(events, notes):
            name, value = entry.parameter.dest, found.content.decode("utf-8", "replace")
            if not is_value(value):
                raise entry.rejected(f"the value cannot stand in the header {name}: it holds a control character")
            headers[name] = _shown(name, value) if masked else value
        for name, source in self.secure:
            secret = str(source) if masked else _secret(name, source)
            if secret is not None:
                headers[name] = secret
        headers = {name: value.strip(_BLANK) for name, value in headers.items() if name.lower() not in _OWN}
        if self.basic is not None:
            headers["Authorization"] = str(self.basic) if masked else self.basic.value()
        elif self.url.login is not None and not headers.get("Authorization"):
            headers["Authorization"] = _MASK if masked else basic(self.url.login)
        if IDEMPOTENCY_KEY.lower() not in {name.lower() for name in headers}:
            headers[IDEMPOTENCY_KEY] = digest
        payload = self.payload.payload(events)
        private = frozenset(name.lower() for name, _ in self.secure)
        request = Request(self.method, self.url, self.host, headers, payload.body, private)
        return request, (*notes, *payload.notes)


def _secret(name: str, source: Mounted) -> str | None:
    value = source.text()
    if value is not None and not is_value(value):
        raise Refused(f"{source} cannot stand in the header {name}: it holds a line feed or another control character")
    return value


def _shown(name: str, value: str) -> str:
    """Give what a preview may show of a header that stands in the document or comes from an event."""
    return _MASK if name.lower() in _TELLING else value


__all__ = ["IDEMPOTENCY_KEY", "Basic", "Ready", "Request", "basic", "is_token", "is_value"]
