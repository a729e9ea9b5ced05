"""One queue: receive, delete, change visibility. Every call is counted, timed and given up in time."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from botocore.exceptions import ConnectionClosedError

from common.errors import Refused, Unavailable
from eventsource.consume.client import CONNECT_TIMEOUT, GRACE, Clients
from eventsource.consume.faults import ERRORS, queue_is_gone, service_error, throttled
from eventsource.metrics import QueueMetrics
from eventsource.ports import Answer, Message
from eventsource.spec import SqsEvent

ATTEMPT_LIFE = 240
"""Seconds for which a receive whose answer was lost can be asked for again; SQS remembers it for 300."""

_SYSTEM_ATTRIBUTES = [
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "AWSTraceHeader",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SentTimestamp",
]
_LOST = ("ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue", "InvalidReceiptHandle")


class Aws:
    """What all queues of the process share."""

    def __init__(self, secrets: Path) -> None:
        self._clients = Clients(secrets)

    def queue(self, spec: SqsEvent, *, pollers: int, metrics: QueueMetrics) -> "SqsQueue":
        """Give one queue; nothing is opened yet."""
        return SqsQueue(self._clients, spec, pollers=pollers, metrics=metrics)


class SqsQueue:
    """One queue, with a client of its own."""

    def __init__(self, clients: Clients, spec: SqsEvent, *, pollers: int, metrics: QueueMetrics) -> None:
        self._clients = clients
        self._spec = spec
        self._target = spec.target
        self._metrics = metrics
        self._pollers = pollers
        self._open = AsyncExitStack()
        self._client: Any = None
        self._keys: tuple[str, ...] | None = None
        self._url = self._target.url
        self._unanswered: list[tuple[float, str]] = []
        self.arn = ""

    @property
    def fifo(self) -> bool:
        """Whether the order of a message group matters."""
        return self._target.name.endswith(".fifo")

    async def open(self) -> None:
        """Log in with the keys as they are now, and find the queue."""
        keys = self._clients.read_keys(self._spec)
        if self._client is None or keys != self._keys:
            # The one before is not closed: calls may still run on it.
            self._client = await self._clients.connect(self._spec, keys, pollers=self._pollers, clients=self._open)
            self._keys = keys
        if not self._target.url:
            wanted = {"QueueName": self._target.name}
            if self._target.account:
                wanted["QueueOwnerAWSAccountId"] = self._target.account
            answer = await self._call("get_url", self._client.get_queue_url, **wanted)
            if "QueueUrl" not in answer:
                raise Unavailable("get_url: the answer holds no URL; is this SQS?")
            self._url = answer["QueueUrl"]
        self.arn = _arn(self._spec.region, self._url)

    async def close(self) -> None:
        """Close every connection."""
        await self._open.aclose()

    async def receive(self, count: int, *, wait: int, visibility: int) -> list[Message]:
        """Receive up to `count` messages, each ours for `visibility` seconds."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        wanted: dict[str, Any] = {
            "QueueUrl": self._url,
            "MaxNumberOfMessages": count,
            "WaitTimeSeconds": wait,
            "VisibilityTimeout": visibility,
            "AttributeNames": _SYSTEM_ATTRIBUTES,
            "MessageAttributeNames": ["All"],
        }
        if self.fifo:
            wanted["ReceiveRequestAttemptId"] = self._attempt_id(began)
        try:
            answer = await self._call("receive", self._client.receive_message, **wanted)
        except Unavailable:
            if self.fifo:
                self._unanswered.append((began, wanted["ReceiveRequestAttemptId"]))
            raise
        # An answer later than the poll could last lay somewhere while the lease ran.
        lease_until = min(loop.time(), began + wait + 1) + visibility
        now = time.time()
        return [_message(document, now, lease_until) for document in answer.get("Messages") or ()]

    def _attempt_id(self, now: float) -> str:
        """Name a receive of a FIFO queue: where the answer of one was lost, that one is asked for again.

        Its messages would block their groups until their lease ends; so they come at once, and count as received once.
        """
        while self._unanswered:
            began, name = self._unanswered.pop()
            if now - began < ATTEMPT_LIFE:
                return name
        return secrets.token_hex(16)

    async def delete(self, receipts: Sequence[str]) -> list[Answer]:
        """Delete messages."""
        entries = [{"Id": str(n), "ReceiptHandle": receipt} for n, receipt in enumerate(receipts)]
        return await self._batch("delete", self._client.delete_message_batch, entries)

    async def change_visibility(self, entries: Sequence[tuple[str, int]]) -> list[Answer]:
        """Set when messages are seen again."""
        batch = [
            {"Id": str(n), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
            for n, (receipt, seconds) in enumerate(entries)
        ]
        return await self._batch("change_visibility", self._client.change_message_visibility_batch, batch)

    async def _batch(self, operation: str, method: Any, entries: list[dict[str, Any]]) -> list[Answer]:  # noqa: ANN401
        try:
            answer = await self._call(operation, method, QueueUrl=self._url, Entries=entries)
        except Refused as error:
            if queue_is_gone(error.__cause__):
                # The messages went with the queue; one that is made anew knows nothing of these receipts.
                return [Answer.LOST] * len(entries)
            raise
        return _answers(answer, len(entries))

    async def depth(self) -> dict[str, int]:
        """Count the messages that are visible, in flight and delayed."""
        names = {
            "visible": "ApproximateNumberOfMessages",
            "in_flight": "ApproximateNumberOfMessagesNotVisible",
            "delayed": "ApproximateNumberOfMessagesDelayed",
        }
        call = self._client.get_queue_attributes
        answer = await self._call("get_attributes", call, QueueUrl=self._url, AttributeNames=list(names.values()))
        return {state: int(answer["Attributes"].get(name, 0)) for state, name in names.items()}

    async def _call(self, operation: str, method: Any, **parameters: Any) -> Any:  # noqa: ANN401 - as SQS has them
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._spec.wait + GRACE + CONNECT_TIMEOUT):
                try:
                    answer = await method(**parameters)
                except ConnectionClosedError:
                    # The server closed an idle connection just as we took it from the pool.
                    answer = await method(**parameters)
        except ERRORS as error:
            outcome = "throttled" if throttled(error) else "error"
            self._metrics.source.requests[operation, outcome].observe(time.perf_counter() - began)
            raise service_error(operation, error) from error
        self._metrics.source.requests[operation, "success"].observe(time.perf_counter() - began)
        return answer


