"""SQS: receive, delete, change visibility. The only file that knows the AWS libraries; their errors end here.

Savings that are measured (a quarter of the CPU of a request): no parameter validation, a fixed user agent, one handler
less. The pool has room for every poller and for deletes beside them: a poller keeps its connection for up to 20 s.
"""

import asyncio
import gc
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aioboto3
import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioAssumeRoleCredentialFetcher, AioDeferredRefreshableCredentials
from aiobotocore.session import AioSession, get_session
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.handlers import add_recursion_detection_header

from common.errors import Refused, ServiceError, Unavailable
from common.metrics import version
from eventsource.metrics import QueueMetrics
from eventsource.ports import Answer, Message
from eventsource.spec import SecretKeySelector, SqsEvent

CONNECT_TIMEOUT = 5
"""Seconds for a connection to SQS."""
GRACE = 10
"""Seconds that an answer may take beyond the long poll."""
SPARE_CONNECTIONS = 20
"""Connections beside those of the pollers, for deletes and renewals."""
ATTEMPT_LIFE = 240
"""Seconds for which a receive whose answer was lost can be asked for again; SQS remembers it for 300."""
DETAIL = 300
"""Characters of SQS' own words that go into ours."""

_SYSTEM_ATTRIBUTES = [
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "AWSTraceHeader",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SentTimestamp",
]
_THROTTLED = frozenset(
    {
        "KMS.ThrottlingException",
        "KmsThrottled",
        "OverLimit",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_LOST = ("ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue", "InvalidReceiptHandle")
_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
_SERVER_ERROR, _TOO_MANY = 500, 429
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)


class Aws:
    """What all queues of the process share: the models of the services, and the credentials of the pod."""

    def __init__(self, secrets: Path) -> None:
        self.secrets = secrets
        self.session = get_session()

    def queue(self, spec: SqsEvent, *, pollers: int, metrics: QueueMetrics) -> "SqsQueue":
        """Give one queue; nothing is opened yet."""
        return SqsQueue(self, spec, pollers=pollers, metrics=metrics)


class SqsQueue:
    """One queue, with a client of its own."""

    def __init__(self, aws: Aws, spec: SqsEvent, *, pollers: int, metrics: QueueMetrics) -> None:
        self._aws = aws
        self._spec = spec
        self._target = spec.target
        self._metrics = metrics
        self._config = AioConfig(
            parameter_validation=False,
            user_agent=f"argosy/{version()}",
            max_pool_connections=2 * pollers + SPARE_CONNECTIONS,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=spec.wait + GRACE,
            # Our own loops retry, so that a failure is seen, counted and paced in one place.
            retries={"total_max_attempts": 1, "mode": "standard"},
        )
        self._clients = AsyncExitStack()
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
        keys = self._read_keys()
        if self._client is None or keys != self._keys:
            self._client = await self._connect(keys)
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
        await self._clients.aclose()

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
            if _code(error.__cause__) in _NO_QUEUE:
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

    async def _connect(self, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - the client is made at run time
        options: dict[str, Any] = {"region_name": self._spec.region, "config": self._config}
        if self._spec.endpoint:
            options["endpoint_url"] = self._spec.endpoint
        if keys:
            options |= dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), keys, strict=False))
        try:
            core = await _with_role(self._aws.session, self._spec) if self._spec.role_arn else self._aws.session
            # Not closed when the keys change: calls may still run on the one before.
            made = aioboto3.Session(botocore_session=core).client("sqs", **options)
            client = await self._clients.enter_async_context(made)
        except (BotoCoreError, ClientError, ValueError, OSError) as error:
            raise _service_error("connect", error) from error
        # It asks the environment at each request whether this is AWS Lambda.
        client.meta.events.unregister("before-call", add_recursion_detection_header)
        # What the making of a client leaves behind in circles, 4 MiB, is better used again now than found much later.
        gc.collect()
        return client

    def _read_keys(self) -> tuple[str, ...]:
        if self._spec.role_arn:
            return ()  # as in Argo Events: with a role the keys are not looked at
        selectors = [self._spec.access_key, self._spec.secret_key, self._spec.session_token]
        return tuple(self._read(selector) for selector in selectors if selector) if self._spec.access_key else ()

    def _read(self, selector: SecretKeySelector) -> str:
        path = self._aws.secrets / selector.name / selector.key
        try:
            return path.read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"secret {selector.name}, key {selector.key}: {path} cannot be read") from error

    async def _call(self, operation: str, method: Any, **parameters: Any) -> Any:  # noqa: ANN401 - as SQS has them
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._spec.wait + GRACE + CONNECT_TIMEOUT):
                try:
                    answer = await method(**parameters)
                except ConnectionClosedError:
                    # The server closed an idle connection just as we took it from the pool.
                    answer = await method(**parameters)
        except (BotoCoreError, ClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            fault = _service_error(operation, error)
            outcome = "throttled" if _code(error) in _THROTTLED else "error"
            self._metrics.source.requests[operation, outcome].observe(time.perf_counter() - began)
            raise fault from error
        self._metrics.source.requests[operation, "success"].observe(time.perf_counter() - began)
        return answer


async def _with_role(base: AioSession, spec: SqsEvent) -> AioSession:
    """Give a session that assumes the role with the pod's own credentials, and again before they expire."""
    source = await base.get_credentials()
    if source is None:
        raise NoCredentialsError

    def client(service: str, **options: Any) -> Any:  # noqa: ANN401 - as the library has it
        return base.create_client(service, region_name=base.get_config_variable("region") or spec.region, **options)

    fetcher = AioAssumeRoleCredentialFetcher(client, source, spec.role_arn)
    core = get_session()
    core._credentials = AioDeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")  # noqa: SLF001 - no other way in
    return core


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


def _service_error(operation: str, error: Exception) -> ServiceError:
    if isinstance(error, ClientError):
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        text = f"{operation}: {_code(error)}: {said.get('Message', '')}"[:DETAIL]
        if status >= _SERVER_ERROR or status == _TOO_MANY or _code(error) in _THROTTLED:
            return Unavailable(text)
        return Refused(text)
    text = f"{operation}: {str(error) or type(error).__name__}"[:DETAIL]
    return Refused(text) if isinstance(error, (*_NO_CREDENTIALS, ValueError)) else Unavailable(text)


def _code(error: BaseException | None) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def _arn(region: str, url: str) -> str:
    """Make the ARN from the URL: asking for it would need one more permission."""
    account, name = url.rstrip("/").split("/")[-2:]
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:sqs:{region}:{account}:{name}"
