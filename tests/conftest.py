"""Fixtures of all tests: real servers, started once a session when a test asks for them, and names of a test's own.

Where a server cannot be had the test is skipped with the reason; under `CI=true` it fails instead. What has to be built
first is built before the first test runs, so that no test's timeout pays for it.
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import hypothesis
import nats
import pytest
import structlog

from argosy.servers.apiserver import ApiServer
from argosy.servers.moto import MotoServer
from argosy.servers.nats import NatsServer
from argosy.servers.process import Unavailable
from tests.servers import build
from tests.servers.elasticmq import ElasticMQ
from tests.servers.natscluster import NatsCluster
from tests.servers.sqs import Queue
from tests.servers.toxiproxy import Toxiproxy

# A busy machine is no reason to fail: what may take how long is said by tests of their own.
hypothesis.settings.register_profile("argosy", deadline=None)
hypothesis.settings.load_profile("argosy")

# Which fixtures stand on which build.
BUILDS = {
    "elasticmq": {"elasticmq", "own_elasticmq"},
    "toxiproxy": {"toxiproxy"},
    "kube": {"kube", "own_kube"},
    "prometheus": {"prometheus", "promtool"},
}

_failed = pytest.StashKey[dict[str, str]]()
_numbers = count(1)


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """Leave the logs of this process as they were: a command that runs in it sets them up for itself."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


# --------------------------------------------------------------------------------------------------------- what is there


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Build now what the collected tests need and this machine has not built yet."""
    failed = session.config.stash.setdefault(_failed, {})
    if session.config.option.collectonly:
        return
    used = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    for name, fixtures in BUILDS.items():
        if used.intersection(fixtures):
            try:
                build.ALL[name](_say(session.config))
            except Unavailable as error:
                failed[name] = str(error)


def _say(config: pytest.Config) -> Callable[[str], None]:
    """Give what prints a line past pytest's capture."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    return (lambda line: reporter.write_line(line, flush=True)) if reporter else print


