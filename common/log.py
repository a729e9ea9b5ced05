"""Logs: one JSON object a line on stdout (text on a terminal), and a valve for what an outage would repeat.

An event's name is stable and dotted; everything else is keys. No bodies, no secrets.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}


def configure(*, level: str, **bound: str) -> None:
    """Set up logging once, at the start of the process. `bound` goes into every line. An unknown level means info."""
    threshold = _LEVELS.get(level.lower(), logging.INFO)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        structlog.processors.format_exc_info,
    ]
    if sys.stdout.isatty():
        renderer: Any = structlog.dev.ConsoleRenderer()
        factory: Any = structlog.PrintLoggerFactory()
    else:
        renderer = structlog.processors.JSONRenderer(serializer=orjson.dumps)
        factory = structlog.BytesLoggerFactory()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=factory,
    )
    structlog.contextvars.bind_contextvars(**bound)
    # Libraries speak through the standard module; only what matters to an operator comes through, on stderr.
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL if threshold > logging.DEBUG else logging.WARNING)


class Seldom:
    """Says the same thing at most once in `every` seconds, and how often it kept silent in between (promise C5)."""

    def __init__(self, log: Any, *, every: float = 10.0) -> None:  # noqa: ANN401 - any bound logger
        self._log = log
        self._every = every
        self._said: dict[str, float] = {}
        self._swallowed: dict[str, int] = {}

    def warning(self, key: str, event: str, /, **fields: object) -> None:
        """Warn, unless something under this key was said less than `every` seconds ago."""
        self._say(self._log.warning, key, event, fields)

    def info(self, key: str, event: str, /, **fields: object) -> None:
        """Tell, unless something under this key was said less than `every` seconds ago."""
        self._say(self._log.info, key, event, fields)

    def _say(self, say: Callable[..., None], key: str, event: str, fields: dict[str, object]) -> None:
        now = time.monotonic()
        if now - self._said.get(key, -self._every) < self._every:
            self._swallowed[key] = self._swallowed.get(key, 0) + 1
            return
        self._said[key] = now
        swallowed = self._swallowed.pop(key, 0)
        if swallowed:
            fields["repeated"] = swallowed
        say(event, **fields)
