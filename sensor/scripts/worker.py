"""A worker process: `python -m sensor.scripts.worker SECONDS MEGABYTES`. Questions come in on stdin, answers go out.

It is started by `workers` alone. An alarm of the kernel ends it where a script does not end and nobody is left to kill it.
"""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sensor.scripts import frames
from sensor.scripts.frames import Kind, ScriptFailed

_ALARM_AFTER = 1.0
Run = Callable[[str, bytes], bytes]


def main() -> None:
    """Answer until stdin closes."""
    seconds, megabytes = float(sys.argv[1]), int(sys.argv[2])
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not get between the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ.clear()
    languages = _languages(megabytes)
    _bound(megabytes)
    _send(answers, frames.READY)
    while (question := _receive(questions)) is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds + _ALARM_AFTER)
        answer = _answer(languages, question)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(answers, answer)


def _languages(megabytes: int) -> dict[Kind, Run]:
    """Load the languages that are installed."""
    found: dict[Kind, Run] = {}
    try:
        from sensor.scripts import jqprogram  # noqa: PLC0415 - it may not be there

        found[Kind.JQ] = jqprogram.transform
    except ImportError:
        pass
    try:
        from sensor.scripts import luascript  # noqa: PLC0415 - it may not be there
    except ImportError:
        return found
    lua = luascript.Lua(megabytes << 19)
    return found | {Kind.LUA: lua.transform, Kind.LUA_FILTER: lua.accepts}


def _bound(megabytes: int) -> None:
    """Bound the memory beyond what the process has by now, where the system can."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + (megabytes << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(languages: dict[Kind, Run], body: bytes) -> bytes:
    question = frames.read_question(body)
    try:
        result = frames.DONE + languages[question.kind](question.program, question.data)
    except ScriptFailed as error:
        return frames.FAILED + str(error).encode("utf-8", "replace")
    except KeyError:
        return frames.FAILED + b"the language of the script is not installed"
    except (MemoryError, RecursionError) as error:
        return frames.FAILED + f"{type(error).__name__}: the script asks for too much".encode()
    if len(result) > frames.LARGEST_ANSWER:
        return frames.FAILED + f"the result has {len(result)} bytes; {frames.LARGEST_ANSWER} are allowed".encode()
    return result


def _receive(stream: BinaryIO) -> bytes | None:
    head = stream.read(frames.LENGTH.size)
    if len(head) < frames.LENGTH.size:
        return None
    return stream.read(frames.LENGTH.unpack(head)[0])


def _send(stream: BinaryIO, body: bytes) -> None:
    stream.write(frames.framed(body))
    stream.flush()


if __name__ == "__main__":
    main()
