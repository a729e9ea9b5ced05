"""The command line of `argosy migrate`."""

import sys
from typing import Annotated

import typer

from argosy.files import documents
from argosy.migrate.note import Weight
from argosy.migrate.text import dump
from argosy.migrate.values import Values
from common.errors import ConfigurationError

UNREADABLE, REFUSED = 2, 1
"""Exit codes, as those of `argosy validate`."""


def command(
    files: Annotated[
        list[str],
        typer.Argument(help="YAML files with EventBus, EventSource and Sensor, or `-` for standard input.", show_default=False),
    ],
    *,
    text: Annotated[
        bool, typer.Option("--text", help="Give `body` as the text of the message, as Argosy does of its own accord.")
    ] = False,
) -> None:
    """Write the values of the chart from the manifests of Argo Events, to standard output.

    `kubectl get eventbus,eventsource,sensor -o yaml | argosy migrate - > values.yaml`

    The specs are carried over as they are, under `eventSources` and `sensors`. A bus of the kind `jetstreamExotic` is gone
    on with, its stream and subjects included; in the place of one that Argo Events' controller made (`jetstream`) the
    chart brings a NATS of the same shape. Without `jsonBody` the `body` stays base64, as your templates expect it.

    Everything that is not carried over is told on standard error, in one line with its path: `refused` is what Argosy cannot
    do, `left out` what makes no difference to the services, `note` what to know or to do, `skipped` other kinds of documents.

    Ends with 0 if all documents were carried over, 1 if any was refused, as a whole or in part, 2 if a file could not be
    read; then nothing is written.
    """
    values, unreadable = Values(text_bodies=text), False
    for file in files:
        try:
            for document in documents(file):
                values.add(file, document)
        except ConfigurationError as error:
            unreadable = True
            for fault in error.faults:
                _tell("unreadable", f"{file}: {fault}")
    result = values.result()
    for note in values.notes:
        _tell(note.weight, f"{note.where}: {note.what}")
    if unreadable:
        raise typer.Exit(UNREADABLE)
    if result:
        print(_head(values.namespaces) + dump(result), end="")
    raise typer.Exit(REFUSED if any(note.weight is Weight.REFUSED for note in values.notes) else 0)


def _tell(word: str, line: str) -> None:
    print(f"{word:<12}{line}", file=sys.stderr)


def _head(namespaces: set[str]) -> str:
    place = f" --namespace {next(iter(namespaces))}" if namespaces else ""
    return f"# Written by `argosy migrate`: helm install argosy charts/argosy{place} --values <this file>\n"
