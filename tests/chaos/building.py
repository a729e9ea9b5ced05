"""The world is put together: queues, proxies, documents, and pods whose clocks are minutes apart."""

import os
from pathlib import Path
from typing import Any

import yaml

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.chaos import documents
from tests.chaos.links import Link
from tests.chaos.nodes import Nodes
from tests.chaos.pods import Pod
from tests.chaos.traffic import LEFT, ORDER, RIGHT
from tests.chaos.world import World
from tests.endtoend.rig import Rig
from tests.servers.elasticmq import ElasticMQ
from tests.servers.sqs import Queue

VISIBILITY, ACK_WAIT = 5, 5
"""Seconds after which SQS and the bus give what a silent pod holds to another: short, so that much comes twice."""
RECEIVES = 20
"""Receives after which SQS would put a message into the queue's own dead letters."""
PER_SUBJECT = 2000
"""Events after which a subject is full."""
MAX_BYTES = 32 * 1024 * 1024
"""Bytes after which the stream is full."""
TOKEN = 24 * 3600
"""Seconds for which the sensors may speak to the API server."""
CLOCKS = (300, -300, 0)
"""Seconds by which the clocks of the pods of each service are wrong, in turn."""
NAME = "chaos"
_SHIM = Path(__file__).parent / "clock"


def build(
    folder: Path, *, bus: NatsServer | Nodes, kube: ApiServer, sqs: ElasticMQ, toxiproxy: Path, replicas: int, name: str = NAME
) -> World:
    """Put everything together; the servers run, the pods do not yet."""
    kube.client.namespace(name)
    dead = Queue.create(sqs.endpoint_url, f"{name}-dead")
    redrive = f'{{"deadLetterTargetArn":"{dead.arn}","maxReceiveCount":"{RECEIVES}"}}'
    queues = {event: Queue.create(sqs.endpoint_url, f"{name}-{event}", RedrivePolicy=redrive) for event in (ORDER, LEFT, RIGHT)}
    members = bus.members if isinstance(bus, Nodes) else [bus]
    rig = Rig(folder, members[0], kube, queues[ORDER], name)
    nodes = [member.port for member in members]
    ports = {"sqs": [sqs.port], "source-bus": nodes, "sensor-bus": nodes, "api": [kube.port]}
    links = {link: Link(toxiproxy, folder / link, *to) for link, to in ports.items()}
    for link in links.values():
        link.start()
    world = World(bus, sqs, rig, queues, dead, links)
    common = {
        "POD_NAMESPACE": name,
        "NATS_MAX_BYTES": str(MAX_BYTES),
        "NATS_MAX_MSGS_PER_SUBJECT": str(PER_SUBJECT),
        "NATS_REPLICAS": str(len(members)),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_SHIM), os.environ.get("PYTHONPATH")))),
    }
    source = common | {
        "EVENTSOURCE_FILE": str(_document(folder / "eventsource.yaml", documents.event_source(name, queues))),
        "EVENTSOURCE_VISIBILITY_TIMEOUT": str(VISIBILITY),
        "AWS_ENDPOINT_URL": f"http://{links['sqs'].addresses[0]}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "NATS_URL": _urls(links["source-bus"]),
    }
    sensor = common | {
        "SENSOR_FILE": str(_document(folder / "sensor.yaml", documents.sensor(name))),
        "SENSOR_ACK_WAIT": str(ACK_WAIT),
        "NATS_URL": _urls(links["sensor-bus"]),
        "KUBECONFIG": str(_kubeconfig(rig, links["api"])),
    }
    clocks = [{"TEST_CLOCK": str(CLOCKS[number % len(CLOCKS)])} for number in range(replicas)]
    world.sources = [Pod("eventsource", number, folder, source | clock) for number, clock in enumerate(clocks)]
    world.sensors = [Pod("sensor", number, folder, sensor | clock) for number, clock in enumerate(clocks)]
    return world


def _urls(link: Link) -> str:
    return ",".join(f"nats://{address}" for address in link.addresses)


def _document(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(document, allow_unicode=True))
    return path


def _kubeconfig(rig: Rig, link: Link) -> Path:
    """Write how the sensors reach the API server: through the proxy, with no more rights than they need."""
    rig.grant()
    token = rig.kube.client.token_for(rig.namespace, "sensor", TOKEN)
    path = rig.kube.kubeconfig(rig.folder / "kubeconfig", token=token, namespace=rig.namespace)
    path.write_text(path.read_text().replace(rig.kube.url, f"https://{link.addresses[0]}"))
    return path
