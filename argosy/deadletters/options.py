"""The options that the commands share: which letters are meant, and where the bus is."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from argosy.deadletters.choice import Choice, moment
from common.errors import ConfigurationError

_WHICH, _BUS = "Which letters", "The bus (else by the environment of the pods: NATS_… or EVENTBUS_CONFIG)"


class Output(StrEnum):
    """How letters are told."""

    TABLE = "table"
    JSON = "json"


Sequences = Annotated[list[int] | None, typer.Argument(help="Sequences, as `list` shows them.", show_default=False)]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="Of the sensor or event source.", rich_help_panel=_WHICH)]
Sensor = Annotated[str, typer.Option("--sensor", "-s", help="Parked by this sensor.", metavar="NAME", rich_help_panel=_WHICH)]
Trigger = Annotated[
    str, typer.Option("--trigger", "-t", help="Parked by this trigger.", metavar="NAME", rich_help_panel=_WHICH)
]
EventSource = Annotated[str, typer.Option(help="Parked by this event source.", metavar="NAME", rich_help_panel=_WHICH)]
Event = Annotated[str, typer.Option(help="Of this event of an event source.", metavar="NAME", rich_help_panel=_WHICH)]
Reason = Annotated[
    list[str] | None,
    typer.Option("--reason", "-r", help="For this reason; several: for any of them.", metavar="REASON", rich_help_panel=_WHICH),
]
Since = Annotated[
    str, typer.Option(help="Parked since then: `2026-01-31T12:00:00Z`, or `2h` ago.", metavar="TIME", rich_help_panel=_WHICH)
]
Until = Annotated[str, typer.Option(help="Parked before then.", metavar="TIME", rich_help_panel=_WHICH)]
Url = Annotated[str, typer.Option(help="In place of NATS_URL.", metavar="nats://…", rich_help_panel=_BUS)]
Stream = Annotated[str, typer.Option(help="In place of NATS_STREAM.", metavar="NAME", rich_help_panel=_BUS)]
Creds = Annotated[
    Path | None,
    typer.Option(help="In place of NATS_CREDS_FILE.", metavar="FILE", exists=True, dir_okay=False, rich_help_panel=_BUS),
]
As = Annotated[Output, typer.Option("--output", "-o", help="Tables for people, or JSON for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
All = Annotated[bool, typer.Option("--all", help="All letters: wanted where nothing else says which.")]


def over(url: str, stream: str, creds: Path | None) -> dict[str, object]:
    """Give the fields of `common.settings.BusSettings` that the command line sets."""
    given: dict[str, object] = {"url": url, "stream": stream, "creds_file": creds}
    # An address of our own goes before the bus of the drop-in contract.
    return {name: value for name, value in given.items() if value} | ({"config": ""} if url else {})


def choice(
    sequences: list[int] | None,
    *,
    namespace: str,
    sensor: str = "",
    trigger: str = "",
    eventsource: str = "",
    event: str = "",
    reason: list[str] | None,
    since: str,
    until: str,
) -> Choice:
    """Put together which letters are meant. Raises `ConfigurationError` for what cannot be meant."""
    if (sensor or trigger) and (eventsource or event):
        raise ConfigurationError("--sensor and --trigger ask for other letters than --eventsource and --event: choose one pair")
    now = time.time()
    return Choice(
        sequences=tuple(sequences or ()),
        kind="sensor" if sensor or trigger else "eventsource" if eventsource or event else "",
        namespace=namespace,
        owner=sensor or eventsource,
        part=trigger or event,
        reasons=frozenset(reason or ()),
        since=moment(since, now) if since else None,
        until=moment(until, now) if until else None,
    )
