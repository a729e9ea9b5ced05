"""The `log` trigger: one line for each event, with what it carries."""

from typing import Any

import structlog

from common import cloudevent
from common.cloudevent import CloudEvent
from sensor.ports import Fired, Firing, Preview
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.triggers.surroundings import Surroundings


def construct(template: TriggerTemplate, _: TriggerPolicy | None, __: Surroundings, ___: str) -> "LogTrigger":
    """Make the trigger of its template."""
    return LogTrigger(name=template.name)


class LogTrigger:
    """Writes events into the log of the pod; at least once."""

    needs_cluster = False
    reach = None

    def __init__(self, *, name: str) -> None:
        self._log: Any = structlog.get_logger("trigger").bind(trigger=name)

    async def fire(self, firing: Firing) -> Fired:
        """Write one line for each dependency's event."""
        for line in _lines(firing):
            self._log.info("trigger.log", **line)
        return Fired("fired", "log")

    async def find(self, _: Firing) -> Fired | None:
        """Know nothing: a line that was written is not looked for."""
        return None

    async def preview(self, firing: Firing) -> Preview:
        """Give the lines."""
        return Preview("log", {"lines": _lines(firing)})


def _lines(firing: Firing) -> list[dict[str, Any]]:
    return [
        {"dependency": name, "context": _context(event), "data": cloudevent.data_text(event)}
        for name, event in firing.events.items()
    ]


def _context(event: CloudEvent) -> dict[str, str]:
    return {"id": event.id, "source": event.source, "subject": event.subject, "type": event.type, "time": event.time}
