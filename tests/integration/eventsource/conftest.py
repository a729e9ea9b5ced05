"""The event source as a child process, and what it left on the bus."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from common import cloudevent
from common.cloudevent import CloudEvent
from eventsource.consume import Aws, SqsQueue
from eventsource.ports import Message
from eventsource.spec import SqsEvent
from tests.endtoend.rig import Service
from tests.fakes_eventsource import new_metrics
from tests.servers.sqs import Queue


@dataclass(frozen=True)
class Stored:
    """One message of a stream."""

    subject: str
    headers: Mapping[str, str]
    payload: bytes
    sequence: int = 0

    @property
    def event(self) -> CloudEvent:
        """Read it as an event."""
        return cloudevent.load(self.payload)

    @property
    def body(self) -> Any:  # noqa: ANN401 - any JSON
        """Give the body of the SQS message."""
        return json.loads(self.event.data or b"")["body"]


def stored(url: str, stream: str) -> list[Stored]:
    """Read everything that a stream holds, in order."""
    return asyncio.run(_stored(url, stream))


async def _stored(url: str, stream: str) -> list[Stored]:
    client = await nats.connect(url)
    try:
        context = client.jetstream()
        waiting = (await context.stream_info(stream)).state.messages
        subscription = await context.pull_subscribe(
            "", stream=stream, config=ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=30)
        )
        found: list[Stored] = []
        while len(found) < waiting:
            for message in await subscription.fetch(min(500, waiting - len(found)), timeout=10):
                headers, sequence = dict(message.headers or {}), message.metadata.sequence.stream
                found.append(Stored(message.subject, headers, message.data, sequence))
        return found
    finally:
        await client.close()


def count(url: str, stream: str) -> int:
    """Count what a stream holds."""

    async def ask() -> int:
        client = await nats.connect(url)
        try:
            return (await client.jetstream().stream_info(stream)).state.messages
        finally:
            await client.close()

    return asyncio.run(ask())


def count_or_zero(url: str, stream: str) -> int:
    """Count what a stream holds, which may not be there yet."""
    try:
        return count(url, stream)
    except NotFoundError:
        return 0


def books(service: Service) -> tuple[float, float]:
    """Read received on one side, outcomes and what is in hand on the other, from one scrape."""
    series = service.metrics()

    def total(name: str) -> float:
        return sum(value for key, value in series.items() if key.partition("{")[0] == name)

    outcomes = total("argosy_source_outcomes_total") + total("argosy_source_messages_in_flight")
    return total("argosy_source_messages_received_total"), outcomes


def take(url: str, stream: str, subject: str) -> list[str]:
    """Read what a subject holds, and take just that off the stream, as a sensor does that is done with it."""
    found = [message for message in stored(url, stream) if message.subject == subject]

    async def ask() -> None:
        client = await nats.connect(url)
        try:
            # Up to what was read: what comes meanwhile stays.
            await client.jetstream().purge_stream(stream, seq=found[-1].sequence + 1, subject=subject)
        finally:
            await client.close()

    if found:
        asyncio.run(ask())
    return [message.body for message in found]


@dataclass
class Source:
    """Makes event sources of one test; all are ended with it."""

    folder: Path
    stream: str
    services: list[Service] = field(default_factory=list)

    def __call__(self, bus: str, queue: Queue, *, document: Any = None, **environment: str) -> Service:  # noqa: ANN401 - any JSON
        """Make the service for a queue, by variables alone unless a document is given; it is not started yet."""
        folder = self.folder / str(len(self.services))
        folder.mkdir()
        variables = {
            "NATS_URL": bus,
            "NATS_STREAM": self.stream,
            "NATS_SUBJECT_PREFIX": self.stream,
            "AWS_ENDPOINT_URL": queue.endpoint,
            "SQS_WAIT_TIME_SECONDS": "1",
        }
        if document is None:
            variables |= {"EVENTSOURCE_NAME": "aws-sqs", "EVENTSOURCE_EVENT": "orders", "SQS_QUEUE": queue.name}
        else:
            path = folder / "source.yaml"
            path.write_text(json.dumps(document))
            variables["EVENTSOURCE_FILE"] = str(path)
        service = Service("eventsource", folder, variables | environment)
        self.services.append(service)
        return service


@pytest.fixture
def source(tmp_path: Path, stream: str) -> Iterator[Source]:
    """Give what makes event sources for this test's stream."""
    made = Source(tmp_path, stream)
    yield made
    for service in made.services:
        service.process.kill()


@pytest.fixture
def redriven(queue: Queue) -> Callable[[int], tuple[Queue, Queue]]:
    """Make a queue with a dead-letter queue of its own: (queue, its dead letters)."""

    def make(receives: int) -> tuple[Queue, Queue]:
        dead = Queue.create(queue.endpoint, f"{queue.name}-dead")
        policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": receives})
        return Queue.create(queue.endpoint, f"{queue.name}-main", RedrivePolicy=policy, VisibilityTimeout="2"), dead

    return make


def document(**events: Mapping[str, Any]) -> dict[str, Any]:
    """Write an EventSource document with these entries of `spec.sqs`."""
    sqs = {name: {"region": "us-east-1", "waitTimeSeconds": 1, **event} for name, event in events.items()}
    return {"kind": "EventSource", "metadata": {"name": "aws-sqs"}, "spec": {"sqs": sqs}}


def sqs(endpoint: str, queue: str, *, secrets: Path = Path("/nowhere"), **event: Any) -> SqsQueue:  # noqa: ANN401 - fields
    """Make a queue as the event source sees it; nothing is opened yet."""
    spec = SqsEvent.model_validate({"region": "us-east-1", "queue": queue, "endpoint": endpoint, **event})
    return Aws(secrets).queue(spec, pollers=4, metrics=new_metrics())


async def received(edge: SqsQueue) -> list[Message]:
    """Open, receive once, close."""
    try:
        await edge.open()
        return await edge.receive(10, wait=1, visibility=30)
    finally:
        await edge.close()
