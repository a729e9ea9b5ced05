"""The pool of worker processes: at most a few, started when first needed, killed when they do not answer in time.

Each worker answers one question at a time over its pipes. Who asks, waits for a free one; nothing runs in the background,
so there is no task to own. A worker ends when its stdin closes, that is, with the sensor at the latest; one that hangs in a
script just then is ended by its own alarm.
"""

import asyncio
import contextlib
import importlib.util
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from common.errors import ConfigurationError, Rejected, Unavailable
from sensor.scripts import frames
from sensor.scripts.frames import Kind, Question

_LANGUAGES = {"jq": Kind.JQ, "lua": Kind.LUA}
_MODULES = {"jq": "jq", "lua": "lupa"}
_START_SECONDS = 30.0
_ROOT = Path(__file__).resolve().parents[2]


def require(language: Literal["jq", "lua"], place: str) -> None:
    """Check that what a document uses is installed. Raises `ConfigurationError`."""
    if importlib.util.find_spec(_MODULES[language]) is None:
        what = f"needs the Python package {_MODULES[language]!r}: pip install 'argosy[{language}]'"
        raise ConfigurationError(f"{place}: {what}")


class _Worker:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a worker is started with pipes")
        self._process = process
        self._to, self._from = process.stdin, process.stdout

    @classmethod
    async def started(cls, seconds: float, megabytes: int) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sensor.scripts.worker", str(seconds), str(megabytes)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            # Nothing of the pod's environment: jq programs could read it.
            env={"PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)]), "LC_ALL": "C.UTF-8"},
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker._read()
        except BaseException:
            await worker.end()
            raise
        return worker

    async def ask(self, question: bytes) -> bytes:
        self._to.write(question)
        await self._to.drain()
        return await self._read()

    async def _read(self) -> bytes:
        length = frames.LENGTH.unpack(await self._from.readexactly(frames.LENGTH.size))[0]
        return await self._from.readexactly(length)

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Workers:
    """A few processes that run scripts; `async with` ends them."""

    def __init__(self, *, processes: int = 2, seconds: float = 2.0, megabytes: int = 256) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._free: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._free.put_nowait(None)

    async def run(self, language: Literal["jq", "lua"], program: str, data: bytes) -> bytes:
        """Make the data of an event anew by a program.

        Raises `ScriptFailed`, or `Rejected` with the reason `script_timeout` or `script_died`.
        """
        return await self._ask(Question(_LANGUAGES[language], program, data))

    async def accepts(self, script: str, data: bytes) -> bool:
        """Say whether the last value of a Lua script is true. Raises as `run` does."""
        return await self._ask(Question(Kind.LUA_FILTER, script, data)) == b"true"

    async def close(self) -> None:
        """End all processes. Nobody may be asking any more."""
        while not self._free.empty():
            worker = self._free.get_nowait()
            if worker is not None:
                await worker.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ask(self, question: Question) -> bytes:
        asked = frames.write_question(question)
        return frames.read_answer(await self._answer(asked))

    async def _started(self) -> _Worker:
        """Start a process. One that does not come up is no fault of the event's."""
        try:
            return await _Worker.started(self._seconds, self._megabytes)
        except (TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise Unavailable(f"no process for scripts starts: {str(error) or type(error).__name__}") from error

    async def _answer(self, question: bytes) -> bytes:
        worker = await self._free.get()
        answered = False
        try:
            if worker is None:
                worker = await self._started()
            async with asyncio.timeout(self._seconds):
                answer = await worker.ask(question)
            answered = True
        except TimeoutError as error:
            raise Rejected("script_timeout", f"the script did not end within {self._seconds:g} s") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            why = f"the script ended its process, likely by taking more than {self._megabytes} MiB of memory"
            raise Rejected("script_died", why) from error
        else:
            return answer
        finally:
            # A worker whose answer was not waited for may still send it: it can serve nobody else.
            self._free.put_nowait(worker if answered else None)
            if worker is not None and not answered:
                await worker.end()
