"""What a person sees: on a terminal a live table, elsewhere one line a Workflow."""

from collections import deque
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from argosy.demo.books import Books, Message

ROWS = 15
WIDTH = 46
"""Characters of a body that are shown."""


class View:
    """One line a Workflow, in the order in which they appear."""

    def __init__(self, console: Console, books: Books, expected: int) -> None:
        self.console = console
        self.books = books
        self.expected = expected

    def created(self, message: Message) -> None:
        """Show that a message became a Workflow."""
        self.console.print(_line(message.number, message.body, message.workflow, message.seconds), soft_wrap=True)

    def sent(self) -> None:
        """Show that one more message was sent."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class LiveView(View):
    """A table of the last Workflows, drawn anew as they appear."""

    def __init__(self, console: Console, books: Books, expected: int) -> None:
        super().__init__(console, books, expected)
        self._last: deque[Message] = deque(maxlen=ROWS)
        self._live = Live(console=console, refresh_per_second=10, get_renderable=self._table)

    def created(self, message: Message) -> None:
        """Add a row."""
        self._last.append(message)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, caption_justify="left")
        table.add_column("#", justify="right", style="dim")
        table.add_column("message", width=WIDTH, no_wrap=True)
        table.add_column("Workflow", style="cyan", no_wrap=True)
        table.add_column("time", justify="right", style="green")
        for message in self._last:
            table.add_row(str(message.number), Text(shown(message.body)), message.workflow, _milliseconds(message.seconds))
        table.caption = f"sent {len(self.books.messages)} of {self.expected}, Workflows {len(self.books.done)}"
        return table


def view(console: Console, books: Books, expected: int) -> View:
    """Give what fits the console."""
    return (LiveView if console.is_terminal else View)(console, books, expected)


def summary(console: Console, books: Books, left: int) -> None:
    """Tell what became of everything, and whether that is what was promised."""
    grid = Table.grid(padding=(0, 2))
    counts = (
        ("sent", len(books.messages), ""),
        ("created", len(books.done), "Workflows that carry the very body of their message"),
        ("lost", len(books.lost), "messages without a Workflow"),
        ("doubled", len(books.doubled), "second Workflows of a message"),
        ("strange", len(books.strange), "Workflows with a parameter that nobody sent"),
        ("in the queue", left, "messages that SQS still holds"),
    )
    for name, count, meaning in counts:
        wrong = bool(count) and name not in ("sent", "created")
        grid.add_row(name, Text(str(count), style="bold red" if wrong else "bold green", justify="right"), Text(meaning, "dim"))
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        time = Text(_milliseconds(books.percentile(share)), style="bold", justify="right")
        grid.add_row(name, time, Text("from sending until the Workflow was there", "dim"))
    console.print()
    console.print(grid)
    for message in books.lost[:ROWS]:
        console.print(Text(f"lost: {message.number} {shown(message.body)}", "red"))


def shown(body: str) -> str:
    """Give a body on one line."""
    text = body.replace("\n", "⏎")
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _line(number: int, body: str, workflow: str, seconds: float) -> Text:
    return Text(f"{number:>4}  {shown(body):<{WIDTH}}  →  {workflow}  {_milliseconds(seconds)}")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
