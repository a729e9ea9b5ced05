"""The servers that the other tests stand on do their jobs, and come back with their data."""

import asyncio
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import aioboto3
import nats
import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError

from argosy.servers.apiserver import ApiServer
from argosy.servers.kubeclient import WORKFLOWS, KubeError
from argosy.servers.moto import MotoServer
from argosy.servers.nats import NatsServer
from argosy.servers.process import ServerError
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy

MIB = 1024 * 1024


def _workflow(name: str) -> dict[str, object]:
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": name}, "spec": {"any": 1}}


async def _patient(url: str, back: asyncio.Event) -> nats.NATS:
    """Connect a client that never gives up and sets the event whenever it is back."""

    async def reconnected() -> None:
        back.set()

    return await nats.connect(url, reconnect_time_wait=0.1, max_reconnect_attempts=-1, reconnected_cb=reconnected)


# ------------------------------------------------------------------------------------------------------------------ NATS


async def test_nats_confirms_a_message_and_knows_its_duplicate(nats_server: NatsServer, stream: str) -> None:
    """The bus acknowledges a publish once it is stored and recognises its repetition."""
    bus = await nats.connect(nats_server.url)
    jetstream = bus.jetstream()
    await jetstream.add_stream(name=stream, subjects=[f"{stream}.>"])
    first = await jetstream.publish(f"{stream}.a", b"1", headers={"Nats-Msg-Id": "x"})
    again = await jetstream.publish(f"{stream}.a", b"1", headers={"Nats-Msg-Id": "x"})
    await bus.close()
    assert (first.seq, first.duplicate, again.seq, again.duplicate) == (1, None, 1, True)


@pytest.mark.parametrize("end", [NatsServer.stop, NatsServer.kill])
async def test_nats_comes_back_on_its_port_with_its_data(
    own_nats: Callable[..., NatsServer], end: Callable[[NatsServer], None]
) -> None:
    """A client that reconnects after a stop or a crash of the server finds what was stored."""
    server, back = own_nats(jetstream="sync_interval: always"), asyncio.Event()
    bus = await _patient(server.url, back)
    await bus.jetstream().add_stream(name="s", subjects=["s.>"])
    await bus.jetstream().publish("s.a", b"kept")
    await asyncio.to_thread(end, server)
    await asyncio.to_thread(server.start)
    await asyncio.wait_for(back.wait(), 20)
    message = await bus.jetstream().get_msg("s", 1)
    await bus.close()
    assert message.data == b"kept"


async def test_nats_takes_further_configuration(own_nats: Callable[..., NatsServer]) -> None:
    """A test gives a server of its own its limits and its users."""
    server = own_nats(config='max_payload: 2048\nauthorization { user: "u", password: "p" }', jetstream="max_file: 1MB")
    bus = await nats.connect(server.url, user="u", password="p")
    limits = await bus.jetstream().account_info()
    assert (bus.max_payload, limits.limits.max_storage) == (2048, -1)
    await bus.close()


# ------------------------------------------------------------------------------------------------------------------- SQS


@pytest.mark.parametrize("size", [1024, 300 * 1024, MIB])
async def test_elasticmq_carries_bodies_up_to_one_mebibyte(queue: Queue, size: int) -> None:
    """A message of any size that SQS allows goes in, comes out unchanged and is gone once deleted."""
    async with aioboto3.Session().client("sqs", endpoint_url=queue.endpoint) as sqs:
        queue.send("x" * size)
        received = await sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=5)
        (message,) = received["Messages"]
        await sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    assert message["Body"] == "x" * size
    assert queue.empty()


def test_elasticmq_refuses_more_than_one_mebibyte(queue: Queue) -> None:
    """The emulator is as strict as SQS about the size of a body."""
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        queue.send("x" * (MIB + 1))
    refused.value.close()


def test_moto_delivers_again_after_the_visibility_timeout(moto_server: MotoServer, unique: str) -> None:
    """A message that nobody deletes comes back and says how often it came."""
    queue = Queue.create(moto_server.endpoint_url, unique, VisibilityTimeout="1")
    sent = queue.send("again")
    counts = []
    while len(counts) < 2:
        counts += [(m["MessageId"], m["Attributes"]["ApproximateReceiveCount"]) for m in queue.receive(wait=2)]
    assert counts == [(sent, "1"), (sent, "2")]


def test_a_batch_arrives_in_the_order_of_its_ids(queue: Queue) -> None:
    """The scenery of other tests: many messages are sent at once and counted."""
    ids = queue.send_many(*(str(n) for n in range(25)))
    assert len(set(ids)) == 25
    assert queue.counts() == (25, 0, 0)


# ------------------------------------------------------------------------------------------------------------ Kubernetes


def test_kube_knows_a_workflow_by_its_name(kube: ApiServer, namespace: str) -> None:
    """The same Workflow created twice exists once, and the second answer says so."""
    path = f"{WORKFLOWS}/namespaces/{namespace}/workflows"
    kube.client.create(path, _workflow("w"))
    with pytest.raises(KubeError) as refused:
        kube.client.create(path, _workflow("w"))
    assert (refused.value.status, refused.value.reason) == (409, "AlreadyExists")
    assert [w["spec"] for w in kube.client.workflows(namespace)] == [{"any": 1}]


