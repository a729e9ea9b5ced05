"""A kind of trigger for Argosy: one JSON line in a file for each firing. README.md shows how documents use it."""

# ruff: noqa: INP001 - this package is one module

import asyncio
import json
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, TextIO

from common.errors import ConfigurationError, Rejected, Unavailable
from sensor.parameters import Prepared
from sensor.ports import Fired, Firing, Preview
from sensor.triggers.plugins import Given
from sensor.triggers.shared import Shared


def construct(given: Given) -> "JsonLines":
    """Make the trigger when the sensor starts. What is wrong with the document is said here, with its place."""
    path = given.spec.get("path")
    if not isinstance(path, str) or not path:
        raise ConfigurationError(f"{given.place}.path: a text is wanted")
    return JsonLines(path, given.parameters("payload"), given.around.shared)


class JsonLines:
    """Appends lines; at least once, so each line carries the firing's hash, by which a reader tells repetitions."""

    def __init__(self, path: str, payload: Prepared, shared: Shared) -> None:
        self._path = path
        self._payload = payload
        self._shared = shared

    async def fire(self, firing: Firing) -> Fired:
        """Append the line. An error that is not about this event is `Unavailable`: the trigger waits, nothing is lost."""
        line = json.dumps(self._line(firing)) + "\n"
        try:
            file = await self._shared.get(("jsonlines", self._path), partial(_opened, self._path))
            await asyncio.to_thread(_write, file, line)
        except OSError as error:
            raise Unavailable(f"{self._path}: {error.strerror}") from error
        return Fired("fired", self._path)

    async def preview(self, firing: Firing) -> Preview:
        """Tell what `fire` would do; `argosy explain` shows it."""
        return Preview(f"append to {self._path}", {"line": self._line(firing)})

    def _line(self, firing: Firing) -> dict[str, Any]:
        body = self._payload.payload(firing.events).body or b"{}"
        try:
            payload = json.loads(body)
        except ValueError as error:
            # About this very event, whenever it is tried: it is parked.
            raise Rejected("rejected", f"the payload is not JSON: {error}") from error
        return {"firing": firing.digest, "payload": payload}


async def _opened(path: str, stack: AsyncExitStack) -> TextIO:
    file = await asyncio.to_thread(open, path, "a", encoding="utf-8")
    return stack.enter_context(file)


def _write(file: TextIO, line: str) -> None:
    file.write(line)
    file.flush()