def _message(document: dict[str, Any], now: float, lease_until: float) -> Message:
    system = document.get("Attributes") or {}
    return Message(
        id=document.get("MessageId", ""),
        body=document.get("Body") or "",
        receipt=document["ReceiptHandle"],
        received_at=now,
        lease_until=lease_until,
        attributes=document.get("MessageAttributes"),
        receive_count=int(system.get("ApproximateReceiveCount") or 1),
        sent=system.get("SentTimestamp") or "",
        first_receive=system.get("ApproximateFirstReceiveTimestamp") or "",
        group=system.get("MessageGroupId") or "",
        deduplication=system.get("MessageDeduplicationId") or "",
        trace_header=system.get("AWSTraceHeader") or "",
    )


def _answers(answer: dict[str, Any], count: int) -> list[Answer]:
    """Look at every entry: a batch answers 200 even where some of it failed."""
    answers = [Answer.AGAIN] * count
    for entry in answer.get("Successful") or ():
        answers[int(entry["Id"])] = Answer.OK
    for entry in answer.get("Failed") or ():
        lost = str(entry.get("Code", "")).endswith(_LOST)
        answers[int(entry["Id"])] = Answer.LOST if lost else Answer.AGAIN
    return answers


def _arn(region: str, url: str) -> str:
    """Make the ARN from the URL: asking for it would need one more permission."""
    account, name = url.rstrip("/").split("/")[-2:]
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:sqs:{region}:{account}:{name}"
