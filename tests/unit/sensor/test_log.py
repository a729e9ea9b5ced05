"""The `log` trigger: Argo Events' line, and no more of them than the document allows."""

import asyncio
from typing import Any, cast

import pytest
import structlog

from common import documents
from sensor.ports import Cluster, Firing
from sensor.spec import TriggerTemplate
from sensor.triggers import Surroundings, construct
from sensor.triggers.log import LogTrigger
from tests.fakes_sensor import event


def surroundings() -> Surroundings:
    """Give a sensor's surroundings without a cluster."""
    return Surroundings("orders", "argo", cast("Cluster", None))


def made(interval: int = 0, around: Surroundings | None = None, name: str = "t") -> LogTrigger:
    """Make a trigger as a document would."""
    template = documents.parse(TriggerTemplate, {"name": name, "log": {"intervalSeconds": interval}}).value
    return cast("LogTrigger", construct(template, None, around or surroundings(), "template"))


def firing(now: float = 0.0, **events: Any) -> Firing:  # noqa: ANN401 - what is changed in an event
    """Make a firing of one dependency."""
    return Firing("d", {"order": event(**events)}, now)


async def written(*calls: tuple[LogTrigger, float]) -> list[dict[str, Any]]:
    """Give the lines that come of firings."""
    with structlog.testing.capture_logs() as lines:
        for trigger, now in calls:
            await trigger.fire(firing(now))
    return lines  # type: ignore[return-value]


def test_a_line_has_the_fields_of_argo_events() -> None:
    """Whoever reads Argo Events' log finds the same keys and texts here."""
    [line] = asyncio.run(written((made(), 0.0)))
    context = (
        '{"id": "00000000000000000000000000000001", "source": "orders", "specversion": "1.0", "type": "sqs", '
        '"datacontenttype": "application/json", "subject": "created", "time": "2026-01-01 00:00:00 +0000 UTC"}'
    )
    assert line == {
        "event": "trigger.log",
        "log_level": "info",
        "trigger": "t",
        "triggerType": "Log",
        "dependencyName": "order",
        "eventContext": context,
        "msg": '{"body": "body 1"}',
    }


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2024-05-06T07:08:09Z", "2024-05-06 07:08:09 +0000 UTC"),
        ("2024-05-06T07:08:09.500Z", "2024-05-06 07:08:09.5 +0000 UTC"),
        ("2024-05-06T07:08:09+00:00", "2024-05-06 07:08:09 +0000 UTC"),
        ("2024-05-06T07:08:09.5+02:00", "2024-05-06 07:08:09.5 +0200 +0200"),
        ("", "0001-01-01 00:00:00 +0000 UTC"),
    ],
)
def test_times_are_written_as_go_prints_them(time: str, text: str) -> None:
    """The context is a text that Go's Stringer makes."""
    shown = asyncio.run(made().preview(firing(time=time)))
    assert f'"time": "{text}"' in shown.request["lines"][0]["eventContext"]


def test_an_interval_lets_one_firing_through() -> None:
    """`intervalSeconds` counts (F11 of Argo Events), and the next line says how many were passed over."""
    trigger = made(10)
    lines = asyncio.run(written((trigger, 0.0), (trigger, 5.0), (trigger, 9.9), (trigger, 10.0)))
    assert [line.get("passedOver") for line in lines] == [None, 2]


def test_the_interval_holds_for_the_trigger_however_often_it_is_made() -> None:
    """With parameters of the template a trigger is made anew for each event."""
    around = surroundings()
    assert len(asyncio.run(written((made(10, around), 0.0), (made(10, around), 5.0)))) == 1


def test_triggers_do_not_silence_each_other() -> None:
    """Each has an interval of its own."""
    around = surroundings()
    assert len(asyncio.run(written((made(10, around, "a"), 0.0), (made(10, around, "b"), 5.0)))) == 2


def test_a_clock_that_is_set_back_does_not_silence() -> None:
    """It would, for as long as it was set back."""
    trigger = made(10)
    assert len(asyncio.run(written((trigger, 1000.0), (trigger, 1.0)))) == 2


def test_what_is_passed_over_has_fired() -> None:
    """The interval thins out the log, not the events: each is settled."""
    trigger = made(10)
    asyncio.run(written((trigger, 0.0)))
    fired = asyncio.run(trigger.fire(firing(1.0)))
    assert fired.how == "fired"
    assert "not written" in fired.what
