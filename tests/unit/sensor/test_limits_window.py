"""The arithmetic of `rateLimit`: never more than N in any window, for every way of taking and using permits."""

import ast
import bisect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sensor.limits
from sensor.limits.clock import DRIFT, OLD, Clock, Sample
from sensor.limits.window import AHEAD, BLOCKS, LATEST, SLACK, Log, Window

UNITS = st.sampled_from([1.0, 60.0, 3600.0])


@pytest.mark.parametrize(
    ("count", "block", "blocks"),
    [(1, 1, 1), (3, 1, 3), (64, 1, 64), (65, 2, 32), (100, 2, 50), (1000, 16, 62), (100_000, 1563, 63)],
)
def test_a_large_count_is_kept_in_blocks(count: int, block: int, blocks: int) -> None:
    """The log stays small however large the count is, and all blocks together never hold more than it."""
    window = Window(1.0, count)
    assert (window.block, window.blocks) == (block, blocks)
    assert blocks <= BLOCKS
    assert count * 0.97 - 1 <= block * blocks <= count


STEP = st.tuples(
    st.sampled_from([None, 0.0, 0.001, 0.3, 3.0]), st.sampled_from([0.0, 0.4]), st.sampled_from([0.0, 0.05, LATEST]),
    st.sampled_from([0.0, 0.5, 1.0, None]),
)  # fmt: skip
"""Seconds that pass (None: until there is a permit), how unsure the clock is, how long the permit holds, and when in its time
it is used (None: never, because its pod died)."""


@pytest.mark.promise("D2")
@given(unit=UNITS, count=st.integers(1, 4) | st.integers(65, 130), steps=st.lists(STEP, min_size=2, max_size=120))
def test_no_window_ever_sees_more(
    unit: float, count: int, steps: list[tuple[float | None, float, float, float | None]]
) -> None:
    """Whoever takes permits, whenever, with clocks that are unsure, and uses them early or late or never: never above N.

    Let `Log.begins` be any earlier to see it fail.
    """
    window, log, now = Window(unit, count), Log(), 1000.0
    used: list[float] = []
    for wait, unsure, width, when in steps:
        now = max(now, log.begins(window) - AHEAD) if wait is None else now + wait
        if log.begins(window) - (now - unsure) > AHEAD:
            continue
        log, permit = log.sane(now + unsure).take(window, now + unsure, width)
        if when is not None:
            first = max(permit.begin, now)
            used += [first + when * (permit.end - first)] * permit.left
    used.sort()
    for number, moment in enumerate(used):
        # The slack is for what happens after a request was sent.
        assert bisect.bisect_left(used, moment + window.length - 1e-6) - number <= count


@given(unit=UNITS, count=st.integers(1, 200))
def test_a_window_that_nobody_used_is_open_at_once(unit: float, count: int) -> None:
    """An idle trigger may fire all of its N at once, and the next one only a window later: the slack is all that it costs."""
    window, log, now = Window(unit, count), Log(), 1000.0
    assert log.soon(window, now) == window.block * window.blocks
    for _ in range(window.blocks):
        assert log.begins(window) <= now
        log, permit = log.take(window, now, 0.01)
        assert permit.end == now + 0.01
    assert log.begins(window) == pytest.approx(now + 0.01 + unit + min(SLACK * unit, 1.0))
    assert log.soon(window, now) == (window.block * window.blocks if unit < AHEAD else 0)
    assert log.soon(window, now + unit) == window.block * window.blocks


def test_a_clock_that_was_set_back_holds_nobody_up_for_long() -> None:
    """The bus' clock was an hour ahead when the permits were taken: a window later they are open again, not after an hour."""
    window = Window(60.0, 3)
    log = Log((4600.0, 4600.0, 4600.0)).sane(1000.0)
    assert log.begins(window) <= 1000.0 + AHEAD + LATEST + window.length


@given(
    offset=st.floats(-300, 300),
    there=st.floats(0, 0.5),
    back=st.floats(0, 0.5),
    age=st.floats(0, 3600),
    drift=st.floats(-DRIFT, DRIFT),
)
def test_the_time_is_never_outside_of_what_we_say(offset: float, there: float, back: float, age: float, drift: float) -> None:
    """Whatever the pod's clock shows, however slow the bus answers: what it is by the bus lies between our two bounds."""
    stored, own = 1_000_000.0, 500.0 + offset
    sample = Sample(stored, own - there, own + back)
    now, monotonic = stored + back + age, own + back + age * (1 + drift)
    assert sample.lower(monotonic) - 1e-6 <= now <= sample.upper(monotonic) + 1e-6


def test_the_surest_sample_counts_until_it_is_old() -> None:
    """A slow answer does not spoil what a fast one told; the machine may have slept, so an old one gives way to any."""
    clock, fast, slow = Clock(), Sample(100.0, 0.0, 0.001), Sample(101.0, 1.0, 1.5)
    clock.seen(fast, 0.1)
    clock.seen(slow, 1.5)
    assert clock.best == fast
    late = Sample(100.0 + OLD + 1, OLD + 1, OLD + 1.5)
    clock.seen(late, OLD + 2)
    assert clock.best == late
    clock.not_before(100.0 + OLD + 2, OLD + 2)
    assert clock.best == late
    clock.not_before(9999.0, OLD + 2)
    assert clock.best is None


@pytest.mark.promise("D2")
def test_the_pods_clock_is_never_asked() -> None:
    """Clocks five minutes apart change nothing, because no file of the limits imports what reads them."""
    folder = Path(next(iter(sensor.limits.__path__)))
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text())
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & {"time", "datetime"}, path