def test_kube_refuses_what_is_no_workflow(kube: ApiServer, namespace: str) -> None:
    """A Workflow without a spec is about this event, and the server says so with 422."""
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "w"}}
    with pytest.raises(KubeError) as refused:
        kube.client.create(f"{WORKFLOWS}/namespaces/{namespace}/workflows", body)
    assert (refused.value.status, refused.value.reason) == (422, "Invalid")


def test_kube_holds_a_service_account_to_its_rights(kube: ApiServer, namespace: str) -> None:
    """A user that may create Workflows may not list them."""
    kube.client.grant(namespace, "sensor", [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create"]}])
    client = kube.client_as(kube.token_for(namespace, "sensor"))
    path = f"{WORKFLOWS}/namespaces/{namespace}/workflows"
    client.create(path, _workflow("w"))
    with pytest.raises(KubeError) as refused:
        client.get(path)
    assert (refused.value.status, refused.value.reason) == (403, "Forbidden")


@pytest.mark.parametrize("end", [ApiServer.stop, ApiServer.kill])
def test_kube_comes_back_on_its_port_with_its_data(own_kube: Callable[[], ApiServer], end: Callable[[ApiServer], None]) -> None:
    """After a stop or a crash clients find the same server: address, certificate, tokens and objects."""
    server = own_kube()
    client = server.client_as(server.token_for("default", "reader"))
    server.client.grant("default", "reader", [{"apiGroups": ["argoproj.io"], "resources": ["*"], "verbs": ["*"]}])
    client.create(f"{WORKFLOWS}/namespaces/default/workflows", _workflow("kept"))
    end(server)
    with pytest.raises(OSError, match="refused"):
        client.workflows("default")
    server.start()
    assert [w["metadata"]["name"] for w in client.workflows("default")] == ["kept"]


def test_kube_ends_in_good_order_while_somebody_watches(own_kube: Callable[[], ApiServer]) -> None:
    """An open watch does not hold up the end of the server, so that nothing has to be killed."""
    server = own_kube()
    context = ssl.create_default_context(cafile=str(server.ca_file))
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    request = urllib.request.Request(f"{server.url}{WORKFLOWS}/workflows?watch=true", headers=headers)  # noqa: S310 - same
    with urllib.request.urlopen(request, timeout=60, context=context) as watch:  # noqa: S310 - always https://127.0.0.1
        assert server.process.stop(deadline=20) == 0
        assert watch.read() == b""


# ------------------------------------------------------------------------------------------------------------- Toxiproxy


async def test_toxiproxy_cuts_and_restores(toxiproxy: Toxiproxy, nats_server: NatsServer) -> None:
    """A client behind a proxy loses its connection when that is cut and is back when it is restored."""
    proxy = toxiproxy.proxy(nats_server.port)
    back = asyncio.Event()
    bus = await _patient(f"nats://{proxy.address}", back)
    proxy.cut()
    with pytest.raises(nats.errors.Error):
        await bus.flush(timeout=1)
    proxy.restore()
    await asyncio.wait_for(back.wait(), 20)
    await bus.flush()
    await bus.close()


def test_toxiproxy_slows_and_swallows(toxiproxy: Toxiproxy, kube: ApiServer) -> None:
    """Toxics delay the answers of a server, hold them back for ever, and go away again."""
    proxy = toxiproxy.proxy(kube.port)
    context = ssl.create_default_context(cafile=str(kube.ca_file))
    url = f"https://{proxy.address}/readyz"
    toxic = proxy.latency(400)
    start = time.monotonic()
    with urllib.request.urlopen(url, timeout=20, context=context):
        assert time.monotonic() - start > 0.4
    proxy.remove(toxic)
    proxy.timeout()
    with pytest.raises(OSError, match="timed out"), urllib.request.urlopen(url, timeout=0.5, context=context):
        pass
    proxy.clear()
    with urllib.request.urlopen(url, timeout=20, context=context) as answer:
        assert answer.status == 200


async def test_elasticmq_is_reached_through_a_proxy(toxiproxy: Toxiproxy, elasticmq: ElasticMQ, queue: Queue) -> None:
    """A client that is given the proxy as its endpoint goes through it, whatever the queue's address says."""
    proxy = toxiproxy.proxy(elasticmq.port)
    queue.send("through")
    once = Config(retries={"total_max_attempts": 1})
    async with aioboto3.Session().client("sqs", endpoint_url=f"http://{proxy.address}", config=once) as sqs:
        received = await sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=5)
        assert received["Messages"][0]["Body"] == "through"
        proxy.cut()
        with pytest.raises(HTTPClientError):
            await sqs.receive_message(QueueUrl=queue.url)


# ------------------------------------------------------------------------------------------------------------- processes


def test_a_server_that_cannot_start_shows_its_log(own_nats: Callable[..., NatsServer]) -> None:
    """The error names what the server itself said."""
    with pytest.raises(ServerError, match="Parse error"):
        own_nats(config="nonsense: {")


def test_a_hanging_server_stops_within_its_deadline(own_nats: Callable[..., NatsServer]) -> None:
    """A suspended server answers nobody, and stopping it does not hang with it."""
    server = own_nats()
    server.suspend()
    assert server.process.alive
    server.stop()
    assert not server.process.alive


def test_no_server_outlives_a_process_that_was_killed() -> None:
    """However the tests end, the servers that they started end too."""
    program = """
import os, pathlib, tempfile
from argosy.servers.nats import NatsServer
server = NatsServer(pathlib.Path(tempfile.mkdtemp()))
server.start()
print(server.process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    pid = int(child.stdout)
    end = time.monotonic() + 20
    while _exists(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _exists(pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
