"""A hostile expression ends with an error, in bounded time and memory."""

import tracemalloc

import pytest

from eventsource import filter  # noqa: A004
from tests.unit.eventsource.filter.evaluate import passes

_DOUBLED = "".join(f"let x{n + 1} = [x{n}, x{n}]; " for n in range(40))


@pytest.mark.parametrize(
    "text",
    [
        "all(1..1000000, all(1..1000000, # > 0))",
        "all(1..100000, sum(1..100000) > 0)",
        "reduce(1..1000, #acc + #acc, 'x') == ''",
        "repeat(repeat('a', 1000000), 1000000) == ''",
        "replace(repeat('a', 1000000), 'a', repeat('b', 1000000)) == ''",
        "join(map(1..100000, repeat('a', 1000))) == ''",
        "len(map(1..999999, [#])) > 0",
        "1..len(repeat('a', 1000000)) == nil",
        "len(1..int(1e18)) > 0",
        f"let x0 = [1]; {_DOUBLED} toJSON(x40) == ''",
        f"let x0 = [1]; {_DOUBLED} string(x40) == ''",
        "reduce(1..40, [#acc, #acc], 1) == reduce(1..40, [#acc, #acc], first([1]))",
        "toJSON(reduce(1..20000, [#acc], nil)) == ''",
        "reduce(1..20000, [#acc], nil) == reduce(1..20000, [#acc], first([nil]))",
        "all(1..1000000, sprig.bcrypt('x') != '')",
        "sprig.repeat(1000000000, 'a') == ''",
        "all(1..1000000, repeat('a', 100000) matches '(a|b|ab)*$')",
        "all(1..100000, upper(repeat('é', 100000)) != '')",
        "get([repeat('a', 1000000)], len(split(repeat('a,', 999999), ','))) == all(1..1000000, all(1..1000000, true))",
    ],
)
def test_too_much(text: str) -> None:
    """Neither loops nor doubling nor nesting holds up the pod."""
    with pytest.raises((filter.FilterError, filter.ExpressionError)):
        passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "reduce(1..1000, #acc + #acc, 'x') == ''",
        "join(map(1..100000, repeat('a', 1000))) == ''",
    ],
)
def test_memory_is_bounded(text: str) -> None:
    """The limits of strings, lists and steps hold together."""
    tracemalloc.start()
    try:
        with pytest.raises(filter.FilterError):
            passes(text)
        assert tracemalloc.get_traced_memory()[1] < 100 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "true" + ")" * 10_000, "[" * 10_000, "not " * 10_000 + "true", "-" * 10_000 + "1",
        "a" + ".a" * 30_000, "1" + " + 1" * 20_000, "true" + " && body.x" * 6_000, "f(" * 5_000, "a ? " * 5_000,
        "{a:" * 5_000, "map(a," * 5_000, "let a = " * 5_000, "a | " * 5_000, "a" * 100_000, "'" + "a" * 100_000,
        "9" * 60_000, "#" * 1000, "/*" * 1000, "true" + " ?? 1" * 5_000,
    ],
)  # fmt: skip
def test_texts_without_end(text: str) -> None:
    """A text of any size and depth is read or refused, nothing else."""
    try:
        filter.compile(text)
    except filter.ExpressionError:
        return


def test_enough_for_honest_work() -> None:
    """The budget grows with the data: a large message may be looked at as a whole."""
    data = b'{"body":[' + b",".join([b"1"] * 400_000) + b"]}"
    assert filter.compile("all(body, # > 0) and sum(body) == 400000").passes(data)
    assert filter.compile("count(1..200000, # % 2 == 0) == 100000").passes(b"{}")
    assert filter.compile(" or ".join(f"body.id == {n}" for n in range(100))).passes(b'{"body": {"id": 99}}')
