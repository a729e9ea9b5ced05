"""From nothing and back to nothing, as the chart's ScaledObjects tell KEDA: no message is lost, and none waits unseen."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from argosy.servers.apiserver import ApiServer
from argosy.servers.nats import NatsServer
from argosy.servers.process import Unavailable
from tests.charts import crds, helm
from tests.charts.helm import EXAMPLES, Helm
from tests.charts.release import MONITOR, Release, emulated
from tests.endtoend.keda import Scaled, end, follow
from tests.endtoend.rig import Rig, bodies
from tests.servers.sqs import Queue

MINIMAL = next(path for path in EXAMPLES if path.stem == "minimal")
KEDA = {"enabled": True, "maxReplicas": 3, "queueLength": 100, "lagThreshold": 100, "pollingInterval": 1, "cooldownPeriod": 1}
SEED = 20260101
ZEROS = 5
MESSAGES = 1500


@pytest.fixture
def release(kube: ApiServer, namespace: str, queue: Queue, tmp_path: Path) -> Iterator[Release]:
    """Install the chart with KEDA, and start its bus: no pod of either service has ever run."""
    try:
        tool = Helm(helm.program("3"), tmp_path)
    except Unavailable as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    for crd in crds.ALL:
        kube.client.ensure("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
    for spec in (crd["spec"] for crd in crds.ALL):
        kube.client._wait_until_served(f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}")
    release = Release(tool, kube, namespace, tmp_path)
    release.say("install", MINIMAL, emulated(queue), {"defaults": {"keda": KEDA}})
    [bus] = release.bus()
    [service] = [s for s in release.read("services")["items"] if s["metadata"]["name"].endswith("headless")]
    assert MONITOR in [port["port"] for port in service["spec"]["ports"]]
    asked = f"{service['metadata']['name']}.{namespace}.svc:{MONITOR}"
    release.node.names[asked] = f"127.0.0.1:{bus.ports[MONITOR]}"
    yield release
    release.end()


@pytest.fixture
def books(release: Release, queue: Queue, tmp_path: Path) -> Rig:
    """Compare what was sent with what became of it."""
    rig = Rig(tmp_path, cast("NatsServer", None), release.kube, queue, release.namespace)
    rig.services = cast("Any", release.pods)
    return rig


@pytest.fixture
def scaled(release: Release, queue: Queue) -> tuple[Scaled, Scaled]:
    """Give what scales the event source and the sensor."""
    return Scaled(release, "eventsource", queue.endpoint), Scaled(release, "sensor", queue.endpoint)


@pytest.mark.timeout(900)
@pytest.mark.promise("I5")
def test_what_wakes_them_from_the_first_install_on(scaled: tuple[Scaled, Scaled], books: Rig) -> None:
    """KEDA's own figures show all that waits: in SQS, on a bus that no sensor has read yet, behind one that went to nothing.

    Start a sensor's first consumer behind what is stored (`Register._start`) to see it fail.
    """
    (source, sensor), queue = scaled, books.queue
    sent = bodies(250)
    queue.send_many(*sent)
    assert source.figures() == {"aws-sqs-queue": [(250, 100)], "nats-jetstream": []}
    assert sensor.figures() == {"aws-sqs-queue": [(250, 100)], "nats-jetstream": [(0, 100)]}
    assert source.wanted() == sensor.wanted() == 3

    follow([source], "all is on the bus", lambda: queue.empty() and not source.pods)
    assert sensor.figures() == {"aws-sqs-queue": [(0, 100)], "nats-jetstream": [(250, 100)]}

    follow([sensor], "all is done", lambda: books.count() == 250 and not sensor.pods)
    assert sensor.figures() == {"aws-sqs-queue": [(0, 100)], "nats-jetstream": [(0, 100)]}

    more = bodies(130, seed=SEED)
    queue.send_many(*more)
    follow([source], "all is on the bus", lambda: queue.empty() and not source.pods)
    assert sensor.figures() == {"aws-sqs-queue": [(0, 100)], "nats-jetstream": [(130, 100)]}
    assert sensor.wanted() == 2

    follow([source, sensor], "all is done", lambda: books.count() == 380 and not sensor.pods)
    assert (source.most, sensor.most) == (3, 3)
    assert books.balance([*sent, *more]) == (Counter(), Counter())


class Sender:
    """Sends messages over some time, and knows how many SQS has taken."""

    def __init__(self, queue: Queue, sent: list[str], seconds: float) -> None:
        """Take them; nothing is sent yet."""
        self.taken = 0
        self._queue = queue
        self._batches = [sent[start : start + 10] for start in range(0, len(sent), 10)]
        self._pause = seconds / len(self._batches)
        self.thread = threading.Thread(target=self._run, name="sender")

    def _run(self) -> None:
        for batch in self._batches:
            self._queue.send_many(*batch)
            self.taken += len(batch)
            time.sleep(self._pause)


@pytest.mark.timeout(900)
@pytest.mark.promise("I5", "A9")
def test_to_nothing_and_back_under_load(scaled: tuple[Scaled, Scaled], books: Rig) -> None:
    """All pods of both get SIGTERM again and again while messages are on their way: one Workflow each in the end.

    Whenever nothing runs, what is not done can be seen by KEDA. Let `Pipeline.give_back` delete to see it fail.
    """
    (source, sensor), queue = scaled, books.queue
    sent = bodies(MESSAGES, seed=SEED)
    queue.send_many(*sent[:500])
    sender, draw = Sender(queue, sent[500:], 40.0), random.Random(SEED)
    sender.thread.start()
    try:
        for _ in range(ZEROS):
            moment = time.monotonic() + draw.uniform(0.5, 4.0)
            follow(scaled, "work for a moment", lambda moment=moment: time.monotonic() > moment)
            end([*source.pods, *sensor.pods])
            source.pods, sensor.pods = [], []
            open_ = 500 + sender.taken - books.count()
            seen = sum(value for figures in sensor.figures().values() for value, _ in figures)
            assert seen >= open_, f"{open_} messages have no Workflow yet, and KEDA sees {seen}"
    finally:
        sender.thread.join()
    follow(scaled, "all is done", lambda: books.count() >= MESSAGES and queue.empty() and not (source.pods or sensor.pods))
    assert (source.most, sensor.most) == (3, 3)
    assert books.balance(sent) == (Counter(), Counter())
    assert sensor.wanted() == source.wanted() == 0
