"""`argosy validate`: what the pods would say about documents, said before anything is deployed.

The documents are read by the very models that the pods read them with. Nothing is opened but the files.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from argosy.files import STDIN, documents
from argosy.readers import READERS
from common.errors import ConfigurationError

GROUP = "argoproj.io"
SUFFIXES = (".yaml", ".yml")


class Verdict(StrEnum):
    """What becomes of a document."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"


class Output(StrEnum):
    """How the verdicts are told."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said about one document: faults and warnings as `path: what`."""

    file: str
    name: str
    verdict: Verdict
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def command(
    files: Annotated[
        list[str],
        typer.Argument(help="YAML files, folders of them, or `-` for standard input.", show_default=False),
    ],
    output: Annotated[Output, typer.Option("--output", "-o", help="Lines for people, or JSON for programs.")] = Output.TEXT,
) -> None:
    """Check EventSource, Sensor and EventBus documents, offline.

    Each document is read by the code that the pods read it with, so what is accepted here is accepted there. Every fault
    is told in one line, `file: kind/name: path: what is wrong`; a field that Argo Events does not know is a warning.
    Other kinds of documents are named and skipped.

    Ends with 0 if all were accepted, 1 if any was refused, 2 if a file could not be read.
    """
    findings = list(validate(files))
    if output is Output.JSON:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _tell(findings)
    raise typer.Exit(exit_code(findings))


def validate(files: Iterable[str]) -> Iterator[Finding]:
    """Read files, folders and standard input, and say what is to be said about each document."""
    for file in files:
        for place in _within(file):
            yield from _file(place)


def exit_code(findings: Iterable[Finding]) -> int:
    """Give the exit code that these findings deserve."""
    verdicts = {finding.verdict for finding in findings}
    return 2 if Verdict.UNREADABLE in verdicts else 1 if Verdict.REFUSED in verdicts else 0


def _within(file: str) -> list[str]:
    path = Path(file)
    if file == STDIN or not path.is_dir():
        return [file]
    return sorted(str(inner) for inner in path.rglob("*") if inner.suffix in SUFFIXES and inner.is_file())


def _file(file: str) -> Iterator[Finding]:
    try:
        found = documents(file)
    except ConfigurationError as error:
        yield Finding(file, "", Verdict.UNREADABLE, error.faults)
    else:
        for document in found:
            yield _document(file, document)


def _document(file: str, document: Any) -> Finding:  # noqa: ANN401 - any YAML
    if not isinstance(document, Mapping):
        return Finding(file, "document", Verdict.REFUSED, (f"an object is wanted, not {type(document).__name__}",))
    kind, name = document.get("kind"), _name(document)
    if not isinstance(kind, str) or not kind:
        return Finding(file, f"document/{name}", Verdict.REFUSED, ("kind: required, but missing",))
    group = str(document.get("apiVersion", GROUP)).partition("/")[0]
    if kind not in READERS or group != GROUP:
        return Finding(file, f"{kind}/{name}", Verdict.SKIPPED)
    try:
        parsed = READERS[kind](document)
    except ConfigurationError as error:
        return Finding(file, f"{kind}/{name}", Verdict.REFUSED, error.faults)
    return Finding(file, f"{kind}/{name}", Verdict.ACCEPTED, warnings=parsed.warnings)


def _name(document: Mapping[Any, Any]) -> str:
    metadata = document.get("metadata")
    found = metadata.get("name") or metadata.get("generateName") if isinstance(metadata, Mapping) else None
    return str(found or "?")


_STYLES = {Verdict.ACCEPTED: "green", Verdict.REFUSED: "red", Verdict.SKIPPED: "dim", Verdict.UNREADABLE: "red"}


def _tell(findings: list[Finding]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for finding in findings:
        place = ": ".join(part for part in (finding.file, finding.name) if part)
        if finding.verdict is Verdict.SKIPPED:
            _line(console, finding.verdict, f"{place}: a kind that Argosy does not read")
        elif finding.verdict is not Verdict.UNREADABLE:
            _line(console, finding.verdict, place)
        for fault in finding.faults:
            _line(console, finding.verdict, f"{place}: {fault}", word="fault")
        for warning in finding.warnings:
            console.print(Text.assemble(("warning     ", "yellow"), f"{place}: {warning}"))
    counts = ((verdict, sum(finding.verdict is verdict for finding in findings)) for verdict in Verdict)
    console.print(", ".join(f"{count} {verdict}" for verdict, count in counts if count) or "no documents found")


def _line(console: Console, verdict: Verdict, text: str, *, word: str = "") -> None:
    console.print(Text.assemble((f"{word or verdict:<12}", _STYLES[verdict]), text))
