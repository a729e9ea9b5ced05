"""The EventSource document: what is read, and what is refused with its place."""

from typing import Any

import pytest

from common import documents
from common.errors import ConfigurationError
from eventsource.spec import EventSource, Target

# fmt: off
KINDS = [
    "amqp", "azureEventsHub", "azureQueueStorage", "azureServiceBus", "bitbucket", "bitbucketserver", "calendar", "emitter",
    "file", "generic", "gerrit", "github", "gitlab", "hdfs", "kafka", "minio", "mqtt", "nats", "nsq", "pubSub", "pulsar",
    "redis", "redisStream", "resource", "sftp", "slack", "sns", "storageGrid", "stripe", "webhook",
]
# fmt: on


def document(**event: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Make a valid document; a test names only what it is about."""
    return {"metadata": {"name": "aws-sqs"}, "spec": {"sqs": {"orders": {"region": "us-east-1", "queue": "q", **event}}}}


def parse(value: dict[str, Any]) -> EventSource:
    """Parse and give the value."""
    return documents.parse(EventSource, value).value


def faults(value: dict[str, Any]) -> tuple[str, ...]:
    """Parse what must be refused and give the faults."""
    with pytest.raises(ConfigurationError) as caught:
        parse(value)
    return caught.value.faults


@pytest.mark.promise("I3")
@pytest.mark.parametrize(
    ("event", "fault"),
    [
        pytest.param({"region": ""}, "spec.sqs.orders: must specify region", id="no region"),
        pytest.param({"queue": None}, "spec.sqs.orders: must specify queue name", id="no queue"),
        pytest.param(
            {"waitTimeSeconds": "20"}, "spec.sqs.orders.waitTimeSeconds: Input should be a valid integer", id="wait as text"
        ),
        pytest.param({"metadata": {"a": 1}}, "spec.sqs.orders.metadata.a: Input should be a valid string", id="metadata"),
        pytest.param(
            {"accessKey": {"name": "n", "key": "k"}},
            "spec.sqs.orders: accessKey and secretKey belong together: give both or neither",
            id="one key",
        ),
        pytest.param(
            {"accessKey": {"name": "n"}}, "spec.sqs.orders.accessKey.key: required, but missing", id="selector without key"
        ),
        pytest.param(
            {"queue": "arn:aws:sqs:eu-west-1:123456789012:q"},
            "spec.sqs.orders: the queue's ARN is in eu-west-1, but region is us-east-1",
            id="ARN of another region",
        ),
        pytest.param(
            {"filter": {"expression": 17}},
            "spec.sqs.orders.filter.expression: Input should be a valid string",
            id="filter that is no text",
        ),
        pytest.param(
            {"argosy": {"idempotencyKey": "body..id"}},
            "spec.sqs.orders.argosy.idempotencyKey: 'body..id' is no path: names with dots between them, as body.order_id",
            id="idempotency key that is no path",
        ),
        pytest.param(
            {"argosy": {"idempotencyKey": "id"}},
            "spec.sqs.orders.argosy.idempotencyKey: 'id' must begin with body or messageAttributes",
            id="idempotency key out of nowhere",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(event: dict[str, Any], fault: str) -> None:
    """Each fault names the path in the document as its author would write it."""
    assert faults(document(**event)) == (fault,)


@pytest.mark.promise("I6")
@pytest.mark.parametrize("kind", KINDS)
def test_every_other_kind_is_refused_by_name(kind: str) -> None:
    """Argosy reads SQS; a document that names anything else says what."""
    value = document()
    value["spec"][kind] = {"example": {}}
    assert faults(value) == (f"spec.{kind}: this kind of event source is not supported: Argosy reads SQS",)


@pytest.mark.parametrize("name", ["a.b", "a b", "", "a*", ">", "a\tb"])
def test_names_that_can_be_no_token_are_refused(name: str) -> None:
    """Such an event would never reach the bus (fault F30 of Argo Events)."""
    value = document()
    value["spec"]["sqs"] = {name: value["spec"]["sqs"]["orders"]}
    (fault,) = faults(value)
    assert fault.startswith(f"spec.sqs: {name!r} cannot name an event")
    (fault,) = faults({"metadata": {"name": name}, "spec": {}})
    assert fault.startswith(f"metadata.name: {name!r} cannot name an event source")


@pytest.mark.promise("I6")
def test_every_field_of_argo_events_is_read() -> None:
    """A document with everything that an SQS event source may say, in any case of letters."""
    value = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "EventSource",
        "metadata": {"name": "aws-sqs", "namespace": "argo", "labels": {"a": "b"}, "creationTimestamp": None},
        "spec": {
            "eventBusName": "default",
            "replicas": 2,
            "template": {"serviceAccountName": "sa"},
            "service": {"ports": [{"port": 1}]},
            "SQS": {
                "orders": {
                    "Region": "us-east-1",
                    "queue": "q",
                    "queueAccountId": "123456789012",
                    "waitTimeSeconds": 20,
                    "endpoint": "http://localhost:9324",
                    "roleARN": "arn:aws:iam::1:role/x",
                    "accessKey": {"name": "s", "key": "a"},
                    "secretKey": {"name": "s", "key": "b"},
                    "sessionToken": {"name": "s", "key": "c"},
                    "jsonBody": True,
                    "dlq": True,
                    "metadata": {"team": "blue"},
                    "filter": {"expression": "body.id > 16"},
                }
            },
        },
        "status": {},
    }
    parsed = documents.parse(EventSource, value)
    assert parsed.warnings == ()
    event = parsed.value.spec.sqs["orders"]
    assert (event.region, event.role_arn, event.json_body, event.dlq) == ("us-east-1", "arn:aws:iam::1:role/x", True, True)
    assert event.access_key is not None
    assert (event.access_key.name, event.access_key.key) == ("s", "a")
    assert event.metadata == {"team": "blue"}


def test_an_unknown_field_is_warned_about() -> None:
    """A typing error is told with its path and does not stop the pod."""
    assert documents.parse(EventSource, document(nonsense=1)).warnings == ("spec.sqs.orders.nonsense: unknown field, ignored",)


@pytest.mark.parametrize(("given", "wait"), [(None, 3), (0, 3), (1, 1), (20, 20), (21, 20), (-1, 3)])
def test_a_wait_is_what_sqs_can_do(given: int | None, wait: int) -> None:
    """As in Argo Events, 0 and nothing mean 3; what SQS would refuse at each receive is read as what comes next to it."""
    assert parse(document(waitTimeSeconds=given)).spec.sqs["orders"].wait == wait


@pytest.mark.parametrize(
    ("queue", "account", "target"),
    [
        ("orders", "", Target("orders")),
        ("orders.fifo", "1", Target("orders.fifo", "1")),
        ("arn:aws:sqs:us-east-1:123456789012:orders", "", Target("orders", "123456789012")),
        ("arn:aws-us-gov:sqs:us-east-1:1:orders", "2", Target("orders", "2")),
        (
            "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
            "",
            Target("orders", "123456789012", "https://sqs.us-east-1.amazonaws.com/123456789012/orders"),
        ),
        (
            "http://localhost:9324/queue/000000000000/q",
            "",
            Target("q", "000000000000", "http://localhost:9324/queue/000000000000/q"),
        ),
    ],
)
def test_a_queue_is_named_by_name_arn_or_url(queue: str, account: str, target: Target) -> None:
    """All three forms end in the same value."""
    assert parse(document(queue=queue, queueAccountId=account)).spec.sqs["orders"].target == target


def test_keys_are_not_looked_at_beside_a_role() -> None:
    """As in Argo Events the role wins, so one key alone is no fault then."""
    parse(document(roleARN="arn:aws:iam::1:role/x", accessKey={"name": "n", "key": "k"}))


@pytest.mark.promise("I3")
@pytest.mark.parametrize("text", ["body.id >", "body.id > 16)", "((", "'"])
def test_a_filter_that_is_none_is_told_with_its_place(text: str) -> None:
    """Argo Events finds out when the first message comes, and deletes it (fault F2)."""
    (fault,) = faults(document(filter={"expression": text}))
    assert fault.startswith("spec.sqs.orders.filter.expression: ")


def test_no_expression_lets_everything_pass() -> None:
    """As in Argo Events an empty filter is none."""
    for given in (None, {}, {"expression": ""}):
        assert parse(document(filter=given)).spec.sqs["orders"].filter.passes is None
