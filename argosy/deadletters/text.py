"""How dead letters are told: tables and lines for people, JSON for programs."""

import base64
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from argosy.deadletters.choice import Found, Group
from argosy.deadletters.many import Fate, Tally
from argosy.deadletters.survey import Survey
from common.deadletters import replay

_HEADINGS = ("SEQ", "PARKED", "FROM", "TRIGGER/EVENT", "REASON", "TRIES", "DETAIL")
_SHOWN = 10
"""Reasons that are told of one kind, the most frequent first."""


def time_of(found: Found) -> str:
    """Write when a letter was parked."""
    return datetime.fromtimestamp(found.parked, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def document(found: Found, *, whole: bool = False) -> dict[str, Any]:
    """Give a letter as JSON values; `whole`: with headers and the event."""
    letter = found.letter
    owner, part = ("eventSource", "event") if letter.kind == "eventsource" else ("sensor", "trigger")
    told = {
        "sequence": found.sequence,
        "parked": time_of(found),
        "namespace": letter.namespace,
        owner: letter.owner,
        part: letter.part,
        "reason": letter.reason,
        "detail": letter.detail,
        "attempts": letter.attempts,
        "first": letter.first,
        "last": letter.last,
        "replays": replay.times(letter.headers),
        "size": found.size,
        "bus": {"subject": letter.subject, "sequence": letter.sequence},
    }
    return told | {"headers": dict(letter.headers), "message": _decoded(letter.body)} if whole else told


def table(page: list[Found], console: Console) -> None:
    """Print one table of letters, as wide as the console."""
    rows = [_HEADINGS, *map(_row, page)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    for number, row in enumerate(rows):
        cells = [cell.rjust(width) if cell.isdecimal() else cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        line = "  ".join([*cells, row[-1]])
        text = line if len(line) <= console.width else line[: console.width - 1] + "…"
        # Not a table of the library's, nor printed by it: that takes a millisecond a row.
        console.print(text, style="bold", markup=False, soft_wrap=True) if number == 0 else print(text)


def _row(found: Found) -> tuple[str, ...]:
    letter = found.letter
    owner = f"{letter.kind} {letter.namespace}/{letter.owner}"
    return str(found.sequence), time_of(found), owner, letter.part, letter.reason, str(letter.attempts), letter.detail


def counts(letters: Mapping[Group, int], console: Console) -> None:
    """Print how many letters there are, by whose they are and why."""
    total = sum(letters.values())
    console.print(f"{number(total)}:" if total else "no dead letter is like that")
    for (owner, part, reason), count in sorted(letters.items()):
        console.print(f"  {count:>7,}  {owner}, {part}: {reason}", markup=False)


def whole(letters: list[Found], console: Console) -> None:
    """Print letters with everything that they hold."""
    for place, found in enumerate(letters):
        if place:
            console.rule()
        _whole(found, console)


def _whole(found: Found, console: Console) -> None:
    told = document(found, whole=True)
    headers, message, bus = told.pop("headers"), told.pop("message"), told.pop("bus")
    for name, value in (told | {f"bus {key}": value for key, value in bus.items()}).items():
        console.print(Text.assemble((f"{name:<14}", "bold"), str(value)))
    for name, value in headers.items():
        console.print(Text.assemble(("header        ", "bold"), f"{name}: {value}"))
    console.print()
    text = message if isinstance(message, str) else json.dumps(message, indent=2, ensure_ascii=False)
    console.print(text, markup=False, soft_wrap=True)


def survey(seen: Survey, console: Console) -> None:
    """Say which letters are meant, and what stands against it."""
    counts(seen.groups, console)
    _refusals(seen.refused, console)
    for note in sorted(seen.notes):
        console.print(f"note: {note}", style="yellow", markup=False)


def tally(told: Tally, verb: str, console: Console) -> None:
    """Say what became of letters; `verb` as in "12 letters replayed"."""
    fates = told.fates
    console.print(f"{number(fates[Fate.DONE])} {verb}")
    if fates[Fate.GONE]:
        console.print(f"{number(fates[Fate.GONE])} gone meanwhile")
    _refusals(told.reasons, console)
    if told.broken:
        console.print(f"ended early: {told.broken}; what is left is still there, run it again", style="red", markup=False)


def _refusals(reasons: Counter[str], console: Console) -> None:
    for why, count in reasons.most_common(_SHOWN):
        console.print(f"{number(count)} refused: {why}", style="red", markup=False)


def number(count: int) -> str:
    """Write a number of letters."""
    return f"{count:,} letter{'' if count == 1 else 's'}"


def _decoded(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Give an event as JSON values with its data decoded; text as text, and anything else as base64."""
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        return _text(body) if event is None else event
    coded = event.get("data_base64")
    if not isinstance(coded, str):
        return event
    try:
        data = base64.b64decode(coded, validate=True)
        kept = {key: value for key, value in event.items() if key != "data_base64"}
        return kept | {"data": _json_or_text(data)}
    except ValueError:
        return event


def _json_or_text(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(data)
    except ValueError:
        return _text(data)


def _text(data: bytes) -> Any:  # noqa: ANN401 - a string, or an object that holds one
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
