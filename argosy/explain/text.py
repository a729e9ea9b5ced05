"""The report for people: readable in 80 columns, without colours, and through a pipe."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from argosy.explain.report import Arrival, Fate, Report, Run, Said, Step, TriggerReport

LABEL = 11
"""Columns of the first word of a line."""
_STYLES = {
    Fate.UNMATCHED: "dim",
    Fate.FILTERED: "yellow",
    Fate.WAITING: "cyan",
    Fate.DUPLICATE: "cyan",
    Fate.FIRED: "bold green",
    Fate.DLQ_TRIGGERED: "bold red",
    Fate.PARKED: "bold red",
    Fate.RETRIED: "red",
    Fate.STOPPED: "red",
}
_WORDS = {
    Fate.DUPLICATE: "nothing is done",
    Fate.RETRIED: "it is tried again as retryStrategy says, then goes to the dead letters",
    Fate.STOPPED: "the trigger stops until that is mended, and keeps the event",
}


class _Yaml(yaml.SafeDumper):
    """Writes texts of several lines as they are, and nothing by reference."""

    def ignore_aliases(self, _: Any) -> bool:  # noqa: ANN401 - any value
        return True


def _text(dumper: _Yaml, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Yaml.add_representer(str, _text)


def tell(report: Report, console: Console) -> None:
    """Write it all."""
    console.print(Text.assemble(("Sensor ", "bold"), _plain(f"{report.namespace}/{report.sensor}")))
    for note in report.notes:
        _line(console, "note", note, "yellow")
    noted: set[str] = set()
    for number, arrival in enumerate(report.events, start=1):
        _arrival(console, number, arrival)
        for note in set(arrival.notes) - noted:
            _line(console, "note", note, "yellow")
        noted.update(arrival.notes)
    for trigger in report.triggers:
        _trigger(console, trigger, report.events)
    console.print()
    counts = f"{_count(len(report.events), 'event')}, {_count(len(report.triggers), 'trigger')}"
    console.print(f"{counts}: {_count(report.count, 'firing')}")


def _arrival(console: Console, number: int, arrival: Arrival) -> None:
    whose = f"{arrival.source}/{arrival.subject}"
    _line(console, f"event {number}", f"{arrival.place}: {whose}, id {arrival.id}", "bold", deep=0)
    if arrival.fate != "published":
        _line(console, arrival.fate, f"by the event source, so no sensor sees it: {arrival.why}", "yellow")


def _trigger(console: Console, trigger: TriggerReport, events: Sequence[Arrival]) -> None:
    console.print()
    console.print(
        Text.assemble(("Trigger ", "bold"), _plain(trigger.trigger), ("  fires on ", "dim"), _plain(trigger.conditions))
    )
    for step in trigger.steps:
        _step(console, step, events[step.event])


def _step(console: Console, step: Step, event: Arrival) -> None:
    label = f"event {step.event + 1}"
    if not step.dependencies:
        what = f"{event.source}/{event.subject} is the event of none of its dependencies"
        _line(console, label, f"{step.fate}: {what}", _STYLES[step.fate], deep=0)
    for said in step.dependencies:
        _line(console, label, f"{said.fate}, as {said.dependency}", _STYLES[said.fate], deep=0)
        _said(console, said)


def _said(console: Console, said: Said) -> None:
    if said.data is not None:
        _line(console, "transform", said.data)
    for no in said.filters:
        _line(console, "filter", f"{no.filter}: {no.field or 'the event'} is {no.value}: {no.why}")
    if said.reason:
        _line(console, "why", f"{said.reason}: {said.why}")
    elif said.why and not said.filters:
        _line(console, "why", said.why)
    if said.fate in _WORDS:
        _line(console, "so", _WORDS[said.fate])
    elif said.fate is Fate.PARKED and len(said.present) > 1:
        _line(console, "so", "all of these events go to the dead letters")
    for gone in said.gone:
        _line(console, "let go", f"event {gone.id} of {gone.dependency}: {gone.fate}", "yellow")
    if len(said.present) + len(said.missing) > 1:
        _line(console, "present", ", ".join(said.present) or "nothing")
        _line(console, "missing", ", ".join(said.missing) or "nothing")
    if said.run is not None:
        _run(console, said.run, quietly=said.fate is Fate.DUPLICATE)


def _run(console: Console, run: Run, *, quietly: bool) -> None:
    _line(console, "would" if not quietly else "was to", run.action, "bold")
    _line(console, "firing", run.digest)
    for label, key in (("strategy", "patchStrategy"), ("needs", "needs")):
        if run.request.get(key):
            _line(console, label, str(run.request[key]))
    for note in run.notes:
        _line(console, "note", note, "yellow")
    shown = _shown(run.request)
    if quietly or not shown:
        return
    block = yaml.dump(shown, Dumper=_Yaml, sort_keys=False, allow_unicode=True, width=10**6)
    # Not wrapped: it is there to be copied.
    console.print(Text("\n".join(f"    {line}" for line in block.rstrip("\n").split("\n"))), soft_wrap=True)


def _shown(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what the action says already; an object begins as people write it."""
    if "verb" not in request:
        return request
    found = request.get("object") or request.get("patch") or {}
    return {key: found[key] for key in ("apiVersion", "kind", "metadata") if key in found} | dict(found)


def _line(console: Console, label: str, text: str, style: str = "", *, deep: int = 2) -> None:
    """Write a word and what it says; what is too long goes on below itself."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=LABEL - deep, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style=style if deep == 0 else "dim"), Text(_plain(text), style=style))
    console.print(Padding(grid, (0, 0, 0, deep), expand=False))


def _plain(text: str) -> str:
    """Show what would steer a terminal."""
    return "".join(repr(c)[1:-1] if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c for c in text)


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
