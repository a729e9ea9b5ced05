"""A consumer that is deleted and made anew by another pod while this one asks for nothing, so that nobody tells it."""

import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from common.subjects import durable
from tests.integration.sensor.rig import Rig, eventually
from tests.servers.toxiproxy import Toxiproxy

NAME = durable("orders", "workflow", "order")


async def _hold_back(client: Client, stream: str) -> None:
    """Read the subject as somebody else does who is never done with it: nothing is purged."""
    config = ConsumerConfig(durable_name="reader", filter_subject=f"{stream}.orders.created")
    await client.jetstream().add_consumer(stream, config)


async def _made_anew(client: Client, stream: str) -> None:
    """Delete the consumer, and make it behind the beginning, as another pod does whose register stands there."""
    js = client.jetstream()
    config = (await js.consumer_info(stream, NAME)).config
    await js.delete_consumer(stream, NAME)
    await js.add_consumer(stream, config)


@pytest.mark.promise("B3")
def test_what_another_consumer_had_does_not_fire_again(rig: Rig, toxiproxy: Toxiproxy) -> None:
    """The pod's next request goes to the new consumer, and an event comes as if for the first time whose Workflow is gone.

    Without the look behind each request (`Consumer._ask`) this fails: the event fires once more.
    """
    proxy = toxiproxy.proxy(rig.kube.port)
    sensor = rig.sensor(KUBECONFIG=rig.through(proxy), SENSOR_IN_FLIGHT="1").start()
    rig.on_bus(lambda client: _hold_back(client, rig.stream))
    rig.publish([0])
    sensor.counts(1, outcome="fired")
    [first] = rig.workflows()
    rig.kube.client.delete(f"{rig.path}/{first['metadata']['name']}")

    toxic = proxy.timeout(0, stream="downstream")
    rig.publish([1, 2])
    eventually("the second Workflow, of which nobody heard", lambda: rig.count() == 1)
    rig.on_bus(lambda client: _made_anew(client, rig.stream))
    proxy.remove(toxic)
    proxy.cut()
    proxy.restore()
    eventually("the third Workflow", lambda: rig.values() == ["body 1", "body 2"], 60)
    # The second one was found by its name; it and the first one come to the new consumer once more.
    sensor.counts(3, outcome="duplicate")
    assert rig.values() == ["body 1", "body 2"]
