"""The demo's books: what is called created, lost, doubled and strange."""

from typing import Any

from argosy.demo.books import Books


def _workflow(name: str, value: object) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"arguments": {"parameters": [{"name": "order", "value": value}]}}}


def test_one_workflow_for_each_message_is_what_is_promised() -> None:
    """The books balance when every body came out once, and the time is that from sending to seeing."""
    books = Books()
    first, second = books.send(1, 10.0), books.send(2, 11.0)
    assert books.create(_workflow("a", first.body), 10.5) is first
    assert not books.balanced
    assert books.create(_workflow("b", second.body), 11.25) is second
    assert books.balanced
    assert (first.workflow, first.seconds, second.seconds) == ("a", 0.5, 0.25)
    assert (books.percentile(0.5), books.percentile(0.99)) == (0.5, 0.5)


def test_a_workflow_that_is_seen_again_is_not_a_second_one() -> None:
    """The watch and the list at the end tell of the same Workflow."""
    books = Books()
    message = books.send(1, 0.0)
    books.create(_workflow("a", message.body), 1.0)
    assert books.create(_workflow("a", message.body), 2.0) is None
    assert books.balanced


def test_a_second_workflow_of_a_message_is_doubled() -> None:
    """The worst that could happen is not overlooked."""
    books = Books()
    message = books.send(1, 0.0)
    books.create(_workflow("a", message.body), 1.0)
    books.create(_workflow("b", message.body), 2.0)
    assert (books.doubled, books.balanced) == (["b"], False)


def test_a_changed_body_is_strange_and_its_message_is_lost() -> None:
    """A Workflow counts only if its parameter is the body, character for character."""
    books = Books()
    message = books.send(4, 0.0)
    for name, value in (("a", message.body.rstrip("\n") + " "), ("b", None), ("c", {"a": 1})):
        books.create(_workflow(name, value), 1.0)
    books.create({"metadata": {"name": "d"}, "spec": {}}, 1.0)
    assert books.strange == ["a", "b", "c", "d"]
    assert books.lost == [message]
    assert not books.balanced


def test_nothing_has_no_percentile() -> None:
    """A summary without any Workflow is still a summary."""
    assert Books().percentile(0.99) == 0.0
