"""The storm: faults out of a deck, one or several at a time, each for a random while; every one is healed and written down."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.chaos.fault import Fault
from tests.chaos.world import World

SHORTEST = 0.3
"""Seconds that a fault lasts at least."""


@dataclass
class Entry:
    """One fault that was on: when it began and ended, in seconds since the start of the run."""

    fault: str
    began: float
    ended: float = 0.0
    trouble: str = ""

    def __str__(self) -> str:
        return f"{self.began:8.1f} … {self.ended:8.1f} s  {self.fault} {self.trouble}".rstrip()


@dataclass
class Storm:
    """Draws faults from `deck` with a seed: the same seed gives the same faults in the same order, for as long.

    `pause`: seconds of calm behind each.
    """

    world: World
    deck: Iterator[Fault]
    seed: str
    longest: float
    clock: Callable[[], float]
    say: Callable[[str], None]
    pause: float = 0.0
    log: list[Entry] = field(default_factory=list)
    _on: set[str] = field(default_factory=set)
    _waiting: list[tuple[int, Fault]] = field(default_factory=list)
    _drawn: int = 0
    _turn: threading.Condition = field(default_factory=threading.Condition)

    def rage(self, lanes: int) -> None:
        """Put on faults in so many lanes until the deck is empty; returns when all are healed."""
        threads = [threading.Thread(target=self._lane, name=f"lane {n}") for n in range(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @property
    def troubles(self) -> list[str]:
        """What went wrong with the faults themselves."""
        return [str(entry) for entry in self.log if entry.trouble]

    def _lane(self) -> None:
        while taken := self._take():
            number, fault = taken
            try:
                self._do(fault, random.Random(f"{self.seed}/{number}"))
                time.sleep(self.pause)
            finally:
                with self._turn:
                    self._on -= fault.touches
                    self._turn.notify_all()

    def _take(self) -> tuple[int, Fault] | None:
        """Take the next fault that meets none that is on."""
        with self._turn:
            while True:
                while len(self._waiting) < 2 * len(self._on) + 2 and (fault := next(self.deck, None)):
                    self._waiting.append((self._drawn, fault))
                    self._drawn += 1
                for taken in self._waiting:
                    if not taken[1].touches & self._on:
                        self._waiting.remove(taken)
                        self._on |= taken[1].touches
                        return taken
                if not self._waiting:
                    return None
                self._turn.wait()

    def _do(self, fault: Fault, draw: random.Random) -> None:
        entry = Entry(fault.name, self.clock())
        self.log.append(entry)
        lasts = max(SHORTEST, min(fault.longest, self.longest) * draw.random() ** 2)
        try:
            heal = fault.start(self.world, draw)
            time.sleep(lasts)
            heal()
        except Exception as error:  # noqa: BLE001 - a fault that cannot be put on is told with all others
            entry.trouble = f"could not be put on or healed: {error!r}"
            with self._turn:
                self.deck = iter(())
                self._waiting.clear()
        entry.ended = self.clock()
        self.say(str(entry))
