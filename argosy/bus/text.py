"""How the bus is told: tables for people, JSON for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from argosy.bus.survey import Reader, Stream, Survey

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def as_json(survey: Survey) -> str:
    """Give everything as JSON."""
    return json.dumps(asdict(survey), indent=2)


def tables(survey: Survey, console: Console) -> None:
    """Print everything as tables."""
    _print(
        console,
        "Streams",
        ("NAME", "OWNER", "EVENTS", "SIZE", "OF", "PER SUBJECT", "COPIES", "LEADER"),
        (_stream(stream) for stream in survey.streams),
    )
    _print(
        console,
        "Triggers and other consumers",
        ("TRIGGER", "SUBJECT", "CONSUMER", "FLOOR", "WAITING", "IN HAND", "STATE"),
        (_reader(reader) for reader in survey.readers),
    )
    _print(
        console,
        "Subjects",
        ("SUBJECT", "EVENTS", "OLDEST", "HELD BACK BY"),
        (
            (s.subject, f"{s.events:,}", _time(s.seconds) if s.events else "", s.title if s.events else "")
            for s in survey.subjects
        ),
    )


def size(count: float) -> str:
    """Write bytes for people."""
    for unit in _UNITS[:-1]:
        if count < _STEP:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= _STEP
    return f"{count:.1f} {_UNITS[-1]}"


def _stream(stream: Stream) -> tuple[str, ...]:
    limit = size(stream.max_bytes) if stream.max_bytes > 0 else "no limit"
    share = f" ({stream.bytes / stream.max_bytes:.0%})" if stream.max_bytes > 0 else ""
    per_subject = f"{stream.max_msgs_per_subject:,}" if stream.max_msgs_per_subject > 0 else ""
    return (
        stream.name,
        stream.owner or "somebody else",
        f"{stream.messages:,}",
        size(stream.bytes) + share,
        limit,
        per_subject,
        str(stream.replicas),
        stream.leader,
    )


def _reader(reader: Reader) -> tuple[str, ...]:
    title = f"{reader.namespace}/{reader.sensor}/{reader.trigger}" if reader.trigger else "(not registered)"
    floor, waiting, hand = f"{reader.floor:,}", f"{reader.waiting:,}", f"{reader.in_hand:,}"
    return title, reader.subject, reader.consumer, floor, waiting, hand, state(reader)


def state(reader: Reader) -> str:
    """Say in a few words what a reader is at."""
    if reader.pods:
        return "at work"
    if not reader.trigger:
        return "nobody asks"
    return f"last seen {_time(reader.seen)} ago" + ("" if reader.there else ", no consumer")


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _print(console: Console, title: str, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="bold")
    numbers = {"EVENTS", "SIZE", "OF", "PER SUBJECT", "COPIES", "FLOOR", "WAITING", "IN HAND"}
    for heading in headings:
        table.add_column(heading, no_wrap=True, justify="right" if heading in numbers else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table if table.row_count else f"{title}: none")
    console.print()
