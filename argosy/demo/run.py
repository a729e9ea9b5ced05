"""The course of the demo: start, send, watch, count, end."""

import asyncio
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from argosy.demo import hints, pipeline
from argosy.demo.books import Books, body, parameter
from argosy.demo.cluster import JSON
from argosy.demo.pipeline import LAST_LINES, Pipeline
from argosy.demo.queue import Queue
from argosy.demo.table import View, shown, summary, view

PATIENCE = 20.0
"""Seconds without a new Workflow after which what is missing is called lost."""
AFTERWARDS = 1.0
"""Seconds that a second Workflow of a message is waited for."""

DEPTH_EVERY = 0.2
"""Seconds between two looks at what the queue still holds."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    messages: int
    rate: float
    keep: bool
    kubeconfig: Path | None
    sqs: str


class Watching:
    """Takes every Workflow that appears into the books, and onto the screen."""

    def __init__(self, books: Books, shows: View) -> None:
        self.books = books
        self.news = asyncio.Event()
        self._shows = shows
        self._playing = False

    def seen(self, workflow: JSON) -> None:
        """Take one Workflow."""
        if self._playing:
            self._shows.console.print(f"{shown(parameter(workflow) or '?')}  →  {workflow['metadata']['name']}", markup=False)
        elif message := self.books.create(workflow, time.monotonic()):
            self._shows.created(message)
            self.news.set()

    def play(self) -> None:
        """Count no more: from now on the messages are those of the person at the keyboard."""
        self._playing = True


async def run(options: Options, console: Console) -> bool:
    """Run the demo. Gives whether each message became exactly one Workflow. Raises `DemoError`.

    SIGTERM cancels it, as Ctrl-C does; what was started is ended all the same.
    """
    me = asyncio.current_task()
    assert me is not None  # noqa: S101 - a coroutine runs in a task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-demo-", ignore_cleanup_errors=True)))
        with console.status("starting NATS, SQS and a Kubernetes API"):
            running = await pipeline.start(stack, folder, options.kubeconfig, options.sqs)
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)))
        queue = await Queue(http, running.sqs, running.event.region).create(running.event.queue)
        with console.status("starting the event source and the sensor"):
            await pipeline.start_services(stack, running)
        _introduce(console, running)
        books = Books()
        shows = view(console, books, options.messages)
        try:
            async with asyncio.TaskGroup() as group:
                watching = Watching(books, shows)
                attendants = [group.create_task(running.cluster.watch(watching.seen)), group.create_task(running.guard())]
                with shows:
                    await _send(options, queue, books, shows)
                    await _settle(books, watching, queue)
                left = await _count(running, queue, books)
                summary(console, books, left)
                if left or not books.balanced:
                    _last_words(console, running)
                if options.keep:
                    watching.play()
                    hints.show(console, running, queue)
                    await _play(console, queue)
                for attendant in attendants:
                    attendant.cancel()
        except BaseExceptionGroup as failures:
            # One of them is enough to know what to do next.
            raise failures.exceptions[0] from None
        return books.balanced and not left


async def _send(options: Options, queue: Queue, books: Books, shows: View) -> None:
    start = time.monotonic()
    for number in range(1, options.messages + 1):
        await asyncio.sleep(max(0.0, start + (number - 1) / options.rate - time.monotonic()))
        books.send(number, time.monotonic())
        await queue.send(body(number))
        shows.sent()


async def _settle(books: Books, watching: Watching, queue: Queue) -> None:
    """Wait until every message has its Workflow, or nothing new happens; then for what should not happen."""
    while books.lost:
        watching.news.clear()
        try:
            async with asyncio.timeout(PATIENCE):
                await watching.news.wait()
        except TimeoutError:
            break
    for _ in range(int(PATIENCE / DEPTH_EVERY)):
        if not await queue.depth():
            break
        await asyncio.sleep(DEPTH_EVERY)
    await asyncio.sleep(AFTERWARDS)


async def _count(running: Pipeline, queue: Queue, books: Books) -> int:
    """Take in what the watch may have missed; give what is left in the queue."""
    for workflow in await running.cluster.workflows():
        books.create(workflow, time.monotonic())
    return await queue.depth()


def _last_words(console: Console, running: Pipeline) -> None:
    for service in running.services:
        console.print(f"\nThe last lines of {service.name}:\n{service.process.tail(LAST_LINES)}", markup=False, soft_wrap=True)


async def _play(console: Console, queue: Queue) -> None:
    """Send what is typed, until asked to end."""
    typed: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, typed.put_nowait, None)
    if sys.stdin.isatty():
        loop.add_reader(sys.stdin, _read_line, loop, typed)
    while (line := await typed.get()) is not None:
        if line:
            await queue.send(line)
    console.print("ending")


def _read_line(loop: asyncio.AbstractEventLoop, typed: asyncio.Queue[str | None]) -> None:
    line = sys.stdin.readline()
    if not line:
        loop.remove_reader(sys.stdin)
    typed.put_nowait(line.rstrip("\n"))


def _introduce(console: Console, running: Pipeline) -> None:
    grid = Table.grid(padding=(0, 2))
    for part, what, where in running.words():
        grid.add_row(f"[bold]{part}", where, f"[dim]{what}")
    console.print(grid)
    console.print()
