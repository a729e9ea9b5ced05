"""The `log` trigger: one line for each event, with what it carries.

As in Argo Events `msg` is the event's data, as text where its content type says so and as base64 otherwise, beside
`dependencyName`, `eventContext` and `triggerType`. Mended (its fault F11): `intervalSeconds` counts. A firing within so many
seconds of the last one that was written is not written; the next line says how many were passed over.
"""

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog

from common import cloudevent
from common.cloudevent import CloudEvent
from common.errors import ConfigurationError
from sensor.ports import Fired, Firing, Preview
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.triggers.shared import Shared
from sensor.triggers.surroundings import Surroundings

_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}:\d{2})")
_NO_TIME = "0001-01-01 00:00:00 +0000 UTC"
_CONTEXT = ("id", "source", "specversion", "type", "datacontenttype", "subject")


def construct(template: TriggerTemplate, _: TriggerPolicy | None, around: Surroundings, place: str) -> "LogTrigger":
    """Make the trigger of its template. Raises `ConfigurationError`."""
    if template.log is None:
        raise ConfigurationError(f"{place}.log: required, but missing")
    return LogTrigger(name=template.name, interval=template.log.interval_seconds, shared=around.shared)


@dataclass(slots=True)
class Pace:
    """When a trigger last wrote, in seconds since 1970, and how many firings it has passed over since."""

    last: float | None = None
    passed_over: int = 0

    def may_write(self, now: float, interval: float) -> bool:
        """Say whether it is time; a clock that was set back is no reason for silence."""
        if self.last is not None and self.last <= now < self.last + interval:
            self.passed_over += 1
            return False
        self.last = now
        return True


class LogTrigger:
    """Writes events into the log of the pod; at least once. `interval` is in seconds."""

    needs_cluster = False
    reach = None

    def __init__(self, *, name: str, interval: float, shared: Shared) -> None:
        self._name = name
        self._interval = interval
        self._shared = shared
        self._log: Any = structlog.get_logger("trigger").bind(trigger=name)

    async def fire(self, firing: Firing) -> Fired:
        """Write one line for each dependency's event, unless the last ones are too fresh."""
        pace = await self._shared.get(("log", self._name), _new_pace)
        if not pace.may_write(firing.now, self._interval):
            return Fired("fired", f"log: not written, the last line is younger than {self._interval:g} s")
        more = {"passedOver": pace.passed_over} if pace.passed_over else {}
        pace.passed_over = 0
        for line in _lines(firing):
            self._log.info("trigger.log", **line, **more)
        return Fired("fired", "log")

    async def find(self, _: Firing) -> Fired | None:
        """Know nothing: a line that was written is not looked for."""
        return None

    async def preview(self, firing: Firing) -> Preview:
        """Give the lines."""
        return Preview("log", {"lines": _lines(firing)})


async def _new_pace(_: AsyncExitStack) -> Pace:
    return Pace()


def _lines(firing: Firing) -> list[dict[str, Any]]:
    return [
        {
            "triggerType": "Log",
            "dependencyName": name,
            "eventContext": _context(event),
            "msg": cloudevent.data_text(event),
        }
        for name, event in firing.events.items()
    ]


def _context(event: CloudEvent) -> str:
    """Write the context as Argo Events' log does: no JSON, as nothing in it is escaped."""
    pairs = [f'"{name}": "{getattr(event, name)}"' for name in _CONTEXT]
    return "{" + ", ".join([*pairs, f'"time": "{_time(event.time)}"']) + "}"


def _time(text: str) -> str:
    """Write a time as Go prints it."""
    match = _TIME.fullmatch(text)
    if match is None:
        return _NO_TIME
    day, time, zone = match.groups()
    if "." in time:
        time = time.rstrip("0").rstrip(".")
    offset = zone.replace(":", "")
    return f"{day} {time} +0000 UTC" if offset in {"Z", "+0000"} else f"{day} {time} {offset} {offset}"
