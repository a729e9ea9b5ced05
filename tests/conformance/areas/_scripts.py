"""One pool of worker processes for all cases, on a loop of its own that lives as long as the tests."""

import asyncio
import atexit
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

from sensor.scripts import Workers

ResultT = TypeVar("ResultT")


@cache
def workers() -> Workers:
    """Give the pool."""
    return Workers(seconds=10)


@cache
def _runner() -> asyncio.Runner:
    runner = asyncio.Runner()
    atexit.register(runner.close)
    atexit.register(lambda: runner.run(workers().close()))
    return runner


def wait(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Wait for work that may ask the pool."""
    return _runner().run(work)
