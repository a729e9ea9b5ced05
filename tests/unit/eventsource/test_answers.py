"""Our parser reads what botocore's own reads; where it cannot, that one does."""

import asyncio
import json
from typing import Any

import pytest
from aiobotocore.parsers import AioResponseParserFactory
from botocore.session import get_session

from eventsource.consume.answers import Answers

MESSAGE = {
    "MessageId": "m",
    "ReceiptHandle": "r",
    "MD5OfBody": "0",
    "Body": 'tab \t "quote" é 🐎 \\ud83d',
    "Attributes": {"SentTimestamp": "1", "ApproximateReceiveCount": "2"},
    "MessageAttributes": {
        "s": {"DataType": "String", "StringValue": "é"},
        "b": {"DataType": "Binary", "BinaryValue": "AP8="},
    },
}


def both(operation: str, body: bytes, status: int = 200) -> tuple[Any, Any]:
    """Read an answer with our parser and with botocore's."""
    shape = get_session().get_service_model("sqs").operation_model(operation).output_shape
    response = {"status_code": status, "headers": {"x-amzn-requestid": "q"}, "body": body, "context": {}}

    async def parsed() -> tuple[Any, Any]:
        ours, theirs = (factory.create_parser("json") for factory in (Answers(), AioResponseParserFactory()))
        return await ours.parse(response, shape), await theirs.parse(response, shape)

    return asyncio.run(parsed())


def without_id(parsed: dict[str, Any]) -> dict[str, Any]:
    """Leave out what nobody reads."""
    return {**parsed, "ResponseMetadata": {**parsed["ResponseMetadata"], "RequestId": ""}}


@pytest.mark.parametrize(
    ("operation", "document"),
    [
        ("ReceiveMessage", {}),
        ("ReceiveMessage", {"Messages": [MESSAGE, {"MessageId": "n", "ReceiptHandle": "r", "Body": ""}]}),
        ("DeleteMessageBatch", {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "SenderFault": True, "Code": "x"}]}),
        ("GetQueueUrl", {"QueueUrl": "http://sqs/1/q"}),
        ("GetQueueAttributes", {"Attributes": {"ApproximateNumberOfMessages": "3"}}),
    ],
)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_an_answer_is_read_as_botocore_reads_it(operation: str, document: dict[str, Any], ascii_only: bool) -> None:  # noqa: FBT001 - a table
    """Every kind of answer that we ask for, written with and without escapes."""
    ours, theirs = both(operation, json.dumps(document, ensure_ascii=ascii_only).encode())
    assert without_id(ours) == without_id(theirs)


def test_half_of_a_surrogate_pair_is_no_reason_to_read_nothing() -> None:
    """Such a body would come back for ever."""
    ours, theirs = both("ReceiveMessage", rb'{"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"\ud83d"}]}')
    assert ours == theirs
    assert ours["Messages"][0]["Body"] == "\ud83d"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}'),
        (503, b"<html>busy</html>"),
        (500, b""),
    ],
)
def test_errors_are_left_to_botocore(status: int, body: bytes) -> None:
    """It knows their many forms."""
    ours, theirs = both("ReceiveMessage", body, status)
    assert ours == theirs
    assert ours["ResponseMetadata"]["HTTPStatusCode"] == status


def test_other_protocols_keep_their_parsers() -> None:
    """STS speaks another one."""
    assert type(Answers().create_parser("query")) is type(AioResponseParserFactory().create_parser("query"))
