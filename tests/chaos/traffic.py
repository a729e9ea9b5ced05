"""Messages at a steady pace: orders, pairs that wait for each other, and some that can never work, each with a number."""

import json
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.servers.sqs import Queue

BEAT = 0.25
"""Seconds between two batches."""
PAIRS, POISON = 0.08, 0.02
"""Which share of what is sent is a pair, and which is poison of one of the three kinds."""
ORDER, LEFT, RIGHT = "created", "left", "right"
"""The events: an order fires alone, a left one waits for a right one."""
_TEXTS = (
    "plain text",
    '{"order": 9007199254740993, "price": 1.50, "nested": {"list": [1, "two", null]}}',
    "\"quoted\" 'twice' \\ back \\\\ slashes \\n",
    "line\nnext\r\n\tindented\n\n",
    "{{workflow.name}} {{inputs.parameters.x}} $HOME $(id)",
    "emoji 🦀🚀 žluťoučký \u2028",
    "<b>&amp;</b> 007 1e5 null ",
)


class Kind(StrEnum):
    """What is wrong with a message."""

    GOOD = "good"
    NO_JSON = "no JSON"
    """The source cannot make an event of it."""
    NO_TEXT = "no text"
    """The trigger that needs its text cannot fire."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that was sent."""

    number: int
    event: str
    kind: Kind
    body: str
    id: str = ""


class Traffic:
    """The sender. `sent` has an entry for every message, by its number; `seed` stands in each."""

    def __init__(self, queues: Mapping[str, Queue], rate: float, seed: int) -> None:
        """Take the queue of each event and the pace in messages a second; nothing is sent yet."""
        self.sent: list[Message] = []
        self.trouble = ""
        self._queues = queues
        self._rate = rate
        self.seed = seed
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

    def send(self, *wanted: tuple[str, Kind]) -> None:
        """Send these at once."""
        self._send(list(wanted))

    def orders(self, count: int) -> None:
        """Send so many orders at once."""
        self._send([(ORDER, Kind.GOOD)] * count)

    def mixed(self, count: int) -> None:
        """Send so many of all kinds, or one more."""
        wanted: list[tuple[str, Kind]] = []
        while len(wanted) < count:
            wanted += self._drawn()
        self._send(wanted)

    def _drawn(self) -> Iterator[tuple[str, Kind]]:
        drawn = self._draw.random()
        if drawn < POISON:
            poison = self._draw.choice(((LEFT, Kind.NO_JSON), (LEFT, Kind.NO_TEXT), (RIGHT, Kind.NO_TEXT)))
            yield poison
            if poison[1] is Kind.NO_TEXT:
                # As many to the left as to the right, so that in the end nobody waits.
                yield (RIGHT if poison[0] == LEFT else LEFT), Kind.GOOD
        elif drawn < POISON + PAIRS:
            yield LEFT, Kind.GOOD
            yield RIGHT, Kind.GOOD
        else:
            yield ORDER, Kind.GOOD

    def _send(self, wanted: list[tuple[str, Kind]]) -> None:
        with self._turn:
            made = [self._made(len(self.sent) + place, event, kind) for place, (event, kind) in enumerate(wanted)]
            ids: dict[int, str] = {}
            for event, queue in self._queues.items():
                mine = [message for message in made if message.event == event]
                given = queue.send_many(*(message.body for message in mine))
                ids |= zip((message.number for message in mine), given, strict=True)
            self.sent += [Message(m.number, m.event, m.kind, m.body, ids[m.number]) for m in made]

    def _run(self) -> None:
        owed, last = 0.0, time.monotonic()
        while not self._stop.wait(BEAT):
            now = time.monotonic()
            # A queue that hung for a while is not made up for: the pace is what counts.
            owed, last = owed + self._rate * min(now - last, 4 * BEAT), now
            try:
                self.mixed(int(owed))
            except OSError as error:
                self.trouble = f"a batch may or may not have been sent: {error!r}"
                return
            owed -= int(owed)

    def _made(self, number: int, event: str, kind: Kind) -> Message:
        text = self._draw.choice(_TEXTS)
        long = self._draw.choices('abcdefghij é"\\', k=20_000) if self._draw.random() < 0.02 else ()
        body = f"#{number} {self.seed} {text}{''.join(long)}"
        if event != ORDER and kind is not Kind.NO_JSON:
            key = "text" if kind is Kind.GOOD else "nothing"
            body = json.dumps({"run": self.seed, "number": number, key: body}, separators=(",", ":"), ensure_ascii=False)
        return Message(number, event, kind, body)


def named(body: str) -> tuple[int, int]:
    """Give the seed and the number of the message with this body; -1 where it is none of ours."""
    try:
        if body.startswith("#"):
            number, seed, *_ = body[1:].split(" ", 2)
            return int(seed), int(number)
        content = json.loads(body)
        return int(content["run"]), int(content["number"])
    except (ValueError, KeyError, TypeError):
        return -1, -1
