"""What stands in an event: the text of numbers, every fact that SQS knows, and what happens where a key is missing."""

import json
from typing import Any

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, document, stored
from tests.servers.sqs import Queue

JSON = [
    '{"big":12345678901234567890123,"money":1.50,"e":1e5,"zero":-0.0}',
    '{"a":1,"a":2}',
    '{"z":1,"a":[1.0,2]}',
    "9007199254740993",
    '"text"',
    "null",
]
"""JSON whose text says more than its value."""
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.mark.promise("E2")
def test_the_text_of_json_is_kept(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """With jsonBody: big integers, trailing zeros, exponents, keys that are there twice and their order."""
    service = source(nats_server.url, queue, document=document(orders={"queue": queue.name, "jsonBody": True}))
    queue.send_many(*JSON)
    service.start()
    eventually("an empty queue", queue.empty, 30)
    data = [(message.event.data or b"").decode() for message in stored(nats_server.url, stream)]
    assert sorted(text.partition('"body":')[2][:-1] for text in data) == sorted(JSON)


@pytest.mark.promise("E5")
def test_every_fact_of_a_message_is_addressable(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Id, attributes (bytes too), group, deduplication id, receive count, times, queue, and the trace in both its forms."""
    fifo = Queue.create(queue.endpoint, f"{queue.name}.fifo", FifoQueue="true")
    message_id = fifo.send(
        "body",
        MessageGroupId="customer-7",
        MessageDeduplicationId="d-1",
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "order"},
            "seal": {"DataType": "Binary", "BinaryValue": "AP8="},
        },
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": TRACE}},
    )
    service = source(nats_server.url, fifo)
    service.start()
    eventually("an empty queue", fifo.empty, 30)
    (message,) = stored(nats_server.url, stream)
    extensions, data = message.event.extensions, json.loads(message.event.data or b"")
    assert message.event.id == message_id.replace("-", "")
    assert data["messageId"] == message_id
    assert data["messageAttributes"]["kind"]["StringValue"] == "order"
    assert data["messageAttributes"]["seal"]["BinaryValue"] == "AP8="
    assert {name: value for name, value in extensions.items() if not value.isdigit()} == {
        "sqsqueuearn": fifo.arn,
        "sqsmessagegroupid": "customer-7",
        "sqsdeduplicationid": "d-1",
        "awstraceheader": TRACE,
        "traceparent": "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
    }
    assert extensions["sqsreceivecount"] == "1"
    assert int(extensions["sqsfirstreceive"]) >= int(extensions["sqssenttimestamp"]) > 1_700_000_000_000


@pytest.mark.promise("E3")
@pytest.mark.parametrize(
    ("options", "body", "becomes"),
    [
        pytest.param({"filter": {"expression": "body.order.id > 1"}}, '{"a":1}', "filter_error", id="in a filter"),
        pytest.param({"filter": {"expression": "body.id > 1"}}, '{"id":"x"}', "filter_error", id="of another type"),
        pytest.param({"argosy": {"idempotencyKey": "body.order"}}, '{"a":1}', None, id="as an idempotency key"),
    ],
)
def test_a_key_that_is_missing(  # noqa: PLR0917 - a table and its servers
    options: dict[str, Any],
    body: str,
    becomes: str | None,
    nats_server: NatsServer,
    queue: Queue,
    source: Source,
    stream: str,
) -> None:
    """A filter that cannot judge parks the message with its bytes; without its key a message is its own, and counted."""
    text = document(orders={"queue": queue.name, "jsonBody": True, **options})
    service = source(nats_server.url, queue, document=text)
    queue.send(body)
    service.start()
    eventually("an empty queue", queue.empty, 30)
    letters = [
        (letter.payload.decode(), letter.headers["Argosy-Reason"])
        for letter in stored(nats_server.url, f"{stream}-deadletters")
    ]
    if becomes:
        assert letters == [(body, becomes)]
        assert stored(nats_server.url, stream) == []
    else:
        assert letters == []
        assert service.total("argosy_source_idempotency_key_missing_total") == 1
        assert len(stored(nats_server.url, stream)) == 1
