"""The operator's tool: one file a command, put together here."""

from typing import Annotated

import typer

from argosy import check, pause, validate
from argosy.bus import command as bus
from argosy.deadletters import command as deadletters
from argosy.demo import command as demo
from argosy.explain import command as explain
from argosy.migrate import command as migrate
from common.metrics import version

app = typer.Typer(
    name="argosy",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"argosy {version()}")
        raise typer.Exit


@app.callback()
def argosy(
    *,
    _: Annotated[bool, typer.Option("--version", help="Tell the version and end.", callback=_version, is_eager=True)] = False,
) -> None:
    """SQS messages into Argo Workflows: one Workflow each, fast, and you can see why.

    Argosy reads the EventSource and Sensor documents of Argo Events. Try it with `argosy demo`, which needs neither an
    account nor a cluster; check the documents that you have with `argosy validate`; ask what they make of a message
    with `argosy explain`; and let `argosy migrate` write the values of the chart from them. What was parked is in
    `argosy deadletters`.
    """


app.command("demo")(demo.command)
app.command("validate")(validate.command)
app.command("explain")(explain.command)
app.command("migrate")(migrate.command)
app.command("check")(check.command)
app.command("pause")(pause.pause)
app.command("resume")(pause.resume)
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(bus.app, name="bus")


def main() -> None:
    """Run the tool."""
    app()
