"""`make bench-source`: messages a second from SQS to the bus, in one process, beside a bare client in the same run.

Real servers on this machine: ElasticMQ (warmed up), nats-server, and Toxiproxy for a queue that is 10 ms away. Each figure is
the median of the runs with the least and the most; the runs take turns. `ARGO_EVENTS_BIN` names a binary of Argo Events, which
is then given the same work in the same run. `--markdown FILE` writes the table there as well.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from argosy.servers.nats import NatsServer
from benchmarks import source_stage as stages
from benchmarks.measure import Figure, table
from benchmarks.source_stage import BODY, Run, Stage
from tests.servers import build
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy

ROUND_TRIP_MS = 10
LOOPBACK, FAR = "loopback", f"{ROUND_TRIP_MS} ms away"
ARGOSY, BARE, ARGO_EVENTS = "Argosy", "bare aioboto3 (receive + delete)", "Argo Events"
ARGO_EVENTS_MESSAGES = {LOOPBACK: 3000, FAR: 600}
"""It is given fewer: 15,000 of them would take four minutes a run, 10 ms away."""

Carry = Callable[[Stage, Queue, int, str], Run]


@dataclass(frozen=True)
class Runs:
    """All runs of somebody at a place."""

    place: str
    who: str
    runs: tuple[Run, ...]

    @property
    def rate(self) -> Figure:
        """Messages a second."""
        return Figure(tuple(run.rate for run in self.runs))

    def row(self) -> list[str]:
        """Write one line of the table."""
        calls = [run.calls for run in self.runs if run.calls is not None]
        cpu = Figure(tuple(run.cpu_ms for run in self.runs)).show(3)
        high = f"{max(run.memory for run in self.runs):.0f}"
        return [self.place, self.who, self.rate.show(), cpu, Figure(tuple(calls)).show(2) if calls else "not counted", high]


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, flush=True)


@contextmanager
def stage() -> Iterator[Stage]:
    """Start the servers, and end them after."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        bus = servers.enter_context(NatsServer(folder / "nats"))
        sqs = servers.enter_context(ElasticMQ(build.ALL["elasticmq"](say), folder / "elasticmq"))
        proxies = servers.enter_context(Toxiproxy(build.ALL["toxiproxy"](say), folder / "toxiproxy"))
        proxy = proxies.proxy(sqs.port)
        proxy.latency(ROUND_TRIP_MS // 2, stream="upstream")
        proxy.latency(ROUND_TRIP_MS // 2, stream="downstream")
        yield Stage(folder, bus, sqs, f"http://{proxy.address}")


def measured(on: Stage, messages: int, count: int) -> list[Runs]:
    """Do the runs, in turns, and give them by place and by who ran."""
    who: dict[str, Carry] = {ARGOSY: stages.argosy, BARE: stages.bare}
    if os.environ.get("ARGO_EVENTS_BIN"):
        who[ARGO_EVENTS] = stages.argo_events
    found = []
    for place, endpoint in ((LOOPBACK, on.sqs.endpoint_url), (FAR, on.far)):
        runs: dict[str, list[Run]] = {name: [] for name in who}
        for number in range(count):
            for name, carry in who.items():
                size = messages if name != ARGO_EVENTS else min(messages, ARGO_EVENTS_MESSAGES[place])
                runs[name].append(carry(on, on.queue(size), size, endpoint))
                say(f"  {place}, run {number + 1} of {count}: {name} {runs[name][-1].rate:,.0f}/s")
        found += [Runs(place, name, tuple(done)) for name, done in runs.items()]
    return found


def ratios(found: list[Runs]) -> list[str]:
    """Say how many times Argo Events Argosy is, by the medians of each place."""
    rates = {(runs.place, runs.who): runs.rate.median for runs in found}
    return [
        f"{place}: {rates[place, ARGOSY] / rates[place, ARGO_EVENTS]:.1f} times Argo Events."
        for place in (LOOPBACK, FAR)
        if (place, ARGO_EVENTS) in rates
    ]


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=15_000, help="messages a run (default: 15,000)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default: 5)")
    parser.add_argument("--idle", type=float, default=60, help="seconds to watch an idle process (default: 60)")
    parser.add_argument("--markdown", type=Path, help="a file for the table")
    options = parser.parse_args()
    with stage() as on:
        say("warming the emulator up …")
        for _ in range(2):
            stages.bare(on, on.queue(options.messages), options.messages, on.sqs.endpoint_url)
        found = measured(on, options.messages, options.runs)
        say(f"  start to ready, {options.runs} times …")
        starts = Figure(tuple(stages.ready(on) for _ in range(options.runs)))
        say(f"  an idle process, {options.idle:g} s …")
        cpu = stages.idle(on, options.idle)
    head = ["SQS is", "who", "messages/s", "CPU ms a message", "SQS calls a message", "high water MiB"]
    lines = [
        table(head, [runs.row() for runs in found]),
        "",
        *ratios(found),
        f"Ready {starts.show(2)} s after the start; {cpu:.2f} s CPU a minute when idle.",
        f"{options.runs} runs of {options.messages:,} messages of {BODY} bytes: median (least to most).",
    ]
    text = "\n".join(lines)
    print("\n" + text)
    if options.markdown:
        options.markdown.write_text(text + "\n")


if __name__ == "__main__":
    main()
