"""A run: traffic, a storm, the drain, the books; round after round over the same pods, and what is to be told in the end."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import nats.errors
from nats.js.errors import APIError

from argosy.servers.kubeclient import KubeError
from tests.chaos import guards
from tests.chaos.books import Books
from tests.chaos.fault import Fault
from tests.chaos.stories import story
from tests.chaos.storm import Entry, Storm
from tests.chaos.traffic import Traffic
from tests.chaos.watch import Watch
from tests.chaos.world import World

CALM = 1.0
"""Seconds of traffic before the first fault and after the last."""
TOLD = 5
"""Messages whose story is told."""


@dataclass
class Campaign:
    """One run over one world. `rate`: messages a second; `longest`: seconds of a fault; `drain`: seconds it may take after.

    `pause`: seconds of calm behind each fault.
    """

    world: World
    seed: int
    say: Callable[[str], None] = print
    rate: float = 40.0
    longest: float = 3.0
    drain: float = 180.0
    pause: float = 0.0
    log: list[Entry] = field(default_factory=list)
    drains: list[float] = field(default_factory=list)
    scrapes: int = 0

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.world.queues, self.rate, self.seed)
        self.books = Books(self.traffic)
        self.books.begin(self.world)
        self.world.send = self.traffic.send
        self._began = time.monotonic()

    def clock(self) -> float:
        """Give the seconds since the start of the run."""
        return time.monotonic() - self._began

    def round(self, deck: Iterator[Fault], *, lanes: int = 2) -> list[str]:
        """Send while faults rage, heal, drain, and check; gives what is wrong, nothing if all is well."""
        seed = f"{self.seed}/{len(self.drains)}"
        storm = Storm(self.world, deck, seed, self.longest, self.clock, self.say, self.pause)
        watch = Watch(self.world.pods)
        watch.start()
        self.traffic.start()
        try:
            time.sleep(CALM)
            storm.rage(lanes)
            time.sleep(CALM)
            healed = time.monotonic()
            self.traffic.stop()
            late = self._drained(healed + self.drain)
            self.drains.append(time.monotonic() - healed)
        finally:
            self.traffic.stop()
            watch.stop()
        self.log += storm.log
        self.scrapes += watch.scrapes
        return self._wrong(late, [*storm.troubles, *sorted(set(watch.faults))], storm)

    def _drained(self, end: float) -> str:
        """Wait until nothing is on its way any more; gives what still is when it takes too long."""
        while True:
            rest = self._rest()
            if not rest or time.monotonic() > end:
                return rest
            time.sleep(0.25)

    def _rest(self) -> str:
        try:
            return self.world.rest()
        except (KubeError, OSError, nats.errors.Error, APIError) as error:
            return repr(error)

    def _wrong(self, late: str, wrong: list[str], storm: Storm) -> list[str]:
        self.books.take(self.world)
        lost, doubled = self.books.lost(), self.books.doubled()
        if late:
            wrong.append(f"not drained within {self.drain:g} s: {late}")
        if self.traffic.trouble:
            wrong.append(self.traffic.trouble)
        wrong += self.books.wrong()
        if not self.world.dead.empty():
            wrong.append(f"the queue's own dead letters: {self.world.dead.counts()}")
        if lost or doubled:
            wrong.append(f"{len(lost)} lost: {lost[:50]}; {len(doubled)} doubled: {doubled[:50]}")
            wrong += [story(self.world, self.books, number) for number in (*lost[:TOLD], *doubled[:TOLD])]
        if wrong:
            wrong = [f"seed {self.seed}", *wrong, "faults of this round:", *map(str, storm.log)]
        return wrong

    def summary(self) -> str:
        """Tell the whole run in a few lines."""
        kinds = sorted(Counter(entry.fault for entry in self.log).items())
        pods = f"{len(self.world.sources)} sources and {len(self.world.sensors)} sensors"
        sent = Counter(f"{message.event}, {message.kind}" for message in self.traffic.sent)
        slowest = max(self.drains, default=0)
        lines = [f"seed {self.seed}, {self.clock() / 60:.1f} minutes, {len(self.drains)} rounds, {pods}"]
        lines += [f"messages: {sent.total()}, lost: {len(self.books.lost())}, doubled: {len(self.books.doubled())}"]
        lines += [f"what they were: {_told(sent)}", f"what became of them at each trigger: {_told(self.books.count())}"]
        lines += [f"faults: {len(self.log)} ({', '.join(f'{kind} {count}' for kind, count in kinds)})"]
        lines += [f"the guards met: {_told(guards.met(self.world))}"]
        lines += [f"scrapes with received = outcomes + in hand: {self.scrapes}"]
        lines += [f"slowest recovery: {slowest:.1f} s from the last healed fault until nothing was on its way"]
        return "\n".join(lines)


def _told(counts: Counter[str]) -> str:
    return "; ".join(f"{count} {what}" for what, count in counts.items())
