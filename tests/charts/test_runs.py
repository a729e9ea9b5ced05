"""What the chart renders runs: installed by helm on the real API server, the pods as processes with the rights it made."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from argosy.servers.apiserver import ApiServer
from argosy.servers.kubeclient import WORKFLOWS, KubeError
from argosy.servers.nats import NatsServer
from tests.charts.helm import EXAMPLES, Helm
from tests.charts.release import Release, emulated
from tests.endtoend.rig import Rig, bodies, eventually
from tests.servers.sqs import Queue

MINIMAL = next(path for path in EXAMPLES if path.stem == "minimal")
WORKFLOW = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "x-"}, "spec": {}}


@pytest.fixture
def release(helm3: Helm, cluster: ApiServer, namespace: str, tmp_path: Path) -> Iterator[Release]:
    """Give a namespace with nothing in it yet."""
    release = Release(helm3, cluster, namespace, tmp_path)
    yield release
    release.end()


@pytest.fixture
def books(release: Release, queue: Queue, tmp_path: Path) -> Rig:
    """Compare what was sent with what became of it."""
    rig = Rig(tmp_path, cast("NatsServer", None), release.kube, queue, release.namespace)
    rig.services = cast("Any", release.pods)
    return rig


def changed(**trigger: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a document
    """Give the example's sensor with something else about its trigger."""
    spec = yaml.safe_load(MINIMAL.read_text())["sensors"]["orders"]["spec"]
    spec["triggers"][0]["template"] |= trigger
    return {"sensors": {"orders": {"spec": spec}}}


@pytest.mark.timeout(240)
@pytest.mark.promise("A1", "A2", "E1")
def test_a_newcomers_way_from_install_to_workflow(release: Release, books: Rig, queue: Queue) -> None:
    """`helm install`, the commands of its notes, messages of all sorts: one Workflow each, with the chart's rights alone."""
    notes = release.say("install", MINIMAL, emulated(queue))
    assert f"kubectl -n {release.namespace} get workflows --watch" in notes
    assert f"helm -n {release.namespace} test argosy" in notes
    release.bus()
    rendered = release.helm.template(MINIMAL, emulated(queue), name="argosy", namespace=release.namespace)
    for pod in release.test_pods(rendered.of("Pod")):
        code, said = pod.run()
        assert (code, "no  " in said) == (0, False), said
    source, sensor = release.pod("eventsource"), release.pod("sensor")
    source.start()
    sensor.start()
    sent = bodies(300)
    queue.send_many(*sent)
    books.settled(len(sent))
    assert books.balance(sent) == (Counter(), Counter())
    assert source.process.stop(deadline=60) == 0
    assert sensor.process.stop(deadline=60) == 0


def test_the_sensor_may_do_that_and_nothing_else(release: Release, queue: Queue) -> None:
    """With the token of the rendered account: a Workflow here, none in another namespace, and no look at anything."""
    release.say("install", MINIMAL, emulated(queue))
    account = release.deployment("sensor")["spec"]["template"]["spec"]["serviceAccountName"]
    path = f"/api/v1/namespaces/{release.namespace}/serviceaccounts/{account}/token"
    answer = release.kube.client.create(path, {"spec": {"expirationSeconds": 600}})
    client = release.kube.client_as(answer["status"]["token"])
    here = f"{WORKFLOWS}/namespaces/{release.namespace}/workflows"
    name = client.create(here, WORKFLOW)["metadata"]["name"]
    assert client.get(f"{here}/{name}")
    forbidden = [
        ("POST", f"{WORKFLOWS}/namespaces/default/workflows", WORKFLOW),
        ("GET", here, None),
        ("DELETE", f"{here}/{name}", None),
        ("GET", f"/api/v1/namespaces/{release.namespace}/secrets", None),
        ("POST", f"/api/v1/namespaces/{release.namespace}/pods", {"metadata": {"name": "x"}}),
    ]
    for method, where, body in forbidden:
        with pytest.raises(KubeError, match="Forbidden"):
            client.call(method, where, body)


