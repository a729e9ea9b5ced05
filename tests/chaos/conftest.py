"""The world of the chaos tests: one bus of its own, the shared servers, two pods of each service."""

from collections.abc import Callable, Iterator

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from tests.chaos.campaign import Campaign
from tests.chaos.world import World, build
from tests.servers import build as programs
from tests.servers.elasticmq import ElasticMQ
from tests.servers.toxiproxy import Toxiproxy

SEED = 20261127


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
    kube: ApiServer,
    elasticmq: ElasticMQ,
    toxiproxy: Toxiproxy,  # noqa: ARG001 - it has been built by now
) -> Iterator[World]:
    """Give the pods, all ready, between servers that may be killed: they go on afterwards."""
    folder = tmp_path_factory.mktemp("chaos")
    with NatsServer(folder / "nats", config="max_payload: 8MB") as bus:
        made = build(folder, bus=bus, kube=kube, sqs=elasticmq, toxiproxy=programs.toxiproxy(), name="chaos", replicas=2)
        try:
            made.start()
            yield made
        finally:
            made.end()


@pytest.fixture
def campaign(world: World) -> Callable[[int], Campaign]:
    """Make a run over that world with a seed of its own."""
    return lambda number: Campaign(world, SEED + number, rate=20, longest=2.5)
