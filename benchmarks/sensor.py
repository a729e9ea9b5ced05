"""`make bench-sensor`: Workflows a second from the bus to the API server, beside a bare client in the same run.

Real servers on this machine: nats-server, the kube-apiserver over its etcd, ElasticMQ for the way from end to end, and
Toxiproxy for an API server that is 20 ms away. Each figure is the median of the runs with the least and the most; runs of the
sensor and of the bare client take turns. `ARGO_EVENTS_BIN` names a binary of Argo Events, which is then given the same work.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import yaml

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from argosy.servers.process import Process, answers, free_port
from benchmarks.measure import Figure, table, until, usage
from benchmarks.sensor_stage import BODY, EVENT, SOURCE, Stage
from tests.servers import build
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy

IN_FLIGHT = 64
FAR_MS, FAR_IN_FLIGHT = 20, 4
"""Milliseconds that the far API server is away, and how many requests each sensor may have under way there: few, so that the
way decides and not this machine's CPUs, which three sensors and the servers share."""
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """What one run gave."""

    rate: float
    cpu_ms: float
    memory: float


def sensors(stage: Stage, count: int, *, pods: int = 1, kubeconfig: Path | None = None, in_flight: int = IN_FLIGHT) -> Run:
    """Let sensors make Workflows of events that wait on the bus."""
    name = stage.namespace()
    stage.fill(name, count)
    made = [stage.sensor(name, kubeconfig=kubeconfig, pod=pod, in_flight=in_flight) for pod in range(pods)]
    processes = [process for process, _ in made]
    try:
        for process in processes:
            process.start(lambda: True)
        until("the first Workflows", lambda: stage.fired(name) >= min(100, count // 10), 60)
        began, already = time.monotonic(), stage.fired(name)
        before = [usage(process.pid).cpu for process in processes]
        until("all Workflows", lambda: stage.fired(name) >= count, 300)
        seconds, carried = time.monotonic() - began, count - already
        after = [usage(process.pid) for process in processes]
        if stage.made(name) != count:
            raise AssertionError(f"{count} events, {stage.made(name)} Workflows")
    finally:
        for process in processes:
            process.stop(deadline=60)
    stage.clear(name)
    cpu = sum(used.cpu - earlier for used, earlier in zip(after, before, strict=True))
    return Run(carried / seconds, cpu * 1000 / carried, max(used.high_water for used in after))


def joins(stage: Stage, count: int, pods: int) -> None:
    """Let sensors join pairs of events that wait on the bus, and say how many a second."""
    name, document = stage.namespace(), stage.join()
    stage.fill(name, count, document=document)
    processes = [stage.sensor(name, pod=pod, document=document)[0] for pod in range(pods)]
    for process in processes:
        process.start(lambda: True)
    until("the first Workflows", lambda: stage.made(name) > 0, 60)
    began, already = time.monotonic(), stage.made(name)
    until("all Workflows", lambda: stage.made(name) >= count, 300, every=0.5)
    rate = (count - already) / (time.monotonic() - began)
    for process in processes:
        process.stop(deadline=60)
    stage.clear(name)
    print(f"Joins of two events, {pods} sensors on one state: {rate:,.0f}/s.", flush=True)


def bare(stage: Stage, count: int) -> Run:
    """Let a bare client create as many Workflows of the same size."""
    name = stage.namespace()
    kube = stage.kube
    command = [sys.executable, str(HERE / "bare_api.py"), kube.url, kube.admin_token, str(kube.ca_file)]
    child = subprocess.Popen([*command, stage.collection(name), str(count), str(IN_FLIGHT)], stdout=subprocess.PIPE, text=True)
    output, _ = child.communicate(timeout=300)
    stage.clear(name)
    return Run(count / float(output), 0, 0)


def argo_events(stage: Stage, count: int) -> Run:
    """Let Argo Events' sensor do it: a few events, because it creates five a second."""
    name = stage.namespace()
    process = stage.argo_events(name)
    process.start(lambda: "Sensor started" in process.tail(200))
    time.sleep(3)
    before = usage(process.pid).cpu
    stage.feed("default", count, 0)
    until("the first Workflows", lambda: stage.made(name) > 0, 60)
    began, already = time.monotonic(), stage.made(name)
    until("all Workflows", lambda: stage.made(name) >= count, 300)
    seconds, used = time.monotonic() - began, usage(process.pid)
    process.stop()
    stage.clear(name)
    return Run((count - already) / seconds, (used.cpu - before) * 1000 / count, used.high_water)


# --------------------------------------------------------------------------------------------------------------- latency


@contextmanager
def watched(stage: Stage, name: str) -> Iterator[dict[int, float]]:
    """Watch a namespace; when the block ends, the answer holds when each Workflow came to be."""
    kube, seen = stage.kube, {}
    command = [sys.executable, str(HERE / "watch_api.py"), kube.url, kube.admin_token, str(kube.ca_file), name]
    # A file and no pipe: a pipe that nobody reads meanwhile would hold the watcher up.
    output = stage.folder / f"{name}.seen"
    with output.open("w") as file, subprocess.Popen(command, stdout=file) as child:
        until("the watch", lambda: output.stat().st_size > 0, 30)
        try:
            yield seen
        finally:
            time.sleep(1)
            child.terminate()
    for line in output.read_text().splitlines()[1:]:
        number, moment = line.split()
        seen.setdefault(int(number), float(moment))


def from_bus(stage: Stage, per_second: int, seconds: int) -> list[float]:
    """Measure from published to there, in milliseconds, at a steady pace."""
    name, count = stage.namespace(), per_second * seconds
    process, port = stage.sensor(name)
    process.start(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    with watched(stage, name) as seen:
        sent = stage.feed(name, count, 1 / per_second)
        until("all Workflows", lambda: stage.fired(name) >= count, 60)
    process.stop()
    stage.clear(name)
    return later(sent, seen)


def end_to_end(stage: Stage, sqs: ElasticMQ, per_second: int, seconds: int) -> list[float]:
    """Measure from sent to SQS to there, in milliseconds, at a steady pace, through both services."""
    name, count = stage.namespace(), per_second * seconds
    warm_up(sqs)
    queue = Queue.create(sqs.endpoint_url, name)
    sensor, port = stage.sensor(name)
    source, source_port = event_source(stage, name, queue)
    source.start(lambda: answers(f"http://127.0.0.1:{source_port}/readyz"))
    sensor.start(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    sent = {}
    with watched(stage, name) as seen, closing(http.client.HTTPConnection("127.0.0.1", sqs.port)) as connection:
        began = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, began + number / per_second - time.monotonic()))
            sent[number] = time.time()
            send(connection, queue, f"{number:08d}".ljust(BODY, "x"))
        until("all Workflows", lambda: stage.fired(name) >= count, 60)
    for process in (source, sensor):
        process.stop()
    stage.clear(name)
    return later(sent, seen)


def warm_up(sqs: ElasticMQ, messages: int = 5000) -> None:
    """Send and receive until the emulator's compiler has done its work: its first calls take five times as long."""
    queue = Queue.create(sqs.endpoint_url, "warm-up")
    queue.send_many(*map(str, range(messages)))
    while received := queue.receive():
        entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(received)]
        queue.call("DeleteMessageBatch", Entries=entries)
    with closing(http.client.HTTPConnection("127.0.0.1", sqs.port)) as connection:
        for number in range(messages // 5):
            send(connection, queue, str(number))


def send(connection: http.client.HTTPConnection, queue: Queue, body: str) -> None:
    """Send a message over a connection that stays open, as a producer does."""
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}
    connection.request("POST", "/", json.dumps({"QueueUrl": queue.url, "MessageBody": body}), headers)
    connection.getresponse().read()


def event_source(stage: Stage, name: str, queue: Queue) -> tuple[Process, int]:
    """Make the event source between a queue and the stream of this name; gives the port of its pages too."""
    port = free_port()
    environment = {
        "NATS_URL": stage.bus.url,
        "NATS_STREAM": name,
        "NATS_SUBJECT_PREFIX": name,
        "EVENTSOURCE_NAME": SOURCE,
        "EVENTSOURCE_EVENT": EVENT,
        "SQS_QUEUE": queue.url,
        "SQS_WAIT_TIME_SECONDS": "20",
        "AWS_ENDPOINT_URL": queue.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "METRICS_PORT": str(port),
        "LOG_LEVEL": "warn",
    }
    log = stage.folder / "eventsource.log"
    return Process("eventsource", [sys.executable, "-m", "eventsource"], log=log, env=environment), port


def later(sent: Mapping[int, float], seen: Mapping[int, float]) -> list[float]:
    """Give the milliseconds between sent and seen, without the first ones, which open the connections."""
    warm = len(sent) // 20
    return [(seen[number] - moment) * 1000 for number, moment in sent.items() if number >= warm]


def percentiles(values: list[float]) -> str:
    """Write the median and the 99th of a hundred."""
    return f"p50 {statistics.median(values):.1f} ms, p99 {statistics.quantiles(values, n=100)[98]:.1f} ms"


# ----------------------------------------------------------------------------------------------------------------- report


def idle(stage: Stage, seconds: float) -> tuple[float, float]:
    """Measure a sensor that has nothing to do: seconds until ready, and CPU seconds a minute."""
    name = stage.namespace()
    process, port = stage.sensor(name)
    began = time.monotonic()
    process.start(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    ready = time.monotonic() - began
    time.sleep(2)
    before = usage(process.pid).cpu
    time.sleep(seconds)
    used = usage(process.pid).cpu - before
    process.stop()
    return ready, used * 60 / seconds


def speed(stage: Stage, options: argparse.Namespace) -> None:
    """Sensor and bare client in turns, then Argo Events."""
    pairs = []
    for number in range(options.runs):
        pair = bare(stage, options.workflows), sensors(stage, options.workflows)
        pairs.append(pair)
        print(f"run {number + 1}: bare client {pair[0].rate:,.0f}/s, sensor {pair[1].rate:,.0f}/s", flush=True)
    ours = [sensor for _, sensor in pairs]
    share = Figure(tuple(100 * sensor.rate / other.rate for other, sensor in pairs))
    rows = [
        ["bare aiohttp client", Figure(tuple(other.rate for other, _ in pairs)).show(), "", ""],
        [
            "Argosy",
            Figure(tuple(run.rate for run in ours)).show(),
            Figure(tuple(run.cpu_ms for run in ours)).show(2),
            f"{max(run.memory for run in ours):.0f}",
        ],
    ]
    if os.environ.get("ARGO_EVENTS_BIN"):
        other = argo_events(stage, 100)
        rows.append(["Argo Events", f"{other.rate:.1f}", f"{other.cpu_ms:.2f}", f"{other.memory:.0f}"])
    print("\n" + table(["who", "Workflows/s", "CPU ms a Workflow", "high water MiB"], rows))
    print(
        f"\nArgosy's share of the bare client: {share.show()} %. {IN_FLIGHT} in flight, {options.workflows:,} Workflows a run."
    )


def scale(stage: Stage, far: Path, options: argparse.Namespace) -> None:
    """One, two and three sensors before a far API server, in turns."""
    rates: dict[int, list[float]] = {1: [], 2: [], 3: []}
    for _ in range(options.runs):
        for pods, found in rates.items():
            count = options.workflows * pods // 4
            found.append(sensors(stage, count, pods=pods, kubeconfig=far, in_flight=FAR_IN_FLIGHT).rate)
            print(f"{pods} sensor(s) at {FAR_MS} ms: {found[-1]:,.0f}/s", flush=True)
    one = statistics.median(rates[1])
    rows = [[str(pods), Figure(tuple(r)).show(), f"{statistics.median(r) / one:.2f}"] for pods, r in rates.items()]
    print("\n" + table(["sensors", f"Workflows/s, API server {FAR_MS} ms away", "times one"], rows))
    print(f"\n{FAR_IN_FLIGHT} in flight each.")


def far_config(stage: Stage, port: int) -> Path:
    """Write a kubeconfig that goes through the proxy."""
    document = yaml.safe_load(stage.kube.kubeconfig(stage.folder / "near").read_text())
    document["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    path = stage.folder / "far"
    path.write_text(yaml.safe_dump(document))
    return path


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workflows", type=int, default=4000, help="Workflows a run (default: 4,000)")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs (default: 5)")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of each measure of latency (default: 60)")
    parser.add_argument("--idle", type=float, default=60, help="seconds to watch an idle process (default: 60)")
    parser.add_argument("--only", choices=("speed", "scale", "joins", "latency", "idle"), help="one part alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        bus = servers.enter_context(NatsServer(folder / "nats"))
        kube = servers.enter_context(ApiServer(folder / "kube", binary=build.ALL["kube"](print)))
        stage = Stage(folder, bus, kube)
        # The API server makes ready for a kind when its first object comes, which takes two seconds.
        bare(stage, options.workflows // 4)
        if options.only in {None, "speed"}:
            speed(stage, options)
        if options.only in {None, "scale"}:
            proxies = servers.enter_context(Toxiproxy(build.ALL["toxiproxy"](print), folder / "toxiproxy"))
            proxy = proxies.proxy(kube.port)
            proxy.latency(FAR_MS // 2, stream="upstream")
            proxy.latency(FAR_MS // 2, stream="downstream")
            scale(stage, far_config(stage, proxy.port), options)
        if options.only in {None, "joins"}:
            joins(stage, options.workflows // 2, 3)
        if options.only in {None, "latency"}:
            print(f"\nBus → Workflow at 200/s: {percentiles(from_bus(stage, 200, options.seconds))}", flush=True)
            sqs = servers.enter_context(ElasticMQ(build.ALL["elasticmq"](print), folder / "elasticmq"))
            print(f"SQS → Workflow at 3/s: {percentiles(end_to_end(stage, sqs, 3, options.seconds))}", flush=True)
        if options.only in {None, "idle"}:
            ready, cpu = idle(stage, options.idle)
            print(f"Idle: ready after {ready:.2f} s, {cpu:.2f} s CPU a minute.")


if __name__ == "__main__":
    main()
