"""Back-off as a pure function."""

from hypothesis import given
from hypothesis import strategies as st

from common.backoff import delay


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_delay_is_bounded_and_never_nothing(attempt: int, jitter: float) -> None:
    """Neither a hot loop nor an endless wait, however many failures there were."""
    assert 0.5 <= delay(attempt, first=1, cap=60, jitter=jitter) <= 60


def test_delays_grow() -> None:
    """Doubling, until the cap."""
    assert [delay(n, first=1, cap=5, jitter=0) for n in (1, 2, 3, 4)] == [0.5, 1, 2, 2.5]