def test_the_event_sources_pod_has_no_token_of_the_cluster(release: Release, queue: Queue) -> None:
    """It needs none, so nobody can steal one; nor do the bus' pods."""
    release.say("install", MINIMAL, emulated(queue))
    assert release.deployment("eventsource")["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
    assert "KUBECONFIG" not in dict(release.pod("eventsource").env())


@pytest.mark.timeout(240)
@pytest.mark.promise("A8", "A9")
def test_an_upgrade_rolls_and_loses_nothing(release: Release, books: Rig, queue: Queue) -> None:
    """Another spec is another pod; the new one starts before the old one goes, under load, and every message fires once."""
    release.say("install", MINIMAL, emulated(queue))
    password = release.read("secrets/argosy-nats-auth")["data"]["password"]
    before = {component: release.deployment(component)["spec"]["template"] for component in ("eventsource", "sensor")}
    release.bus()
    source, old = release.pod("eventsource"), release.pod("sensor")
    source.start()
    old.start()
    sent = [f"message {n}" for n in range(400)]
    queue.send_many(*sent[:200])
    k8s = changed()["sensors"]["orders"]["spec"]["triggers"][0]["template"]["k8s"]
    k8s["source"]["resource"]["metadata"]["labels"] = {"release": "two"}
    release.say("upgrade", MINIMAL, emulated(queue), changed(k8s=k8s))
    after = {component: release.deployment(component)["spec"]["template"] for component in ("eventsource", "sensor")}
    assert before["sensor"]["metadata"]["annotations"] != after["sensor"]["metadata"]["annotations"]
    assert before["eventsource"] == after["eventsource"], "what did not change restarts nothing"
    assert release.read("secrets/argosy-nats-auth")["data"]["password"] == password
    new = release.pod("sensor")
    new.start()
    queue.send_many(*sent[200:300])
    assert old.process.stop(deadline=60) == 0
    queue.send_many(*sent[300:])
    books.settled(len(sent))
    assert books.balance(sent) == (Counter(), Counter())
    assert any(w["metadata"]["labels"].get("release") == "two" for w in books.workflows())


@pytest.mark.timeout(240)
@pytest.mark.promise("I3")
def test_a_bad_document_keeps_the_old_pods_at_work(release: Release, books: Rig, queue: Queue) -> None:
    """The new pod ends with the fault and its path, the old one goes on, also when its container starts again."""
    release.say("install", MINIMAL, emulated(queue))
    release.bus()
    source, old = release.pod("eventsource"), release.pod("sensor")
    source.start()
    old.start()
    release.say("upgrade", MINIMAL, emulated(queue), changed(conditions="placed &&"))
    deployment = release.deployment("sensor")["spec"]
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert deployment["template"]["spec"]["containers"][0]["terminationMessagePolicy"] == "FallbackToLogsOnError"
    code, said = release.pod("sensor").run()
    assert code == 2
    assert "conditions" in said.splitlines()[-1]
    old.process.kill()
    old.start()
    queue.send("still at work")
    books.settled(1)


@pytest.mark.timeout(240)
@pytest.mark.promise("I5")
@pytest.mark.parametrize("absent", ["sensor", "eventsource"])
def test_zero_replicas_from_the_first_install_lose_nothing(release: Release, books: Rig, queue: Queue, absent: str) -> None:
    """Either service has no pod at first, the other is ready all the same; what came meanwhile fires once it has one."""
    there = "eventsource" if absent == "sensor" else "sensor"
    none = {f"{absent.replace('eventsource', 'eventSource')}Defaults": {"replicas": 0}}
    release.say("install", MINIMAL, emulated(queue), none)
    assert release.deployment(absent)["spec"]["replicas"] == 0
    assert release.deployment(there)["spec"]["replicas"] == 1
    release.bus()
    release.pod(there).start()
    sent = [f"waits {n}" for n in range(30)]
    queue.send_many(*sent)
    if absent == "sensor":
        eventually("the queue is empty", queue.empty, 60)
    release.say("upgrade", MINIMAL, emulated(queue))
    release.pod(absent).start()
    books.settled(len(sent))
    assert books.balance(sent) == (Counter(), Counter())


@pytest.mark.timeout(240)
def test_three_nodes_are_one_bus(release: Release, books: Rig, queue: Queue) -> None:
    """The rendered configuration of three nodes makes a cluster, its streams have three copies, and one node may go."""
    release.say("install", MINIMAL, emulated(queue), {"nats": {"replicas": 3, "maxFileStore": "4Gi"}})
    nodes = release.bus()
    source, sensor = release.pod("eventsource"), release.pod("sensor")
    source.start()
    sensor.start()
    queue.send_many("one", "two")
    books.settled(2)
    nodes[2].process.kill()
    queue.send("three")
    books.settled(3)


@pytest.mark.timeout(240)
def test_on_a_nats_that_is_there_already(
    release: Release, books: Rig, queue: Queue, own_nats: Callable[..., NatsServer]
) -> None:
    """Nothing of the chart's own bus is installed; the login comes from somebody else's Secret."""
    server = own_nats(config='authorization {user: orders, password: "s3cret"}')
    login = {"metadata": {"name": "login"}, "stringData": {"who": "orders", "what": "s3cret"}}
    release.kube.client.create(f"/api/v1/namespaces/{release.namespace}/secrets", login)
    auth = {"existingSecret": "login", "userKey": "who", "passwordKey": "what"}
    release.say(
        "install", MINIMAL, emulated(queue), {"nats": {"enabled": False}, "externalNats": {"url": server.url, "auth": auth}}
    )
    assert not release.read("/apis/apps/v1::statefulsets")["items"]
    release.pod("eventsource").start()
    release.pod("sensor").start()
    queue.send("one")
    books.settled(1)


def test_uninstalling_leaves_nothing_but_the_streams(release: Release, queue: Queue) -> None:
    """Everything that was installed goes; the volumes of the bus are the StatefulSet's and stay."""
    release.say("install", MINIMAL, emulated(queue))
    release.helm.run("uninstall", "argosy", "--namespace", release.namespace, kubeconfig=release.kubeconfig)
    kinds = (
        "secrets",
        "configmaps",
        "serviceaccounts",
        "services",
        "/apis/apps/v1::deployments",
        "/apis/apps/v1::statefulsets",
    )
    left = [item["metadata"]["name"] for kind in kinds for item in release.read(kind)["items"]]
    assert not left
