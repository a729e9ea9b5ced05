"""All events through all triggers, one after the other."""

from collections.abc import Iterable
from datetime import UTC, datetime

from argosy.explain import events, whose
from argosy.explain.document import Subject
from argosy.explain.report import Arrival, Report, Step, TriggerReport
from argosy.explain.walk import Way
from argosy.explain.whose import Choice
from common import cloudevent
from common.cloudevent import CloudEvent
from sensor.scripts import Workers

Arrived = tuple[Arrival, CloudEvent | None]


def arrived(files: Iterable[str], choice: Choice, subject: Subject, now: float) -> list[Arrived]:
    """Read the events; `now` is in seconds since 1970. Raises `ConfigurationError`, naming the file."""
    given = [one for file in files for one in events.read(file)]
    owners = whose.settle(choice, given, subject)
    moment = cloudevent.timestamp(datetime.fromtimestamp(now, UTC))
    return [events.arrive(one, owner, moment) for one, owner in zip(given, owners, strict=True)]


async def explain(subject: Subject, arrivals: list[Arrived], now: float) -> Report:
    """Tell what the sensor makes of the events. Raises `Unavailable` where no process for scripts starts."""
    ways = []
    async with Workers() as workers, subject.around.shared:
        for trigger in subject.triggers:
            way = Way(trigger, subject.namespace, subject.name, workers, subject.cluster.notes)
            steps: list[Step] = []
            for number, (_, event) in enumerate(arrivals):
                if event is not None:
                    steps.append(await way.step(number, event, now))
            ways.append(TriggerReport(trigger.name, str(subject.condition(trigger)), steps))
    return Report(subject.name, subject.namespace, subject.warnings, [arrival for arrival, _ in arrivals], ways)
