"""What `bench-source` measures with: the servers, and one run of each of those who carry messages from SQS to the bus."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nats

from argosy.servers.nats import NatsServer
from argosy.servers.process import Process, answers, free_port
from benchmarks.measure import until, usage
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue

BODY = 1024
BARE_POLLERS = 16
ROOT = Path(__file__).parents[1]
AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass
class Stage:
    """The servers of one run of the benchmark; `far` is the address of a queue that is some milliseconds away."""

    folder: Path
    bus: NatsServer
    sqs: ElasticMQ
    far: str
    numbers: int = 0

    def queue(self, count: int) -> Queue:
        """Make a queue with messages in it."""
        self.numbers += 1
        queue = Queue.create(self.sqs.endpoint_url, f"bench-{self.numbers}")
        queue.send_many(*(f"{n:08d}" + "x" * (BODY - 8) for n in range(count)))
        return queue

    def stored(self, stream: str) -> int:
        """Count the events on a stream, by the server's own page: no client is in the way."""
        with urllib.request.urlopen(f"{self.bus.monitor_url}/jsz?streams=1", timeout=5) as answer:  # noqa: S310 - http on loopback
            accounts = json.loads(answer.read()).get("account_details") or []
        details = [stream for account in accounts for stream in account.get("stream_detail") or []]
        return next((d["state"]["messages"] for d in details if d["name"] == stream), 0)


@dataclass(frozen=True)
class Run:
    """What one run gave; `calls` is None where nobody counted."""

    rate: float
    cpu_ms: float
    calls: float | None
    memory: float


def argosy(stage: Stage, queue: Queue, count: int, endpoint: str) -> Run:
    """Let Argosy's event source carry the messages."""
    process, port = source(stage, queue, endpoint)

    def calls() -> float:
        until("an empty queue", queue.empty, 30)
        return sqs_calls(port) / count

    return carried(stage, process, queue.name, count, calls)


def source(stage: Stage, queue: Queue, endpoint: str) -> tuple[Process, int]:
    """Prepare an event source for a queue; gives its port as well."""
    port = free_port()
    environment = {
        "NATS_URL": stage.bus.url,
        "NATS_STREAM": queue.name,
        "NATS_SUBJECT_PREFIX": queue.name,
        "EVENTSOURCE_NAME": "bench",
        "EVENTSOURCE_EVENT": "message",
        "SQS_QUEUE": queue.url,
        "SQS_WAIT_TIME_SECONDS": "20",
        "AWS_ENDPOINT_URL": endpoint,
        "METRICS_PORT": str(port),
        "LOG_LEVEL": "warn",
        **AWS,
    }
    command = [sys.executable, "-m", "eventsource"]
    return Process("eventsource", command, log=stage.folder / f"{queue.name}.log", env=environment), port


def carried(stage: Stage, process: Process, stream: str, count: int, calls: Callable[[], float | None]) -> Run:
    """Start somebody, and measure from the first event on the bus to the last; CPU until the last delete."""
    before = stage.stored(stream)
    process.start(lambda: stage.stored(stream) > before)
    began, cpu, already = time.monotonic(), usage(process.pid).cpu, stage.stored(stream) - before
    until("all messages on the bus", lambda: stage.stored(stream) - before >= count, 300)
    seconds = time.monotonic() - began
    made = calls()
    used = usage(process.pid)
    process.stop(deadline=30)
    return Run((count - already) / seconds, (used.cpu - cpu) * 1000 / (count - already), made, used.high_water)


def sqs_calls(port: int) -> float:
    """Count the calls to SQS by the pod's own series."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    name = "argosy_source_sqs_request_duration_seconds_count"
    wanted = [line for line in lines if line.startswith(name) and 'operation="get_attributes"' not in line]
    return sum(float(line.rpartition(" ")[2]) for line in wanted)


def bare(_: Stage, queue: Queue, count: int, endpoint: str) -> Run:
    """Let a bare client take the messages out, and put them nowhere."""
    command = [sys.executable, "-m", "benchmarks.bare_sqs", endpoint, queue.url, str(count), str(BARE_POLLERS)]
    ended = subprocess.run(command, env={**os.environ, **AWS}, cwd=ROOT, check=True, timeout=300, stdout=subprocess.PIPE)
    return Run(**json.loads(ended.stdout))


def argo_events(stage: Stage, queue: Queue, count: int, endpoint: str) -> Run:
    """Let Argo Events' event source carry the messages."""
    asyncio.run(_foreign_stream(stage.bus.url))
    document = {
        "metadata": {"name": "bench", "namespace": "default"},
        "spec": {
            "sqs": {queue.name: {"region": "us-east-1", "queue": queue.name, "endpoint": endpoint, "waitTimeSeconds": 20}}
        },
    }
    environment = {
        "EVENTSOURCE_OBJECT": _encoded(document),
        "EVENTBUS_CONFIG": _encoded({"jetstream": {"url": stage.bus.url, "streamConfig": ""}}),
        "EVENTBUS_SUBJECT": "bench",
        "POD_NAME": "bench-0",
        "LOG_LEVEL": "error",
        **AWS,
    }
    command = [os.environ["ARGO_EVENTS_BIN"], "eventsource-service"]
    process = Process("argo-events", command, log=stage.folder / "argo-events.log", env=environment)
    return carried(stage, process, "default", count, lambda: None)


async def _foreign_stream(url: str) -> None:
    """Make the stream that Argo Events wants."""
    client = await nats.connect(url)
    await client.jetstream().add_stream(name="default", subjects=["default.*.*"])
    await client.close()


def _encoded(document: object) -> str:
    """Write a document as Argo Events' controller does."""
    return base64.b64encode(json.dumps(document).encode()).decode()


def ready(stage: Stage) -> float:
    """Measure the seconds from the start of the process until it says that it is ready."""
    process, port = source(stage, stage.queue(0), stage.sqs.endpoint_url)
    began = time.monotonic()
    process.start(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    seconds = time.monotonic() - began
    process.kill()
    return seconds


def idle(stage: Stage, seconds: float) -> float:
    """Measure the CPU seconds a minute of an event source that has nothing to do."""
    process, port = source(stage, stage.queue(0), stage.sqs.endpoint_url)
    process.start(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    time.sleep(2)  # what a start leaves to do
    before = usage(process.pid).cpu
    time.sleep(seconds)
    used = usage(process.pid).cpu - before
    process.kill()
    return used * 60 / seconds
