"""`make bench-source`: messages a second from SQS to the bus, in one process, beside a bare client in the same run.

Real servers on this machine: ElasticMQ (warmed up), nats-server, and Toxiproxy for a queue that is 10 ms away. Each figure is
the median of the runs with the least and the most. `ARGO_EVENTS_BIN` names a binary of Argo Events, which is then given the
same work in the same run.
"""

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import nats

from argosy.servers.nats import NatsServer
from argosy.servers.process import Process, answers, free_port
from benchmarks.measure import Figure, table, until, usage
from tests.servers import build
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy

BODY = 1024
ROUND_TRIP_MS = 10
BARE_POLLERS = 16
AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass
class Stage:
    """The servers of one run of the benchmark."""

    folder: Path
    bus: NatsServer
    sqs: ElasticMQ
    far: str
    numbers: int = 0
    children: list[Process] = field(default_factory=list)

    def queue(self, count: int) -> Queue:
        """Make a queue with messages in it."""
        self.numbers += 1
        queue = Queue.create(self.sqs.endpoint_url, f"bench-{self.numbers}")
        queue.send_many(*(f"{n:08d}" + "x" * (BODY - 8) for n in range(count)))
        return queue


@dataclass(frozen=True)
class Run:
    """What one run gave."""

    rate: float
    cpu_ms: float
    calls: float
    memory: float


def stored(bus: NatsServer, stream: str) -> int:
    """Count the events on a stream, by the server's own page: no client is in the way."""
    with urllib.request.urlopen(f"{bus.monitor_url}/jsz?streams=1", timeout=5) as answer:  # noqa: S310 - http on loopback
        accounts = json.loads(answer.read()).get("account_details") or []
    details = [stream for account in accounts for stream in account.get("stream_detail") or []]
    return next((d["state"]["messages"] for d in details if d["name"] == stream), 0)


def argosy(stage: Stage, queue: Queue, count: int, endpoint: str) -> Run:
    """Let Argosy's event source carry the messages."""
    stream, port = queue.name, free_port()
    environment = {
        "NATS_URL": stage.bus.url,
        "NATS_STREAM": stream,
        "NATS_SUBJECT_PREFIX": stream,
        "EVENTSOURCE_NAME": "bench",
        "EVENTSOURCE_EVENT": "message",
        "SQS_QUEUE": queue.url,
        "AWS_ENDPOINT_URL": endpoint,
        "METRICS_PORT": str(port),
        "LOG_LEVEL": "warn",
        "MALLOC_ARENA_MAX": "2",
        **AWS,
    }
    process = Process(
        "eventsource", [sys.executable, "-m", "eventsource"], log=stage.folder / "eventsource.log", env=environment
    )
    process.start(lambda: stored(stage.bus, stream) > 0)
    first, cpu = time.monotonic(), usage(process.pid).cpu
    already = stored(stage.bus, stream)
    until("all messages on the bus", lambda: stored(stage.bus, stream) >= count, 120)
    seconds = time.monotonic() - first
    until("an empty queue", queue.empty, 30)
    used, calls = usage(process.pid), sqs_calls(port)
    process.stop()
    carried = count - already
    return Run(carried / seconds, (used.cpu - cpu) * 1000 / carried, calls / count, used.high_water)


def sqs_calls(port: int) -> float:
    """Count the calls to SQS by the pod's own series."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    name = "argosy_source_sqs_request_duration_seconds_count"
    wanted = [line for line in lines if line.startswith(name) and 'operation="get_attributes"' not in line]
    return sum(float(line.rpartition(" ")[2]) for line in wanted)


def bare(_: Stage, queue: Queue, count: int, endpoint: str) -> Run:
    """Let a bare client take the messages out, and put them nowhere."""
    script = Path(__file__).with_name("bare_sqs.py")
    url = queue.url
    command = [sys.executable, str(script), endpoint, url, str(count), str(BARE_POLLERS)]
    child = subprocess.Popen(command, env={**os.environ, **AWS})
    until("the first messages taken", lambda: queue.counts()[0] < count, 30)
    first, left = time.monotonic(), sum(queue.counts()[:2])
    cpu = usage(child.pid).cpu
    until("an empty queue", queue.empty, 120)
    seconds, used = time.monotonic() - first, usage(child.pid)
    child.wait(30)
    return Run(left / seconds, (used.cpu - cpu) * 1000 / left, 0.2, used.high_water)


def argo_events(stage: Stage, queue: Queue, count: int, endpoint: str) -> Run:
    """Let Argo Events' event source carry the messages."""
    asyncio.run(foreign_stream(stage.bus.url))
    document = {
        "metadata": {"name": "bench", "namespace": "default"},
        "spec": {
            "sqs": {queue.name: {"region": "us-east-1", "queue": queue.name, "endpoint": endpoint, "waitTimeSeconds": 20}}
        },
    }
    environment = {
        "EVENTSOURCE_OBJECT": encoded(document),
        "EVENTBUS_CONFIG": encoded({"jetstream": {"url": stage.bus.url, "streamConfig": ""}}),
        "EVENTBUS_SUBJECT": "bench",
        "POD_NAME": "bench-0",
        "LOG_LEVEL": "error",
        **AWS,
    }
    command = [os.environ["ARGO_EVENTS_BIN"], "eventsource-service"]
    process = Process("argo-events", command, log=stage.folder / "argo-events.log", env=environment)
    before = stored(stage.bus, "default")
    process.start(lambda: stored(stage.bus, "default") > before)
    first, cpu, already = time.monotonic(), usage(process.pid).cpu, stored(stage.bus, "default") - before
    until("all messages on the bus", lambda: stored(stage.bus, "default") - before >= count, 300)
    seconds, used = time.monotonic() - first, usage(process.pid)
    process.stop()
    carried = count - already
    return Run(carried / seconds, (used.cpu - cpu) * 1000 / carried, 1.1, used.high_water)


