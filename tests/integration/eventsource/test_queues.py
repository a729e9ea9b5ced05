"""What is asked of SQS: many queues in one pod, FIFO queues, few calls."""

import pytest

from argosy.servers.nats import NatsServer
from tests.endtoend.rig import eventually
from tests.integration.eventsource.conftest import Source, document, stored
from tests.servers.sqs import Queue


@pytest.mark.promise("C3", "C4")
def test_a_missing_queue_is_reported_and_its_neighbour_flows(
    nats_server: NatsServer, queue: Queue, source: Source, stream: str
) -> None:
    """One queue exists, one does not: the pod is not ready and says why; made later, it flows without a restart."""
    late = f"{queue.name}-late"
    service = source(nats_server.url, queue, document=document(here={"queue": queue.name}, late={"queue": late}))
    queue.send("a")
    service.start(wait=False)
    eventually("the neighbour flows", queue.empty, 30)
    eventually("the other is named", lambda: "queue late: get_url: " in service.why(), 30)
    made = Queue.create(queue.endpoint, late)
    made.send("b")
    eventually("ready", lambda: service.says("readyz"), 60)
    eventually("an empty queue", made.empty, 30)
    assert [message.body for message in stored(nats_server.url, stream)] == ["a", "b"]
    assert service.process.stop() == 0


def test_groups_of_a_fifo_queue_stay_in_order(nats_server: NatsServer, queue: Queue, source: Source, stream: str) -> None:
    """Twenty groups of ten: on the bus each group is in the order in which it was sent."""
    fifo = Queue.create(queue.endpoint, f"{queue.name}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for n in range(10):
        for group in range(20):
            fifo.send(f"{group}/{n}", MessageGroupId=f"g{group}")
    service = source(nats_server.url, fifo)
    service.start()
    eventually("an empty queue", fifo.empty, 60)
    found = [message.body for message in stored(nats_server.url, stream)]
    for group in range(20):
        assert [body for body in found if body.startswith(f"{group}/")] == [f"{group}/{n}" for n in range(10)]
    assert {m.event.extensions["sqsmessagegroupid"] for m in stored(nats_server.url, stream)} == {f"g{n}" for n in range(20)}
