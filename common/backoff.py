"""How long to wait before the next try, as a pure function of the try."""


def delay(attempt: int, *, first: float, cap: float, jitter: float, factor: float = 2.0) -> float:
    """Seconds to wait after the `attempt`-th failure (from 1): exponential, capped, then spread.

    `jitter` is a number in [0, 1) drawn by the caller; the result lies between half of the exponential value and all of
    it, so that replicas that failed together do not come back together.
    """
    exponent = min(max(attempt, 1) - 1, 64)
    full = min(cap, first * factor**exponent)
    return full * (0.5 + jitter / 2)
