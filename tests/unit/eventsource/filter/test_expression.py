"""The face of the package: what the rest of the event source sees."""

import pytest

from common.errors import Rejected
from eventsource import filter  # noqa: A004
from tests.unit.eventsource.filter.evaluate import passes


def test_a_filter_says_yes_and_no() -> None:
    """It is compiled once and asked often."""
    wanted = filter.compile("body.id > 16 and body.name startsWith 'A'")
    assert wanted.passes(b'{"body": {"id": 17, "name": "Ada"}}') is True
    assert wanted.passes(b'{"body": {"id": 16, "name": "Ada"}}') is False
    assert wanted.text == "body.id > 16 and body.name startsWith 'A'"


@pytest.mark.promise("A5")
@pytest.mark.parametrize("text", ["body.id", "body.none", "'yes'", "body.nosuch.x == 1", "body.name > 1", "nosuch()"])
def test_no_answer_is_not_a_no(text: str) -> None:
    """Argo Events loses such a message (fault F2); here it is rejected, and so parked under this reason."""
    with pytest.raises(filter.FilterError) as caught:
        passes(text)
    assert isinstance(caught.value, Rejected)
    assert caught.value.reason == filter.REASON == "filter_error"


def test_the_error_tells_what_and_where() -> None:
    """It stands in the dead letter."""
    with pytest.raises(filter.FilterError, match=r"^filter.expression: cannot fetch x from <nil> \(line 1, column 14\)$"):
        passes("body.missing.x == nil")
    with pytest.raises(filter.FilterError, match=r"^filter.expression: the answer is float64, not bool$"):
        passes("body.id")


def test_the_error_does_not_repeat_the_event() -> None:
    """A large body is no text for a log."""
    with pytest.raises(filter.FilterError) as caught:
        filter.compile("int(body) == 1").passes(b'{"body": "' + b"x" * 100_000 + b'"}')
    assert len(str(caught.value)) < 400


def test_a_bad_text_is_a_value_error() -> None:
    """The document's reader turns it into a fault at its place."""
    with pytest.raises(ValueError, match="line 1, column 10"):
        filter.compile("body.id ==")


def test_evaluations_do_not_see_each_other() -> None:
    """Neither variables nor the budget nor changed data last from one event to the next."""
    wanted = filter.compile("let x = body.id; all(1..300000, # > 0) and x == 17 and get($env, 'asInt') != nil")
    assert [wanted.passes(b'{"body": {"id": %d}}' % number) for number in (17, 16, 17, 17, 16)] == [
        True,
        False,
        True,
        True,
        False,
    ]
