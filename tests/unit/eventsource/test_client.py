"""The AWS client without what it does not need still finds every region, and signs with our signer."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import EndpointConnectionError

from eventsource.consume import signature
from eventsource.consume.client import Clients
from eventsource.spec import SqsEvent


@pytest.mark.parametrize(
    ("region", "address"),
    [
        ("eu-central-1", "https://sqs.eu-central-1.amazonaws.com"),
        ("cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "https://sqs.us-gov-west-1.amazonaws.com"),
        ("xx-new-9", "https://sqs.xx-new-9.amazonaws.com"),
    ],
)
async def test_every_partition_has_its_address(region: str, address: str) -> None:
    """Regions of each partition, and one that is newer than the library."""
    spec = SqsEvent.model_validate({"region": region, "queue": "q"})
    async with AsyncExitStack() as clients:
        client = await Clients(Path("/nowhere")).connect(spec, (), pollers=1, clients=clients)
        assert client.meta.endpoint_url == address


async def test_requests_are_signed_by_our_signer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves the client went through it, under the region of the document."""
    signed: list[str] = []
    add_auth = signature.JsonSigV4.add_auth

    def noted(self: signature.JsonSigV4, request: AWSPreparedRequest) -> None:
        add_auth(self, request)
        signed.append(request.headers["Authorization"])

    monkeypatch.setattr(signature.JsonSigV4, "add_auth", noted)
    spec = SqsEvent.model_validate({"region": "eu-central-1", "queue": "q", "endpoint": "http://127.0.0.1:9"})
    async with AsyncExitStack() as clients:
        client = await Clients(Path("/nowhere")).connect(spec, (), pollers=1, clients=clients)
        with pytest.raises(EndpointConnectionError):
            await client.get_queue_url(QueueName="q")
    assert "/eu-central-1/sqs/aws4_request" in signed[0]