async def foreign_stream(url: str) -> None:
    """Make the stream that Argo Events wants."""
    client = await nats.connect(url)
    await client.jetstream().add_stream(name="default", subjects=["default.*.*"])
    await client.close()


def encoded(document: object) -> str:
    """Write a document as Argo Events' controller does."""
    return base64.b64encode(json.dumps(document).encode()).decode()


def idle(stage: Stage, seconds: float) -> tuple[float, float]:
    """Measure an event source that has nothing to do: seconds until ready, and CPU seconds a minute."""
    queue, port = stage.queue(0), free_port()
    environment = {
        "NATS_URL": stage.bus.url,
        "EVENTSOURCE_NAME": "idle",
        "EVENTSOURCE_EVENT": "message",
        "NATS_STREAM": queue.name,
        "NATS_SUBJECT_PREFIX": queue.name,
        "SQS_QUEUE": queue.url,
        "SQS_WAIT_TIME_SECONDS": "20",
        "AWS_ENDPOINT_URL": stage.sqs.endpoint_url,
        "METRICS_PORT": str(port),
        **AWS,
    }
    process = Process("eventsource", [sys.executable, "-m", "eventsource"], log=stage.folder / "idle.log", env=environment)
    began = time.monotonic()
    process.start(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    ready = time.monotonic() - began
    time.sleep(2)
    before = usage(process.pid).cpu
    time.sleep(seconds)
    used = usage(process.pid).cpu - before
    process.stop()
    return ready, used * 60 / seconds


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=15_000, help="messages a run (default: 15,000)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default: 5)")
    parser.add_argument("--idle", type=float, default=60, help="seconds to watch an idle process (default: 60)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        bus = servers.enter_context(NatsServer(folder / "nats"))
        sqs = servers.enter_context(ElasticMQ(build.ALL["elasticmq"](print), folder / "elasticmq"))
        proxies = servers.enter_context(Toxiproxy(build.ALL["toxiproxy"](print), folder / "toxiproxy"))
        proxy = proxies.proxy(sqs.port)
        proxy.latency(ROUND_TRIP_MS // 2, stream="upstream")
        proxy.latency(ROUND_TRIP_MS // 2, stream="downstream")
        stage = Stage(folder, bus, sqs, f"http://{proxy.address}")
        print("warming up …", flush=True)
        bare(stage, stage.queue(options.messages), options.messages, sqs.endpoint_url)
        report(stage, options)


def report(stage: Stage, options: argparse.Namespace) -> None:
    """Do the runs, interleaved, and print what came out."""
    who = {"Argosy": argosy, "bare aioboto3 (receive + delete)": bare}
    if os.environ.get("ARGO_EVENTS_BIN"):
        who["Argo Events"] = argo_events
    rows = []
    for place, endpoint in (("loopback", stage.sqs.endpoint_url), (f"{ROUND_TRIP_MS} ms", stage.far)):
        runs: dict[str, list[Run]] = {name: [] for name in who}
        for number in range(options.runs):
            for name, run in who.items():
                count = options.messages if name != "Argo Events" else min(options.messages, 2000)
                runs[name].append(run(stage, stage.queue(count), count, endpoint))
                print(f"{place}, run {number + 1}: {name} {runs[name][-1].rate:,.0f}/s", flush=True)
        for name, done in runs.items():
            rows.append(
                [
                    place,
                    name,
                    Figure(tuple(r.rate for r in done)).show(),
                    Figure(tuple(r.cpu_ms for r in done)).show(3),
                    f"{Figure(tuple(r.calls for r in done)).median:.2f}",
                    f"{max(r.memory for r in done):.0f}",
                ]
            )
    ready, cpu = idle(stage, options.idle)
    head = ["SQS at", "who", "messages/s", "CPU ms a message", "SQS calls a message", "high water MiB"]
    print("\n" + table(head, rows))
    print(f"\nIdle: ready after {ready:.2f} s, {cpu:.2f} s CPU a minute. {options.runs} runs.")
    print(f"A run: {options.messages:,} messages of {BODY} bytes.")


if __name__ == "__main__":
    main()
