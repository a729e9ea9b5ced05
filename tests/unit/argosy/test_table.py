"""What the demo shows: rows as they come, and a summary that does not hide what went wrong."""

import io

from rich.console import Console

from argosy.demo.books import Books
from argosy.demo.table import LiveView, View, shown, summary, view


def _console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, force_terminal=terminal, width=120, color_system=None), out


def _workflow(books: Books, number: int, name: str) -> None:
    message = books.send(number, 0.0)
    books.create({"metadata": {"name": name}, "spec": {"arguments": {"parameters": [{"value": message.body}]}}}, 0.012)


def test_without_a_terminal_each_workflow_is_one_line() -> None:
    """A log of CI stays readable: no control characters, nothing drawn twice."""
    console, out = _console(terminal=False)
    books = Books()
    _workflow(books, 3, "order-abc")
    with view(console, books, 1) as shows:
        assert type(shows) is View
        shows.created(books.done[0])
    assert out.getvalue() == f"   3  {shown(books.done[0].body):<46}  →  order-abc  12 ms\n"


def test_on_a_terminal_a_table_is_drawn() -> None:
    """A person sees the rows and how far it is."""
    console, out = _console(terminal=True)
    books = Books()
    _workflow(books, 1, "order-abc")
    with view(console, books, 2) as shows:
        assert type(shows) is LiveView
        shows.created(books.done[0])
    assert "order-abc" in out.getvalue()
    assert "sent 1 of 2, Workflows 1" in out.getvalue()


def test_the_summary_names_what_was_lost() -> None:
    """Nobody has to search for the message that did not arrive."""
    console, out = _console(terminal=False)
    books = Books()
    _workflow(books, 1, "order-abc")
    books.send(5, 0.0)
    summary(console, books, 1)
    lines = [line.split()[:2] for line in out.getvalue().splitlines() if line]
    assert ["sent", "2"] in lines
    assert ["created", "1"] in lines
    assert ["lost", "1"] in lines
    assert "lost: 5 order 5" in out.getvalue()


def test_a_long_body_is_cut_and_stays_on_its_line() -> None:
    """A row is a row."""
    assert shown("a\nb") == "a⏎b"
    assert len(shown("x" * 100)) == 46
