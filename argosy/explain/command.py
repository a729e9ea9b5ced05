"""The command line of `argosy explain`."""

import asyncio
import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from argosy.explain import document, run, text
from argosy.explain.document import Mounts
from argosy.explain.report import Report
from argosy.explain.whose import Choice
from argosy.files import STDIN
from common.errors import ConfigurationError, Unavailable

BAD_INPUT = 2
"""Exit code, as that of `argosy validate`."""


class Output(StrEnum):
    """How it is told."""

    TEXT = "text"
    JSON = "json"


def command(
    sensor: Annotated[
        str, typer.Argument(help="YAML file with the Sensor; it may hold others beside it. `-`: standard input.")
    ],
    events: Annotated[list[str], typer.Argument(help="JSON files with the events, in the order in which they come.")],
    dependency: Annotated[
        list[str] | None,
        typer.Option("--dependency", "-d", help="Whose event a bare message is: one for all, or one for each.", metavar="NAME"),
    ] = None,
    source: Annotated[str, typer.Option(help="In place of --dependency: the event source, with --event.", metavar="NAME")] = "",
    event: Annotated[str, typer.Option(help="In place of --dependency: the event, with --source.", metavar="NAME")] = "",
    *,
    eventsource: Annotated[
        str,
        typer.Option(help="YAML file with the EventSource of bare messages, if not in the file of the Sensor.", metavar="FILE"),
    ] = "",
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", help="The pod's; the one in the document goes before.")
    ] = "default",
    config_dir: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="ConfigMaps, as `<dir>/<name>/<key>`.")
    ] = None,
    secrets_dir: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Secrets, as `<dir>/<name>/<key>`.")
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--time",
            help="The present moment (UTC), in place of the real one.",
            metavar="2026-01-31T12:00:00",
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
        ),
    ] = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="Lines for people, or JSON for programs.")] = Output.TEXT,
) -> None:
    """Tell offline what a sensor makes of events: which filter says no, or the exact object that would be made.

    Nothing is connected to and nothing is sent. Transforms, filters, conditions, parameters and triggers are the code of
    the running sensor, so what is shown here is what it does there, down to the name of the object.

    An EVENT is a CloudEvent as it stands on the bus, a message as `aws sqs receive-message` prints it, or only the data
    of an event (`{"messageId": …, "body": …}`). The last two are made into the event that the event source would publish;
    `--dependency` says whose it is if the sensor waits for several. Of several events the ones that wait for each other
    (`&&`) come together.

    What has been mounted into the pod is not looked at, unless `--config-dir` and `--secrets-dir` say where it is; values
    of secrets are never shown. What the API server or another server would answer is not known here.

    ```
    argosy explain sensor.yaml event.json
    aws sqs receive-message --queue-url … | argosy explain sensor.yaml -
    argosy explain sensor.yaml order.json payment.json -d order -d payment
    argosy explain sensor.yaml event.json -o json | jq '.triggers[0].steps'
    ```

    Ends with 0 if something fires, 1 if nothing does, 2 if the sensor or an event cannot be read.
    """
    try:
        report = _report(
            sensor,
            events,
            Choice(tuple(dependency or ()), source, event),
            Mounts(config_dir, secrets_dir),
            namespace=namespace,
            eventsource=eventsource,
            at=at,
        )
    except (ConfigurationError, Unavailable) as error:
        faults = error.faults if isinstance(error, ConfigurationError) else (str(error),)
        for fault in faults:
            Console(stderr=True, highlight=False, soft_wrap=True).print(fault, style="red", markup=False)
        raise typer.Exit(BAD_INPUT) from error
    if output is Output.JSON:
        print(json.dumps(asdict(report), indent=2))
    else:
        text.tell(report, Console(highlight=False))
    raise typer.Exit(0 if report.fires else 1)


def _report(
    sensor: str, events: list[str], choice: Choice, mounts: Mounts, *, namespace: str, eventsource: str, at: datetime | None
) -> Report:
    if [sensor, *events, eventsource].count(STDIN) > 1:
        raise ConfigurationError(f"{STDIN}: standard input can be read once only")
    now = time.time() if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    subject = document.read(sensor, namespace=namespace, mounts=mounts, beside=eventsource)
    return asyncio.run(run.explain(subject, run.arrived(events, choice, subject, now), now))
