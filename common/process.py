"""How a service starts and ends: exit 0 after SIGTERM, 2 for a bad document or setting, 1 for anything else.

A bad document is told in one line a fault on stderr, before any connection opens.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import structlog

from common.errors import ConfigurationError

Prepared = TypeVar("Prepared")

BAD_CONFIGURATION = 2
FAILED = 1


def run(prepare: Callable[[], Prepared], main: Callable[[Prepared], Coroutine[Any, Any, None]]) -> NoReturn:
    """Prepare without touching the network, then run until told to stop, then exit."""
    try:
        prepared = prepare()
    except ConfigurationError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)  # noqa: T201 - the one line that an operator reads
        sys.exit(BAD_CONFIGURATION)
    try:
        asyncio.run(main(prepared))
    except Exception as failure:
        log = structlog.get_logger("process")
        for leaf in _leaves(failure):
            log.error("process.failed", error=repr(leaf), exc_info=leaf)  # noqa: TRY400 - one line for each leaf
        sys.exit(FAILED)
    finally:
        # With the loop its handlers went. Python takes a moment to end, and the exit code has been decided.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def _leaves(error: BaseException) -> list[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
