"""The command line of `argosy demo`."""

import asyncio
import importlib.util
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from argosy.demo.failure import DemoError

MOST_WITH_MOTO = 100
"""Messages that the emulator can carry: each of its receives copies all that wait."""
INTERRUPTED = 130


def command(
    messages: Annotated[int, typer.Option(min=1, help="How many messages to send; at most 100 with the emulator of SQS.")] = 50,
    rate: Annotated[float, typer.Option(min=0.1, help="How many of them a second.")] = 10.0,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it up afterwards, and tell what to try.")] = False,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A cluster of yours that knows Workflows, in place of a local API."),
    ] = None,
    sqs_endpoint: Annotated[str, typer.Option(help="An emulator of SQS of yours, in place of moto.")] = "",
) -> None:
    """Run the whole pipeline on this machine: SQS → JetStream → Argo Workflows. No account, no cluster.

    Starts a real NATS server, an emulator of SQS and a Kubernetes API: the real kube-apiserver where one was built
    (`python -m tests.servers.build kube` in a checkout), otherwise a stand-in of Argosy's own, which says so. Then both
    services, as pods run them, on the documents of `examples/seed`. Each message that is sent is shown with the Workflow
    that it became and the time that took.

    With `--kubeconfig` the Workflows are made in the namespace `argosy-demo` of that cluster, which is removed at the end.

    Ends with 0 if every message became exactly one Workflow with its body as the parameter, otherwise with 1.
    """
    console = Console(highlight=False)
    if not sqs_endpoint and messages > MOST_WITH_MOTO:
        raise typer.BadParameter(
            f"the emulator of SQS carries {MOST_WITH_MOTO} messages; give --sqs-endpoint for more", param_hint="--messages"
        )
    try:
        _check()
        from argosy.demo import run  # noqa: PLC0415 - the libraries behind it are slow to load

        options = run.Options(messages, rate, keep, kubeconfig, sqs_endpoint.rstrip("/"))
        balanced = asyncio.run(run.run(options, console))
    except DemoError as error:
        Console(stderr=True, highlight=False).print(f"[bold red]The demo cannot go on:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(0 if balanced else 1)


def _check() -> None:
    missing = [name for name in ("moto", "flask") if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoError(f"{' and '.join(missing)} cannot be imported; install what the demo needs: pip install 'argosy[demo]'")
