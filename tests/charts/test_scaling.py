"""KEDA: from nothing and back to nothing, by what waits in SQS and on the bus."""

import asyncio
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import nats
import pytest

from argosy.servers.nats import NatsServer
from common.subjects import Names, durable, replayer
from tests.charts.helm import EXAMPLES, Helm, Refused
from tests.charts.items import SENSOR, rendered

ON = {"keda": {"enabled": True}}


def triggers(scaled: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Give the metadata of a ScaledObject's triggers of one type."""
    return [trigger["metadata"] for trigger in scaled["spec"]["triggers"] if trigger["type"] == kind]


@pytest.mark.promise("I5")
def test_an_event_source_follows_its_queues(helm3: Helm) -> None:
    """One trigger for each queue, down to no pod; the Deployment leaves its replicas to KEDA."""
    found = rendered(helm3, source=ON)
    scaled = found.one("ScaledObject")
    assert scaled["spec"]["scaleTargetRef"]["name"] == "rel-argosy-eventsource-orders"
    assert (scaled["spec"]["minReplicaCount"], scaled["spec"]["maxReplicaCount"]) == (0, 10)
    [queue] = triggers(scaled, "aws-sqs-queue")
    assert queue == {"queueURL": "orders", "awsRegion": "eu-west-1", "queueLength": "1000"}
    assert "replicas" not in found.one("Deployment", "eventsource")["spec"]
    assert found.one("Deployment", "sensor")["spec"]["replicas"] == 1
    assert found.one("PodDisruptionBudget")["metadata"]["name"] == "rel-argosy-eventsource-orders"


@pytest.mark.promise("I5")
def test_a_sensor_follows_its_queues_and_its_consumers(helm3: Helm) -> None:
    """SQS wakes it before the first event is on the bus; the lag keeps it while events wait, under the sensor's own names."""
    scaled = rendered(helm3, sensor=ON).one("ScaledObject")
    assert [queue["queueURL"] for queue in triggers(scaled, "aws-sqs-queue")] == ["orders"]
    [lag] = triggers(scaled, "nats-jetstream")
    assert lag == {
        "natsServerMonitoringEndpoint": "rel-argosy-nats-headless.argo.svc:8222",
        "account": "$G",
        "stream": "argo_rel",
        "consumer": durable("orders", "make", "placed"),
        "lagThreshold": "1000",
    }


def test_a_sensor_follows_its_replays_where_that_is_wanted(helm3: Helm) -> None:
    """Each trigger's way back from the dead letters, under the sensor's own names, however they look."""
    names = ("plain", "a/b=c.d", "x_1-2")
    template = SENSOR["triggers"][0]["template"]
    spec = {**SENSOR, "triggers": [{"template": {**template, "name": name}} for name in names]}
    keda = {"enabled": True, "replays": True}
    values = {"sensors": {"or.ders": {"spec": spec, "keda": keda}}, "bus": {"stream": "s"}}
    lags = triggers(helm3.template(values, namespace="shop").one("ScaledObject"), "nats-jetstream")
    found = {lag["consumer"] for lag in lags if lag["stream"] == Names("s").replays}
    assert found == {replayer("shop/or.ders", name) for name in names}
    assert {lag["stream"] for lag in triggers(rendered(helm3, sensor=ON).one("ScaledObject"), "nats-jetstream")} == {"argo_rel"}


def test_the_bus_answers_what_keda_asks(own_nats: Callable[..., NatsServer]) -> None:
    """The very question of KEDA's scaler, put to the server that the chart brings: what waits plus what is in hand.

    Source: pkg/scalers/nats_jetstream_scaler.go of github.com/kedacore/keda. Some servers leave the streams out of this answer
    (its issue 8165); this one may not.
    """
    server = own_nats()

    async def scenario() -> None:
        client = await nats.connect(server.url)
        js = client.jetstream()
        await js.add_stream(name="events", subjects=["events.>"])
        pull = await js.pull_subscribe("events.a", "group-1", stream="events")
        for _ in range(5):
            await js.publish("events.a", b"x")
        await pull.fetch(2)
        await client.close()

    asyncio.run(scenario())
    url = f"{server.monitor_url}/jsz?acc=%24G&consumers=true&config=true"
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
        accounts = json.load(answer)["account_details"]
    [stream] = [s for account in accounts if account["name"] == "$G" for s in account["stream_detail"]]
    [consumer] = stream["consumer_detail"]
    assert (stream["name"], consumer["name"]) == ("events", "group-1")
    assert consumer["num_pending"] + consumer["num_ack_pending"] == 5


def test_consumers_are_named_as_the_sensor_names_them(helm3: Helm) -> None:
    """By trigger and subject: dependencies outside of the conditions do not count, of two on one subject the last does."""
    dependencies = [
        {"name": name, "eventSourceName": "orders", "eventName": event}
        for name, event in (("a", "x"), ("a-2", "y"), ("č", "z"), ("d", "z"))
    ]
    template = SENSOR["triggers"][0]["template"]
    spec = {
        "dependencies": dependencies,
        "triggers": [
            {"template": {**template, "name": "all"}},
            {"template": {**template, "name": "some", "conditions": "a || (a-2&&č)"}},
        ],
    }
    scaled = rendered(helm3, sensor={**ON, "spec": spec}).one("ScaledObject")
    found = {lag["consumer"] for lag in triggers(scaled, "nats-jetstream")}
    wanted = [("all", "a"), ("all", "a-2"), ("all", "d"), ("some", "a"), ("some", "a-2"), ("some", "č")]
    assert found == {durable("orders", trigger, dependency) for trigger, dependency in wanted}


@pytest.mark.parametrize(
    ("queue", "url"),
    [
        ({"queue": "orders"}, "orders"),
        ({"queue": "orders", "queueAccountId": "1234"}, "https://sqs.eu-west-1.amazonaws.com/1234/orders"),
        ({"queue": "arn:aws:sqs:eu-west-1:1234:orders"}, "https://sqs.eu-west-1.amazonaws.com/1234/orders"),
        ({"queue": "arn:aws-cn:sqs:eu-west-1:1234:orders"}, "https://sqs.eu-west-1.amazonaws.com.cn/1234/orders"),
        ({"queue": "https://sqs.eu-west-1.amazonaws.com/1234/orders"}, "https://sqs.eu-west-1.amazonaws.com/1234/orders"),
    ],
)
def test_a_queue_in_all_its_forms(helm3: Helm, queue: dict[str, str], url: str) -> None:
    """KEDA takes a URL or a name; an ARN or an account becomes a URL."""
    spec = {"sqs": {"placed": {"region": "eu-west-1", **queue}}}
    scaled = rendered(helm3, source={**ON, "spec": spec}).one("ScaledObject")
    assert triggers(scaled, "aws-sqs-queue")[0]["queueURL"] == url


def test_how_keda_gets_at_sqs(helm3: Helm) -> None:
    """One TriggerAuthentication with a pod identity is made for all that share it, or one of the user's is named."""
    keda = helm3.template(next(path for path in EXAMPLES if path.stem == "keda"))
    made = keda.one("TriggerAuthentication")
    assert made["spec"]["podIdentity"] == {"provider": "aws", "identityOwner": "workload"}
    for scaled in keda.of("ScaledObject").values():
        queue = next(t for t in scaled["spec"]["triggers"] if t["type"] == "aws-sqs-queue")
        assert queue["authenticationRef"] == {"name": made["metadata"]["name"]}
    mine = {"kind": "ClusterTriggerAuthentication", "name": "mine"}
    found = rendered(helm3, source={"keda": {"enabled": True, "authenticationRef": mine}})
    assert found.one("ScaledObject")["spec"]["triggers"][0]["authenticationRef"] == mine
    assert not found.of("TriggerAuthentication")


def test_on_an_external_bus_keda_is_told_where_to_ask(helm3: Helm) -> None:
    """Nobody can guess where a foreign NATS is monitored."""
    external: dict[str, Any] = {"url": "nats://there:4222"}
    with pytest.raises(Refused, match=r"externalNats\.monitoringEndpoint: KEDA asks there"):
        rendered(helm3, sensor=ON, nats={"enabled": False}, externalNats=external)
    external |= {"monitoringEndpoint": "there:8222", "monitoringAccount": "A", "monitoringHttps": True}
    scaled = rendered(helm3, sensor=ON, nats={"enabled": False}, externalNats=external).one("ScaledObject")
    [lag] = triggers(scaled, "nats-jetstream")
    assert (lag["natsServerMonitoringEndpoint"], lag["account"], lag["useHttps"]) == ("there:8222", "A", "true")
