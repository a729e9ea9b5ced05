"""The life of a service in one place: roles that work, attendants that outlive them, signals, and a deadline for the drain.

A role works until `stop` is set, then finishes what it has in hand and returns. Attendants (health page, heartbeats) go
on while the roles drain, because a draining pod still needs them, and are cancelled after. Connections are opened and
closed by `app.py` around all of this. An outage is the business of the role that meets it; an error that reaches this
file is a fault of the program: it ends the process with exit 1, and the log names the task.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping

Role = Callable[[asyncio.Event], Awaitable[None]]
"""Works until the event is set, then finishes and returns."""

Attendant = Callable[[], Awaitable[None]]
"""Never returns; it is cancelled when the last role has finished."""

INSIST = 2.0
"""Seconds after which an attendant that was cancelled and goes on is cancelled again."""


class EndedEarly(Exception):
    """A role or an attendant that should go on for ever came to its end."""


async def serve(
    roles: Mapping[str, Role],
    attendants: Mapping[str, Attendant],
    *,
    drain: float,
    stop: asyncio.Event | None = None,
) -> None:
    """Run until SIGTERM or SIGINT, then drain for at most `drain` seconds.

    `stop`, if given, is the event that the signal sets, so that others (readiness) can see it. Further signals change
    nothing. Raises `TimeoutError` if the roles did not finish in time, and an exception group if one of them failed.
    """
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as outer:
        tasks = [outer.create_task(_for_ever(name, attendant), name=name) for name, attendant in attendants.items()]
        async with asyncio.timeout(None) as deadline:

            def on_signal() -> None:
                if not stop.is_set():
                    stop.set()
                    deadline.reschedule(loop.time() + drain)

            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, on_signal)
            async with asyncio.TaskGroup() as inner:
                for name, role in roles.items():
                    inner.create_task(_until_stopped(name, role, stop), name=name)
        await _cancelled(tasks)


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: `wait_for` of Python 3.11 loses a cancellation that meets the result it waits for.

    https://github.com/python/cpython/issues/86296
    """
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=INSIST)


async def _until_stopped(name: str, role: Role, stop: asyncio.Event) -> None:
    await role(stop)
    if not stop.is_set():
        raise EndedEarly(f"{name} ended although nobody asked it to")


async def _for_ever(name: str, attendant: Attendant) -> None:
    await attendant()
    raise EndedEarly(f"{name} ended although nobody asked it to")


async def first(*waits: Awaitable[object], timeout: float | None = None) -> bool:  # noqa: ASYNC109 - see docstring
    """Wait until one of these is done, then cancel the others. Gives False if `timeout` seconds passed before.

    Not an `asyncio.timeout` of the caller's: passing time is an answer here, not an error.
    """
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # noqa: TID251 - owned and awaited right here
    try:
        done, _ = await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
    return bool(done)


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Sleep, but wake when `stop` is set. Gives True if it was."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
