"""The command line of `argosy deadletters`."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from argosy.deadletters import change, options, text
from argosy.deadletters.choice import Choice, Found
from argosy.deadletters.letters import Letters
from argosy.deadletters.link import with_bus
from argosy.deadletters.lister import Lister
from argosy.deadletters.options import Output
from argosy.deadletters.purge import Purge
from argosy.deadletters.replay import Replay
from common.bus import Bus
from common.errors import ConfigurationError, Unavailable

NOTHING, BAD_INPUT = 1, 2
"""Exit codes."""
WIDTH = 200
"""Columns of a table that nobody looks at in a terminal."""
T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Look at what was parked, and send it back or throw it away.

What can never succeed, and what failed too often, is parked: kept whole in the stream `<stream>-deadletters` of the bus, with
the reason and what was tried. Nothing else waits for it, and it stays until somebody replays or purges it.

```
argosy deadletters list --since 2h
argosy deadletters show 17
argosy deadletters replay --sensor orders --trigger workflow --reason name_taken --dry-run
argosy deadletters purge --eventsource orders --until 30d
```

The bus is found as the pods find it, by `NATS_URL`, `NATS_STREAM` and their like, so the commands work as they are in
`kubectl exec` of a pod of Argosy.
""",
)


@app.command("list")
def list_(
    sequences: options.Sequences = None,
    *,
    namespace: options.Namespace = "",
    sensor: options.Sensor = "",
    trigger: options.Trigger = "",
    eventsource: options.EventSource = "",
    event: options.Event = "",
    reason: options.Reason = None,
    since: options.Since = "",
    until: options.Until = "",
    limit: Annotated[int, typer.Option(min=0, help="At most so many letters, the oldest; 0: all.")] = 0,
    count: Annotated[bool, typer.Option("--count", help="Only how many there are of which kind.")] = False,
    output: options.As = Output.TABLE,
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """List dead letters, the oldest first, and count them by sensor, trigger and reason.

    ```
    argosy deadletters list
    argosy deadletters list --sensor orders --trigger workflow --reason parameter --since 1d
    argosy deadletters list --count
    argosy deadletters list --output json | jq -r '.[] | select(.attempts > 1) | .sequence'
    ```

    Ends with 0 if there are any, 1 if there are none, 2 for bad usage or if there is no bus.
    """
    chosen = _chosen(
        lambda: options.choice(
            sequences,
            namespace=namespace,
            sensor=sensor,
            trigger=trigger,
            eventsource=eventsource,
            event=event,
            reason=reason,
            since=since,
            until=until,
        )
    )
    lister = Lister(_console(), as_json=output is Output.JSON, rows=not count, limit=limit)
    _run(options.over(url, stream, creds), lambda bus: lister.run(Letters(bus), chosen))
    raise typer.Exit(0 if lister.seen else NOTHING)


@app.command()
def show(
    sequences: Annotated[list[int], typer.Argument(help="Sequences, as `list` shows them.", show_default=False)],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Only the bytes of the message, as they came.")] = False,
    output: options.As = Output.TABLE,
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """Show letters whole: why and when, the headers, and the event with its data decoded.

    What a sensor parked is a CloudEvent, so `argosy explain` takes it; what an event source parked is the body of the
    message in SQS.

    ```
    argosy deadletters show 17
    argosy deadletters show 17 --raw > event.json
    argosy deadletters show 17 --raw | argosy explain sensor.yaml -
    ```

    Ends with 0 if all were there, 1 if one was not, 2 for bad usage or if there is no bus.
    """

    async def work(bus: Bus) -> list[Found | None]:
        letters = Letters(bus)
        await letters.last()
        return [await letters.get(sequence) for sequence in sequences]

    found = _run(options.over(url, stream, creds), work)
    there = [each for each in found if each]
    if raw:
        sys.stdout.buffer.write(b"".join(each.letter.body for each in there))
        sys.stdout.flush()
    elif output is Output.JSON:
        print(json.dumps([text.document(each, whole=True) for each in there], indent=2, ensure_ascii=False))
    else:
        text.whole(there, _console())
    missing = sorted(set(sequences) - {each.sequence for each in there})
    for sequence in missing:
        print(f"there is no letter {sequence}", file=sys.stderr)
    raise typer.Exit(NOTHING if missing else 0)


@app.command()
def replay(
    sequences: options.Sequences = None,
    *,
    namespace: options.Namespace = "",
    sensor: options.Sensor = "",
    trigger: options.Trigger = "",
    reason: options.Reason = None,
    since: options.Since = "",
    until: options.Until = "",
    everything: options.All = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """Send letters back, each to the very trigger that parked it and to nobody else.

    Mend the cause first: what fails again is parked again, as a new letter. The event keeps its id, so one that was done
    meanwhile is not done twice, by the object that is there or by the ledger (24 h). A letter is deleted when the bus has its
    replay. Events that wait for each other (`&&`) join anew, each when it comes.

    Letters of an event source are refused: no trigger has ever seen them. Send their body to the queue again.

    ```
    argosy deadletters replay 17 18
    argosy deadletters replay --sensor orders --reason name_taken --dry-run
    argosy deadletters replay --sensor orders --trigger workflow --since 2h --yes
    ```

    Ends with 0 if all went back, 1 if none was meant or one was refused, 2 for bad usage or if there is no bus.
    """
    chosen = _chosen(
        lambda: options.choice(
            sequences, namespace=namespace, sensor=sensor, trigger=trigger, reason=reason, since=since, until=until
        ),
        everything=everything,
    )
    _change(Replay, ("Replay", "replayed"), chosen, options.over(url, stream, creds), dry_run=dry_run, yes=yes)


@app.command()
def purge(
    sequences: options.Sequences = None,
    *,
    namespace: options.Namespace = "",
    sensor: options.Sensor = "",
    trigger: options.Trigger = "",
    eventsource: options.EventSource = "",
    event: options.Event = "",
    reason: options.Reason = None,
    since: options.Since = "",
    until: options.Until = "",
    everything: options.All = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """Delete letters for good. Nobody has these events any more.

    ```
    argosy deadletters purge --eventsource orders --reason not_json --dry-run
    argosy deadletters purge --until 30d --yes
    argosy deadletters list -o json > kept.json && argosy deadletters purge --all
    ```

    Ends with 0 if all were deleted, 1 if none was meant or one could not be, 2 for bad usage or if there is no bus.
    """
    chosen = _chosen(
        lambda: options.choice(
            sequences,
            namespace=namespace,
            sensor=sensor,
            trigger=trigger,
            eventsource=eventsource,
            event=event,
            reason=reason,
            since=since,
            until=until,
        ),
        everything=everything,
    )
    _change(Purge, ("Delete", "deleted"), chosen, options.over(url, stream, creds), dry_run=dry_run, yes=yes)


def _change(
    make: change.Make, words: tuple[str, str], choice: Choice, over: dict[str, object], *, dry_run: bool, yes: bool
) -> None:
    """Look what is meant, ask, do it, and end; `words`: what is done, and what has been done then."""
    console, (verb, done) = _console(), words
    seen = _run(over, lambda bus: change.look(make, bus, choice))
    text.survey(seen, console)
    possible = text.number(seen.possible)
    if dry_run:
        console.print(f"nothing was done; {possible} would be {done}")
    if dry_run or not seen.possible:
        raise typer.Exit(0 if seen.possible and not seen.refused else NOTHING)
    if not yes and not typer.confirm(f"{verb} {possible}?"):
        raise typer.Exit(NOTHING)
    tally = _run(over, lambda bus: change.do(make, bus, choice, seen))
    text.tally(tally, done, console)
    raise typer.Exit(NOTHING if tally.broken or tally.reasons else 0)


def _chosen(make: Callable[[], Choice], *, everything: bool = True) -> Choice:
    try:
        chosen = make()
    except ConfigurationError as error:
        raise typer.BadParameter(str(error)) from error
    if chosen.is_everything and not everything:
        raise typer.BadParameter("say which letters are meant: sequences, or options such as --sensor; or --all")
    return chosen


def _run(over: dict[str, object], work: Callable[[Bus], Awaitable[T]]) -> T:
    try:
        return asyncio.run(with_bus(over, work))
    except (ConfigurationError, Unavailable) as error:
        faults = error.faults if isinstance(error, ConfigurationError) else (str(error),)
        for fault in faults:
            Console(stderr=True, highlight=False, soft_wrap=True).print(fault, style="red", markup=False)
        raise typer.Exit(BAD_INPUT) from error


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
