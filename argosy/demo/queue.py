"""The queue of the demo, seen from outside: made, filled, and looked at, on whichever emulator of SQS."""

import json
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from argosy.demo.failure import DemoError

KEY = "argosy-demo"
"""What the services log in with. Emulators look at no signature."""
_DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


@dataclass(frozen=True)
class Queue:
    """One queue at one endpoint."""

    http: aiohttp.ClientSession
    endpoint: str
    region: str
    url: str = ""

    async def create(self, name: str) -> Self:
        """Make sure that the queue is there."""
        answer = await self._call("CreateQueue", QueueName=name)
        return type(self)(self.http, self.endpoint, self.region, answer["QueueUrl"])

    async def send(self, body: str) -> None:
        """Send a message."""
        await self._call("SendMessage", QueueUrl=self.url, MessageBody=body)

    async def depth(self) -> int:
        """Count what the queue still holds: messages that wait, and messages that somebody has in hand."""
        answer = await self._call("GetQueueAttributes", QueueUrl=self.url, AttributeNames=list(_DEPTHS))
        return sum(int(value) for value in answer["Attributes"].values())

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a call needs besides its action; the name of the region stands in the signature."""
        scope = f"{KEY}/20260101/{self.region}/sqs/aws4_request"
        return {
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
        }

    async def _call(self, action: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        headers = {**self.headers, "X-Amz-Target": f"AmazonSQS.{action}"}
        try:
            async with self.http.post(self.endpoint, data=json.dumps(parameters), headers=headers) as answer:
                text = await answer.text()
                if answer.status >= 400:  # noqa: PLR2004 - the first of the errors in HTTP
                    raise DemoError(f"SQS at {self.endpoint} refused {action}: {answer.status} {text[:300]}")
                return json.loads(text or "{}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DemoError(f"SQS at {self.endpoint} did not answer {action}: {error!r}") from error
