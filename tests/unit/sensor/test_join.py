"""The core of joins: which events fire together, which are let go, and that each has one fate."""

from collections import Counter
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dependencies import conditions, join
from sensor.dependencies.join import Fate, Index, Joint, Rule, Waiting


def rule(text: str, *, in_order: bool = False, limit: int = 1000) -> Rule:
    """Make the rule of some conditions over a, b and c."""
    return Rule(conditions.parse(text, ["a", "b", "c"]), in_order, limit)


def event(name: str, sequence: int) -> Waiting:
    """Make an event; its sequence is its time too."""
    return Waiting(name, f"{name}{sequence}", sequence, float(sequence))


def played(rule: Rule, names: str) -> tuple[Index, list[str]]:
    """Let events come one after the other: `aab`; gives the index, and each set that fired as `a2 b3`."""
    index, fired = Index(), []
    for sequence, name in enumerate(names, start=1):
        index, joint = join.arrive(index, event(name, sequence), rule)
        if joint:
            fired.append(" ".join(sorted(each.digest for each in joint)))
            index = join.clear(index, joint)
    return index, fired


@pytest.mark.promise("I7")
@pytest.mark.parametrize(
    ("text", "names", "fired", "left"),
    [
        ("a && b", "ab", ["a1 b2"], ""),
        ("a && b", "ba", ["a2 b1"], ""),
        ("a && b", "aab", ["a2 b3"], ""),
        ("a && b", "aaab" + "b" * 3, ["a3 b4"], "b7"),
        ("a && b && c", "caba", ["a2 b3 c1"], "a4"),
        ("(a || b) && c", "abc", ["a1 b2 c3"], ""),
        ("(a || b) && c", "bc", ["b1 c2"], ""),
        ("a || b && c", "ba", ["a2 b1"], ""),
        ("a || b && c", "aaa", ["a1", "a2", "a3"], ""),
    ],
)
def test_the_latest_of_each_fire_together(text: str, names: str, fired: list[str], left: str) -> None:
    """With `latest`, which is Argo Events' way: a later event takes the place of one that waits, and all that wait fire."""
    index, found = played(rule(text), names)
    assert found == fired
    assert " ".join(each.digest for each in index.waiting) == left


@pytest.mark.promise("I7")
@pytest.mark.parametrize(
    ("names", "fired", "left"),
    [
        ("aab", ["a1 b3"], "a2"),
        ("a" * 10 + "b" + "b" * 9, [f"a{n} b{n + 10}" if n < 10 else "a10 b20" for n in range(1, 11)], ""),
        ("bbaab", ["a3 b1", "a4 b2"], "b5"),
    ],
)
def test_in_order_every_event_fires_once(names: str, fired: list[str], left: str) -> None:
    """With `inOrder` nothing takes the place of anything: the first waits for the first, the second for the second."""
    index, found = played(rule("a && b", in_order=True), names)
    assert found == [" ".join(sorted(each.split())) for each in fired]
    assert " ".join(each.digest for each in index.waiting) == left


def test_the_latest_is_the_one_that_the_bus_got_last() -> None:
    """Not the one that was looked at last: a redelivered event does not push out its successor."""
    index, _ = join.arrive(Index(), event("a", 9), rule("a && b"))
    index, _ = join.arrive(index, event("a", 4), rule("a && b"))
    assert [each.digest for each in index.waiting] == ["a9"]
    assert [(gone.event.digest, gone.fate) for gone in index.leaving] == [("a4", Fate.SUPERSEDED)]


def test_more_than_may_wait_are_let_go_oldest_first() -> None:
    """At the limit the oldest leaves, to be parked; the others keep their places."""
    index, _ = played(rule("a && b", in_order=True, limit=3), "aaaaa")
    assert [each.digest for each in index.waiting] == ["a3", "a4", "a5"]
    assert [(gone.event.digest, gone.fate) for gone in index.leaving] == [("a1", Fate.OVERFLOW), ("a2", Fate.OVERFLOW)]


def test_a_reset_takes_what_came_before_it_and_comes_once() -> None:
    """What arrived before the tick is let go, the rest waits on, and the same tick again changes nothing."""
    index, _ = played(rule("a && b", in_order=True), "aaa")
    once = join.reset(index, 2.5)
    assert [each.digest for each in once.waiting] == ["a3"]
    assert [gone.fate for gone in once.leaving] == [Fate.RESET, Fate.RESET]
    assert join.reset(once, 2.5) is once
    assert join.reset(once, 1.0) is once


