"""The worlds of the chaos tests: a bus of their own, the shared servers, several pods of each service."""

from collections.abc import Callable, Iterator

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.chaos.building import build
from tests.chaos.campaign import Campaign
from tests.chaos.nodes import Nodes
from tests.chaos.world import World
from tests.servers import build as programs
from tests.servers.elasticmq import ElasticMQ
from tests.servers.toxiproxy import Toxiproxy

SEED = 20261127
CONFIG = "max_payload: 8MB"


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    kube: ApiServer,
    elasticmq: ElasticMQ,
    toxiproxy: Toxiproxy,  # noqa: ARG001 - it has been built by now
) -> Iterator[World]:
    """Give the pods, all ready, between servers that may be killed: they go on afterwards.

    Two pods of each service and one bus, or, where the module says `NODES`, three of each and as many nodes.
    """
    nodes, folder, program = getattr(request.module, "NODES", 1), tmp_path_factory.mktemp("chaos"), programs.toxiproxy()
    one = NatsServer(folder / "nats", config=CONFIG)
    with Nodes(folder / "nats", program, config=CONFIG) if nodes > 1 else one as bus:
        name, replicas = f"chaos-{nodes}", max(2, nodes)
        made = build(folder, bus=bus, kube=kube, sqs=elasticmq, toxiproxy=program, name=name, replicas=replicas)
        try:
            made.start()
            yield made
        finally:
            made.end()


@pytest.fixture
def campaign(world: World) -> Callable[[int], Campaign]:
    """Make a run over that world with a seed of its own."""
    return lambda number: Campaign(world, SEED + number, rate=20, longest=2.5)
