"""Messages at a steady pace, each with a number by which its Workflow is known again."""

import random
import threading
import time

from tests.servers.sqs import Queue

BEAT = 0.25
"""Seconds between two batches."""
_TEXTS = (
    "plain text",
    '{"order": 9007199254740993, "price": 1.50, "nested": {"list": [1, "two", null]}}',
    "\"quoted\" 'twice' \\ back \\\\ slashes \\n",
    "line\nnext\r\n\tindented\n\n",
    "{{workflow.name}} {{inputs.parameters.x}} $HOME $(id)",
    "emoji 🦀🚀 žluťoučký \u2028",
    "<b>&amp;</b> 007 1e5 null ",
)


class Traffic:
    """The sender. `bodies` and `ids` have one entry for every message sent, by its number."""

    def __init__(self, queue: Queue, rate: float, seed: int) -> None:
        """Take the pace in messages a second; nothing is sent yet."""
        self.bodies: list[str] = []
        self.ids: list[str] = []
        self.trouble = ""
        self._queue = queue
        self._rate = rate
        self._seed = seed
        self._draw = random.Random(seed)
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="traffic")
        self._thread.start()

    def stop(self) -> None:
        """Send no more; returns when the last batch is in the queue."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def burst(self, count: int) -> None:
        """Send this many at once."""
        with self._turn:
            made = [self._body(len(self.bodies) + n) for n in range(count)]
            for start in range(0, count, 10):
                batch = made[start : start + 10]
                self.ids += self._queue.send_many(*batch)
                self.bodies += batch

    def _run(self) -> None:
        owed, last = 0.0, time.monotonic()
        while not self._stop.wait(BEAT):
            now = time.monotonic()
            # A queue that hung for a while is not made up for: the pace is what counts.
            owed, last = owed + self._rate * min(now - last, 4 * BEAT), now
            try:
                self.burst(int(owed))
            except OSError as error:
                self.trouble = f"a batch may or may not have been sent: {error!r}"
                return
            owed -= int(owed)

    def _body(self, number: int) -> str:
        text = self._draw.choice(_TEXTS)
        long = self._draw.choices('abcdefghij é"\\', k=20_000) if self._draw.random() < 0.02 else ()
        return f"#{number} {self._seed} {text}{''.join(long)}"


def number_of(body: str) -> int:
    """Give the number of the message with this body; -1 where it is none of ours."""
    head = body.partition(" ")[0].removeprefix("#")
    return int(head) if head.isdigit() else -1
