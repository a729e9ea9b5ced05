"""Under which name a trigger reads a subject."""

from datetime import UTC, datetime

import pytest
from nats.js.api import ConsumerConfig, ConsumerInfo

from common.bus.naming import beside, name_of
from common.bus.record import Entry, Wanted

TITLE = "ns/s/t"
WANT = Wanted("t", "x.a.new", "group-1")


def entry(subject: str, consumer: str, trigger: str = "t") -> Entry:
    """Make an entry of the register."""
    return Entry("ns", "s", trigger, subject, consumer, 0)


def consumer(subject: str, owner: str | None = TITLE) -> ConsumerInfo:
    """Make a consumer as the server tells of it."""
    config = ConsumerConfig(filter_subject=subject, metadata={"argosy.io/owner": owner} if owner else None)
    return ConsumerInfo("group-1", "x", config, datetime(2026, 1, 1, tzinfo=UTC))


BESIDE = beside("group-1", "x.a.new")
OLD = entry("x.a.old", "group-1")


@pytest.mark.parametrize(
    ("own", "there", "name"),
    [
        ([], None, "group-1"),
        ([], consumer("x.a.new", None), "group-1"),
        ([], consumer("x.a.old"), BESIDE),
        ([], consumer("x.a.old", None), BESIDE),
        ([], consumer("x.a.old", "ns/else/t"), "group-1"),
        ([OLD], None, BESIDE),
        ([OLD, entry("x.a.new", BESIDE)], consumer("x.a.old"), BESIDE),
        ([entry("x.a.new", BESIDE)], None, "group-1"),
        ([entry("x.a.new", "group-0")], None, "group-1"),
        ([OLD, entry("x.a.new", "group-0")], consumer("x.a.old"), "group-0"),
        ([entry("x.a.new", "group-1")], consumer("x.a.new"), "group-1"),
    ],
    ids=[
        "nothing", "go", "old", "go-other", "somebody-else", "registered", "still-taken", "free-again", "renamed", "swapped",
        "as-ever",
    ],
)  # fmt: skip
def test_the_name_of_a_dependency_unless_it_stands_for_something_else(
    own: list[Entry], there: ConsumerInfo | None, name: str
) -> None:
    """It is taken when it is free, never from another subject, and who has another one keeps that until then."""
    assert name_of(WANT, own, {"group-1": there} if there else {}, title=TITLE) == name


def test_who_only_looks_keeps_the_name_that_is_registered() -> None:
    """Pods of two documents that rename a dependency do not take the consumer from each other at each look."""
    own = [entry("x.a.new", "group-0")]
    assert name_of(WANT, own, {}, title=TITLE, rename=False) == "group-0"
    assert name_of(WANT, [], {}, title=TITLE, rename=False) == "group-1"


def test_names_beside_stay_apart() -> None:
    """One for each subject, the same each time, and one that a subject may hold."""
    assert beside("group-1", "x.a.b") == beside("group-1", "x.a.b") != beside("group-1", "x.a.c")
    assert beside("group-1", "x.a.b").startswith("group-1-")