def _missing(reason: str) -> None:
    """Skip at home; in CI a missing server is a fault, or the tests would rot unseen."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _built(config: pytest.Config, name: str) -> Path:
    """Give what was built for this fixture, or end the test."""
    reason = config.stash[_failed].get(name)
    try:
        if reason is None:
            return build.ALL[name](_say(config))
    except Unavailable as error:
        reason = config.stash[_failed][name] = str(error)
    _missing(reason)
    raise AssertionError("unreachable")


# ----------------------------------------------------------------------------------------------------------- environment


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test meet the credentials, profiles, clusters or proxies of the person who runs it."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


# ------------------------------------------------------------------------------------------------- one server a session


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """Give the NATS server with JetStream that all tests share; keep to names of your own (`stream`)."""
    try:
        server = NatsServer(tmp_path_factory.mktemp("nats"), config="max_payload: 8MB")
    except Unavailable as error:
        _missing(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def elasticmq(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[ElasticMQ]:
    """Give the fast SQS emulator; `queue` makes a queue of a test's own."""
    with ElasticMQ(_built(pytestconfig, "elasticmq"), tmp_path_factory.mktemp("elasticmq")) as server:
        yield server


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    """Give the correct and slow SQS emulator; `moto_queue` makes a queue of a test's own."""
    try:
        server = MotoServer(tmp_path_factory.mktemp("moto"))
    except Unavailable as error:
        _missing(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[ApiServer]:
    """Give a real Kubernetes API server that knows Workflows; keep to a namespace of your own (`namespace`)."""
    with ApiServer(tmp_path_factory.mktemp("kube"), binary=_built(pytestconfig, "kube")) as server:
        yield server


@pytest.fixture(scope="session")
def promtool(pytestconfig: pytest.Config) -> Path:
    """Give the tool that checks and tests Prometheus' rules."""
    return _built(pytestconfig, "prometheus") / "promtool"


@pytest.fixture(scope="session")
def prometheus(pytestconfig: pytest.Config) -> Path:
    """Give the program of Prometheus; `tests.servers.prometheus` starts it."""
    return _built(pytestconfig, "prometheus") / "prometheus"


@pytest.fixture(scope="session")
def toxiproxy(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Toxiproxy]:
    """Proxies to cut and slow connections: `toxiproxy.proxy(nats_server.port)`."""
    with Toxiproxy(_built(pytestconfig, "toxiproxy"), tmp_path_factory.mktemp("toxiproxy")) as server:
        yield server


# ------------------------------------------------------------------------------------------------------ of a test's own


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> str:
    """Give a name that no other test of the session has, valid for streams, queues and Kubernetes alike."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower().removeprefix("test_"))[:36].strip("-")
    return f"{words}-{next(_numbers)}"


@pytest.fixture
def stream(unique: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the name of a stream, and prefix of its subjects, on the shared NATS server; nothing is made yet.

    What was made under this name is removed after the test: each stream reserves its bytes on the server's disk.
    """
    yield unique
    if "nats_server" in request.fixturenames:
        asyncio.run(_remove_streams(request.getfixturevalue("nats_server").url, unique))


async def _remove_streams(url: str, name: str) -> None:
    client = await nats.connect(url)
    js = client.jetstream()
    for info in await js.streams_info():
        if str(info.config.name).removeprefix("KV_").startswith(name):
            await js.delete_stream(str(info.config.name))
    await client.close()


@pytest.fixture
def queue(elasticmq: ElasticMQ, unique: str) -> Queue:
    """Make a new queue on ElasticMQ with a visibility timeout of 30 s."""
    return Queue.create(elasticmq.endpoint_url, unique)


@pytest.fixture
def moto_queue(moto_server: MotoServer, unique: str) -> Queue:
    """Make a new queue on moto."""
    return Queue.create(moto_server.endpoint_url, unique)


@pytest.fixture
def namespace(kube: ApiServer, unique: str) -> str:
    """Make a new namespace on the shared API server."""
    kube.client.namespace(unique)
    return unique


@pytest.fixture
def own_nats(tmp_path: Path) -> Iterator[Callable[..., NatsServer]]:
    """Make started NATS servers for this test alone, to be stopped and killed: `own_nats(config=…, jetstream=…)`."""
    with ExitStack() as servers:

        def make(*, config: str = "", jetstream: str = "") -> NatsServer:
            try:
                server = NatsServer(tmp_path / f"nats-{next(_numbers)}", config=config, jetstream=jetstream)
            except Unavailable as error:
                _missing(str(error))
            return servers.enter_context(server)

        yield make


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Callable[..., NatsCluster]]:
    """Make started clusters of three NATS servers for this test alone: `own_cluster(config=…, jetstream=…, **login)`."""
    with ExitStack() as servers:

        def make(**settings: str) -> NatsCluster:
            try:
                cluster = NatsCluster(tmp_path / f"nats-{next(_numbers)}", **settings)
            except Unavailable as error:
                _missing(str(error))
            servers.callback(cluster.kill)
            cluster.start()
            return cluster

        yield make


@pytest.fixture
def own_elasticmq(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Callable[..., ElasticMQ]]:
    """Make started ElasticMQ servers for this test alone: `own_elasticmq(advertised=proxy.port)`."""
    with ExitStack() as servers:

        def make(*, advertised: int | None = None) -> ElasticMQ:
            folder = tmp_path / f"elasticmq-{next(_numbers)}"
            jars = _built(pytestconfig, "elasticmq")
            return servers.enter_context(ElasticMQ(jars, folder, advertised=advertised))

        yield make


@pytest.fixture
def own_kube(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Callable[[], ApiServer]]:
    """Make started API servers for this test alone, to be stopped and killed."""
    with ExitStack() as servers:

        def make() -> ApiServer:
            folder = tmp_path / f"kube-{next(_numbers)}"
            return servers.enter_context(ApiServer(folder, binary=_built(pytestconfig, "kube")))

        yield make
