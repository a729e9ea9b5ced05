"""A run: traffic, a storm, the drain, the books; round after round over the same pods, and what is to be told in the end."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from argosy.servers.kubeclient import KubeError
from tests.chaos import guards
from tests.chaos.books import Books
from tests.chaos.faults import Fault
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
    """One run over one world. `rate`: messages a second; `longest`: seconds of a fault; `drain`: seconds it may take after."""

    world: World
    seed: int
    say: Callable[[str], None] = print
    rate: float = 40.0
    longest: float = 3.0
    drain: float = 180.0
    log: list[Entry] = field(default_factory=list)
    drains: list[float] = field(default_factory=list)
    scrapes: int = 0
    books: Books = field(default_factory=Books)

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.world.rig.queue, self.rate, self.seed)
        self._began = time.monotonic()

    def clock(self) -> float:
        """Give the seconds since the start of the run."""
        return time.monotonic() - self._began

    def round(self, deck: Iterator[Fault], *, lanes: int = 2) -> list[str]:
        """Send while faults rage, heal, drain, and check; gives what is wrong, nothing if all is well."""
        storm = Storm(self.world, deck, f"{self.seed}/{len(self.drains)}", self.longest, self.clock, self.say)
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
            queue, unread = self.world.rig.queue.counts(), self.world.unread()
            asleep = [pod.name for pod in self.world.pods if not pod.ready()]
            return f"queue {queue}, unread {unread}, not ready: {asleep}" if any(queue) or unread or asleep else ""
        except (KubeError, OSError) as error:
            return repr(error)

    def _wrong(self, late: str, wrong: list[str], storm: Storm) -> list[str]:
        self.books.take(self.world, self.traffic)
        lost, doubled = self.books.lost(self.traffic), self.books.doubled()
        if late:
            wrong.append(f"not drained within {self.drain:g} s: {late}")
        if self.traffic.trouble:
            wrong.append(self.traffic.trouble)
        wrong += [f"a Workflow with a body that was never sent: {strange}" for strange in self.books.strange]
        if parked := self.world.parked():
            wrong.append(f"{parked} parked")
        if not self.world.dead.empty():
            wrong.append(f"the queue's own dead letters: {self.world.dead.counts()}")
        if lost or doubled:
            wrong.append(f"{len(lost)} lost: {lost[:50]}; {len(doubled)} doubled: {doubled[:50]}")
            wrong += [self._story(number) for number in (*lost[:TOLD], *doubled[:TOLD])]
        if wrong:
            wrong = [f"seed {self.seed}", *wrong, "faults of this round:", *map(str, storm.log)]
        return wrong

    def _story(self, number: int) -> str:
        return story(self.world, number, self.traffic.ids[number], self.books.names.get(number, ()))

    def summary(self) -> str:
        """Tell the whole run in a few lines."""
        kinds = sorted(Counter(entry.fault for entry in self.log).items())
        pods = f"{len(self.world.sources)} sources and {len(self.world.sensors)} sensors"
        lost, doubled = len(self.books.lost(self.traffic)), len(self.books.doubled())
        parked, slowest = self.world.parked(), max(self.drains, default=0)
        lines = [f"seed {self.seed}, {self.clock() / 60:.1f} minutes, {len(self.drains)} rounds, {pods}"]
        lines += [f"messages: {len(self.traffic.bodies)}, lost: {lost}, doubled: {doubled}, parked: {parked}"]
        lines += [f"faults: {len(self.log)} ({', '.join(f'{kind} {count}' for kind, count in kinds)})"]
        lines += [f"the guards met: {', '.join(f'{count} {guard}' for guard, count in guards.met(self.world).items())}"]
        lines += [f"scrapes with received = outcomes + in hand: {self.scrapes}"]
        lines += [f"slowest recovery: {slowest:.1f} s from the last healed fault until nothing was on its way"]
        return "\n".join(lines)
