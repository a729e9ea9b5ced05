"""The few calls of SQS that a test needs to set its scene, without a client library and without an event loop."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any


def call(endpoint: str, action: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - as SQS has them
    """Make one call; an answer that is no success raises `urllib.error.HTTPError`."""
    request = urllib.request.Request(  # noqa: S310 - always http://127.0.0.1
        f"{endpoint}/",
        data=json.dumps(parameters).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"AmazonSQS.{action}",
            # Nobody checks it, but moto reads the service and the region from it.
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, Signature=none",
        },
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


@dataclass(frozen=True)
class Queue:
    """A queue of an emulator, and what a test does with it from outside."""

    name: str
    url: str
    arn: str
    endpoint: str

    @classmethod
    def create(cls, endpoint: str, name: str, **attributes: str) -> "Queue":
        """Make a queue with attributes as SQS names them (`VisibilityTimeout="2"`, `FifoQueue="true"`)."""
        url = call(endpoint, "CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = call(endpoint, "GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return cls(name, url, arn, endpoint)

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - as SQS has them
        """Make any call of SQS on this queue."""
        return call(self.endpoint, action, QueueUrl=self.url, **parameters)

    def send(self, body: str, **parameters: Any) -> str:  # noqa: ANN401 - as SQS has them
        """Send one message and give its MessageId."""
        return self.call("SendMessage", MessageBody=body, **parameters)["MessageId"]

    def send_many(self, *bodies: str) -> list[str]:
        """Send messages in batches of ten and give their MessageIds in the order of the bodies."""
        ids = []
        for start in range(0, len(bodies), 10):
            batch = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + 10])]
            answer = self.call("SendMessageBatch", Entries=batch)
            assert not answer.get("Failed"), answer["Failed"]
            ids += [e["MessageId"] for e in sorted(answer["Successful"], key=lambda entry: int(entry["Id"]))]
        return ids

    def receive(self, count: int = 10, wait: int = 0) -> list[dict[str, Any]]:
        """Receive messages once, with all their attributes."""
        answer = self.call(
            "ReceiveMessage",
            MaxNumberOfMessages=count,
            WaitTimeSeconds=wait,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def counts(self) -> tuple[int, int, int]:
        """Count the messages: visible, in flight, delayed."""
        names = (
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        )
        attributes = self.call("GetQueueAttributes", AttributeNames=list(names))["Attributes"]
        visible, in_flight, delayed = (int(attributes[name]) for name in names)
        return visible, in_flight, delayed

    def empty(self) -> bool:
        """Tell whether the queue holds nothing at all: every message was deleted."""
        return self.counts() == (0, 0, 0)