def test_changed_conditions_let_go_of_what_they_do_not_name() -> None:
    """Events of a dependency that left go, and so does a set that nobody can finish; all else stays."""
    index, _ = join.arrive(Index(), event("a", 1), rule("a && b && c"))
    index, joint = join.arrive(index, event("b", 2), rule("a && b"))
    index, _ = join.arrive(index, event("c", 3), rule("a && b && c"))
    assert joint
    assert join.strangers(index, ["a", "b", "c"]) == []
    assert join.let_go(index, [], Fate.CHANGED) is index
    changed = join.let_go(index, join.strangers(index, ["a", "c"]), Fate.CHANGED)
    assert (changed.firing, [each.digest for each in changed.waiting]) == ((), ["c3"])
    assert sorted(gone.event.digest for gone in changed.leaving) == ["a1", "b2"]


def test_only_what_is_there_is_let_go() -> None:
    """An event that has fired or left meanwhile is not let go, and a set is let go as a whole or not at all."""
    index, joint = played_open("ab")
    assert join.let_go(index, [event("c", 9)], Fate.RESET) is index
    assert join.let_go(index, joint[:1], Fate.CHANGED) is index
    gone = join.let_go(index, joint, Fate.CHANGED)
    assert (gone.firing, {each.event for each in gone.leaving}) == ((), set(joint))


def played_open(names: str) -> tuple[Index, Joint]:
    """Let events come, the last of which completes a set that goes on firing."""
    index, joint = Index(), ()
    for sequence, name in enumerate(names, start=1):
        index, joint = join.arrive(index, event(name, sequence), rule("a && b"))
    assert joint
    return index, joint


def test_a_stream_that_was_made_anew_turns_no_order_round() -> None:
    """Its numbers begin again at 1, its time does not: the later event is the latest."""
    index, _ = join.arrive(Index(), Waiting("a", "old", 9000, 100.0), rule("a && b"))
    index, _ = join.arrive(index, Waiting("a", "new", 1, 200.0), rule("a && b"))
    assert [each.digest for each in index.waiting] == ["new"]


def test_the_event_that_began_a_set_is_known_though_it_waits_on() -> None:
    """Under changed conditions a set may fire without the event that let it: the set is still found by that event."""
    index = Index()
    for sequence, name in enumerate("ab", start=1):
        index, joint = join.arrive(index, event(name, sequence), rule("a && b && c", in_order=True))
        assert not joint
    last = event("a", 3)
    index, joint = join.arrive(index, last, rule("a && b", in_order=True))
    assert sorted(each.digest for each in joint) == ["a1", "b2"]
    assert index.joint_of(last.digest) == joint
    assert index.waits(last.digest)
    assert join.clear(index, joint).joint_of(last.digest) == ()


@pytest.mark.promise("I7", "B4")
def test_a_question_is_answered_by_whoever_lets_the_event_in() -> None:
    """All who ask about an event share one question, and it is gone once the event came in, also after it has fired."""
    index, number = join.ask(Index(), "a1")
    again, same = join.ask(index, "a1")
    assert (again, same) == (index, number)
    index, other = join.ask(index, "b2")
    assert other != number
    index, _ = join.arrive(index, event("a", 1), rule("a && b"))
    assert (index.question("a1"), index.question("b2")) == (0, other)
    index, joint = join.arrive(index, event("b", 2), rule("a && b"))
    _, new = join.ask(join.clear(index, joint), "a1")
    assert new not in {number, other}


def test_questions_are_bounded() -> None:
    """Those of pods that crashed make room for new ones."""
    index = Index()
    for number in range(join.MOST_ASKING + 1):
        index, _ = join.ask(index, f"a{number}")
    assert len(index.asking) == join.MOST_ASKING
    assert index.question("a0") == 0


@pytest.mark.promise("I7")
@given(
    st.sampled_from(["a && b", "a && b && c", "(a || b) && c", "a || b && c"]),
    st.booleans(),
    st.integers(1, 4),
    st.lists(st.sampled_from("abcrs"), max_size=40),
)
def test_each_event_has_one_fate(text: str, in_order: bool, limit: int, steps: list[str]) -> None:  # noqa: FBT001
    """Whatever comes, and whenever a reset comes (`r`) or a set is done (`s`): no event fires twice, and none is forgotten."""
    the_rule = rule(text, in_order=in_order, limit=limit)
    index, clock = Index(), count(1)
    came: list[str] = []
    done: list[Joint] = []
    for step in steps:
        moment = next(clock)
        if step == "r":
            index = join.reset(index, moment)
        elif step == "s":
            done += [begun.joint for begun in index.firing[:1]]
            index = join.clear(index, index.firing[0].joint) if index.firing else index
        else:
            came.append(f"{step}{moment}")
            index, joint = join.arrive(index, event(step, moment), the_rule)
            assert not joint or the_rule.expression.fires({each.dependency for each in joint})
    fates = Counter(each.digest for joint in (*done, *(begun.joint for begun in index.firing)) for each in joint)
    fates.update(each.digest for each in index.waiting)
    fates.update(gone.event.digest for gone in index.leaving)
    assert fates == Counter(came)
    assert len(index.waiting) <= limit
    assert not the_rule.expression.fires({each.dependency for each in index.waiting})
