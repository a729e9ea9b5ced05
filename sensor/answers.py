"""What each answer of the API server means: the table of delivery.md §5, row by row.

About this event → `Rejected` (parked) or `Failed` (an attempt); about the whole trigger → `Refused`; about nothing but the
moment → `Unavailable`. How Kubernetes words its answers: apimachinery/pkg/api/errors/errors.go,
apiserver/pkg/admission/plugin/webhook/errors/statuserror.go, https://kubernetes.io/docs/reference/using-api/api-concepts/.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from common.errors import Failed, Refused, Rejected, ServiceError, Unavailable
from sensor.ports import Missing, NameTaken

LONGEST = 256
"""Characters of a remote text that reach an error or a log."""
_TOO_LARGE = re.compile(r"request is too large|request entity too large|larger than max|limit is \d+", re.IGNORECASE)
_DENIED = re.compile(r"denied (the )?request")
_WEBHOOK = "failed calling webhook"
_QUOTA = "exceeded quota"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no success: HTTP status, Kubernetes' reason and message, and the pause it asks for."""

    status: int
    reason: str = ""
    message: str = ""
    after: float | None = None

    def __str__(self) -> str:
        text = " ".join(part for part in (str(self.status), self.reason) if part)
        return f"{text}: {self.message}" if self.message else text


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: which answers, and what they become."""

    name: str
    matches: Callable[[Answer], bool]
    becomes: Callable[[Answer], ServiceError]


def _status(*statuses: int) -> Callable[[Answer], bool]:
    return lambda answer: answer.status in statuses


TABLE = (
    Row("name taken", lambda a: a.status == 409 and a.reason == "AlreadyExists", lambda a: NameTaken(str(a))),  # noqa: PLR2004
    Row("denied by admission", lambda a: bool(_DENIED.search(a.message)) and a.status < 500, lambda a: Failed(str(a))),  # noqa: PLR2004
    Row("webhook down", lambda a: _WEBHOOK in a.message, lambda a: Refused(str(a))),
    Row("too large", lambda a: a.status == 413 or bool(_TOO_LARGE.search(a.message)), lambda a: Rejected("too_large", str(a))),  # noqa: PLR2004
    Row("invalid", _status(400, 422), lambda a: Rejected("rejected", str(a))),
    Row("quota", lambda a: a.status == 403 and _QUOTA in a.message, lambda a: Refused(str(a))),  # noqa: PLR2004
    Row("not allowed", _status(401, 403), lambda a: Refused(str(a))),
    Row("not there", _status(404), lambda a: Missing(str(a))),
    Row("not possible", _status(405, 406, 410, 415), lambda a: Refused(str(a))),
    Row("conflict", _status(409), lambda a: Failed(str(a))),
    Row("slow down", _status(429, 504), lambda a: Unavailable(str(a), after=a.after, crowded=True)),
    Row("broken", lambda a: a.status >= 500 or a.status < 400, lambda a: Unavailable(str(a), after=a.after)),  # noqa: PLR2004
)
"""The first row that matches counts."""


def meaning(answer: Answer) -> ServiceError:
    """Give the error that an answer stands for."""
    for row in TABLE:
        if row.matches(answer):
            return row.becomes(answer)
    return Failed(str(answer))


def read(status: int, body: bytes, retry_after: str = "") -> Answer:
    """Read an answer that is no success. What is not a Status of Kubernetes is quoted, cut and in one line."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict) and document.get("kind") == "Status":
        reason, message = str(document.get("reason") or ""), str(document.get("message") or "")
    else:
        reason, message = "", body[: 4 * LONGEST].decode("utf-8", "replace")
    return Answer(status, _short(reason), _short(message), _seconds(retry_after))


def _short(text: str) -> str:
    line = " ".join(text.split())
    # What decides stands at the end of long messages as well, so both ends stay.
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2 - 2]} … {line[-(LONGEST // 2 - 1) :]}"


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, min(float(text), 3600.0)) if text else None
    except ValueError:
        return None
