"""The command line of `argosy bus`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from argosy.bus import prune as pruning
from argosy.bus import text
from argosy.bus.survey import survey
from argosy.deadletters import options
from argosy.deadletters.link import with_bus
from argosy.deadletters.options import Output
from common import settings
from common.bus import Bus
from common.errors import ConfigurationError, ServiceError
from common.settings import PodSettings

NOTHING, BAD_INPUT = 1, 2
"""Exit codes."""
WIDTH = 200
"""Columns of a table that nobody looks at in a terminal."""
T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Look at the bus, and take off it what a sensor left there.

```
argosy bus status
argosy bus prune orders --namespace shop --dry-run
```

The bus is found as the pods find it, by `NATS_URL`, `NATS_STREAM` and their like, so the commands work as they are in
`kubectl exec` of a pod of Argosy.
""",
)


@app.command()
def status(
    *,
    output: options.As = Output.TABLE,
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """Tell of our streams and how full they are, of all triggers and how far they are, and who holds each subject back.

    An event leaves the bus when every trigger that is registered for its subject is done with it; the one that is the least
    far holds the subject back.

    ```
    argosy bus status
    argosy bus status --output json | jq '.readers[] | select(.waiting > 1000) | .trigger'
    ```

    Ends with 0, or with 2 if there is no bus or no such stream.
    """
    found = _run(options.over(url, stream, creds), survey)
    if output is Output.JSON:
        print(text.as_json(found))
    else:
        text.tables(found, _console())


@app.command()
def prune(
    which: Annotated[
        str,
        typer.Argument(metavar="SENSOR[/TRIGGER]", help="A sensor that is uninstalled, or a trigger.", show_default=False),
    ],
    *,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Of the sensor; else POD_NAMESPACE.")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="Throw away what waits, in place of parking it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also if a pod spoke for it just now.")] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """Take off the bus what a sensor left there that is uninstalled for good.

    As long as its triggers are registered the bus keeps every event for them, until its queues are pushed back on. What waits
    goes to the dead letters (`trigger_removed`), or is thrown away with `--drop`; then the triggers leave the register and
    their consumers are deleted. A sensor whose pods are at work is refused; one that is scaled to zero is not known from one
    that is gone, so think first.

    ```
    argosy bus prune orders --namespace shop --dry-run
    argosy bus prune orders/workflow --namespace shop --drop --yes
    ```

    Ends with 0 if all is gone, 1 if there was nothing or something is still in somebody's hand, 2 for bad usage, a sensor at
    work, or if there is no bus.
    """
    sensor, _, trigger = which.partition("/")
    space = namespace or settings.read(PodSettings).namespace
    over, console = options.over(url, stream, creds), _console()
    doomed = _run(over, lambda bus: pruning.look(bus, space, sensor, trigger, force=force))
    for one in doomed:
        console.print(f"{one.entry.title} on {one.entry.subject}: {one.events:,} events wait", markup=False)
    if not doomed:
        console.print(f"nothing of {space}/{which} is registered", markup=False)
        raise typer.Exit(NOTHING)
    total = sum(one.events for one in doomed)
    if dry_run:
        console.print(f"nothing was done; {total:,} events would be {'dropped' if drop else 'parked'}")
        return
    if not yes and not typer.confirm(f"{'Drop' if drop else 'Park'} {total:,} events and remove {len(doomed)} triggers?"):
        raise typer.Exit(NOTHING)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("events", total=total)

        async def work(bus: Bus) -> list[str]:
            left = await pruning.prune(bus, doomed, park=not drop, progress=lambda count: bar.advance(task, count))
            return [entry.title for entry in left]

        left = _run(over, work)
    for title in left:
        console.print(f"{title}: somebody has events in hand; try again", markup=False)
    console.print(f"{len(doomed) - len(left)} removed")
    raise typer.Exit(NOTHING if left else 0)


def _run(over: dict[str, object], work: Callable[[Bus], Awaitable[T]]) -> T:
    try:
        return asyncio.run(with_bus(over, work))
    except ServiceError as error:
        faults = error.faults if isinstance(error, ConfigurationError) else (str(error),)
        for fault in faults:
            Console(stderr=True, highlight=False, soft_wrap=True).print(fault, style="red", markup=False)
        raise typer.Exit(BAD_INPUT) from error


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
