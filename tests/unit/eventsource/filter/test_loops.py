"""The builtins that ask a closure about each element."""

import pytest

from eventsource.filter.errors import Fault
from tests.unit.eventsource.filter.evaluate import value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all(body.list, {# > 0})", True), ("all(body.list, # > 1)", False), ("all([], false)", True),
        ("none(body.list, # > 5)", True), ("none([], true)", True), ("any(body.items, .n > 1 && .k == 'b')", True),
        ("any([], true)", False), ("any(1..3, # == 2)", True), ("one(body.list, # == 1)", True),
        ("one(body.list, # > 1)", False), ("count(body.list, # > 1)", 2), ("filter(body.list, # > 1)", [3.0, 2.0]),
        ("map(body.items, .k)", ["a", "b"]), ("map(body.list, #index)", [0, 1, 2]), ("find(body.list, # < 3)", 1.0),
        ("find(body.list, # > 9)", None), ("findIndex(body.list, # == 2)", 2), ("findIndex(body.list, # > 9)", None),
        ("findLast(body.list, # < 3)", 2.0), ("findLastIndex(body.list, # < 3)", 2), ("findLast(body.earr, true)", None),
        ("groupBy(body.items, .k)['a'][0].n", 1.0), ("len(groupBy([1, 1.0, true, '1'], #))", 4),
        ("groupBy(body.list, # > 1)[true]", [3.0, 2.0]), ("reduce(body.list, #acc + #)", 6.0),
        ("reduce(body.list, #acc + #, 10)", 16.0), ("reduce([], #acc, 7)", 7), ("reduce([5], #acc + #)", 5),
        ("reduce(body.list, #acc + #index)", 6.0), ("reduce(body.list, [#acc, #], nil)", [[[None, 3.0], 1.0], 2.0]),
        ("map(body.items, map(body.list, # + 1)[0] + .n)", [5.0, 6.0]),
        ("filter(1..10, # % 2 == 0 and any(body.list, # == 2))", [2, 4, 6, 8, 10]),
        ("map(body.items, {let n = .n; n * 2})", [2.0, 4.0]), ("let m = 2; filter(body.list, # > m)", [3.0]),
        ("count(body.o, true)", 1), ("all(body.name, # > 0)", True), ("map(body.name, #)", [65, 100, 97]),
        ("any(body.items, {.k in ['a']})", True), ("map(filter(body.items, .n > 1), .k)", ["b"]),
        ("body.items | filter(.n > 0) | map(.k) | join(',')", "a,b"), ("any(body.mixed, # == 'a')", True),
        ("filter(body.mixed, # != nil)", [1.0, "a"]),
    ],
)  # fmt: skip
def test_answers(text: str, expected: object) -> None:
    """Closures see `#`, `.field`, `#index` and `#acc`, each its own."""
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "all(body.id, true)", "all(body.none, true)", "filter(body.list, first([#]))", "any(body.mixed, # > 0 and # < 0)",
        "reduce(body.earr, #acc + #)", "map(body.items, .k.x)", "groupBy(body.list, [#])", "groupBy(body.items, #)",
        "map(body.o, #)", "none(body.list, first([#]))", "one(body.list, first([#]))", "find(body.list, first([#]))",
        "filter(body.o, true)",
    ],
)  # fmt: skip
def test_no_answer(text: str) -> None:
    """A closure whose answer is no bool, or a collection that is none, is an error."""
    with pytest.raises(Fault):
        value(text)


def test_find_last_means_the_same_on_either_side() -> None:
    """In Go a stray bool on the stack is compared where it stands on the right: `2 == findLast(…)` is false there."""
    assert value("findLast(body.list, # < 3) == 2") is True
    assert value("2 == findLast(body.list, # < 3)") is True
    assert value("[1, findLastIndex(body.list, # < 3)]") == [1, 2]


def test_the_first_element_that_decides_ends_it() -> None:
    """What stands behind it is not asked, so it cannot fail."""
    assert value("any(body.mixed, # == 1 or # > 0)") is True
    assert value("all(body.mixed, # == 2 and # > 0)") is False
