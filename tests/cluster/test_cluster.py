"""The real API server through our door to it: what it answers, and what we make of that."""

import asyncio
import json
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from argosy.servers.apiserver import ApiServer
from common.errors import Failed, Refused, Rejected, ServiceError, Unavailable
from sensor.cluster import KubernetesCluster, reachable_from
from sensor.ports import NameTaken, Target
from tests.contracts.sensor import MAP, NAMESPACE, ClusterContract, ClusterSubject, config_map

WORKFLOW = Target("argoproj.io/v1alpha1", "Workflow")


def run(cluster: KubernetesCluster, scenario: Coroutine[Any, Any, None]) -> None:
    """Run a scenario and close the cluster."""

    async def with_cluster() -> None:
        async with cluster:
            await scenario
        # A server that refuses a large body closes the connection in its own time.
        await asyncio.sleep(0.1)

    asyncio.run(with_cluster())


def of(path: Path) -> KubernetesCluster:
    """Open the cluster of a kubeconfig."""
    return KubernetesCluster(path, in_flight=8)


@pytest.fixture
def admin(kube: ApiServer, tmp_path: Path) -> KubernetesCluster:
    """Give the cluster as its administrator sees it."""
    return of(kube.kubeconfig(tmp_path / "admin"))


def limited(kube: ApiServer, namespace: str, tmp_path: Path, *rules: dict[str, Any]) -> KubernetesCluster:
    """Give the cluster as an account with these rules sees it."""
    kube.client.grant(namespace, "limited", rules)
    return of(kube.kubeconfig(tmp_path / "limited", token=kube.token_for(namespace, "limited")))


class TestKubernetesCluster(ClusterContract):
    """The behaviour that the double has too."""

    @pytest.fixture
    def subject(self, admin: KubernetesCluster, namespace: str) -> ClusterSubject:
        """Give the shared API server with a namespace of this test's own."""
        return ClusterSubject(admin, namespace, lambda scenario: run(admin, scenario))


def answer(cluster: KubernetesCluster, target: Target, namespace: str, body: dict[str, Any]) -> ServiceError | None:
    """Give what a create raises."""
    cluster = of(cluster._kubeconfig)  # type: ignore[arg-type]
    raised: list[ServiceError] = []

    async def scenario() -> None:
        try:
            await cluster.create(target, namespace, json.dumps(body).encode())
        except ServiceError as error:
            raised.append(error)

    run(cluster, scenario())
    return raised[0] if raised else None


def workflow(**over: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of an object
    """Write a Workflow."""
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "w"}, "spec": {}} | over


@pytest.mark.promise("A4")
def test_answers_about_the_event(admin: KubernetesCluster, namespace: str) -> None:
    """What the real server says about a bad object is about this event alone."""
    for body in (
        workflow(metadata={"name": "Not A Name"}),
        workflow(metadata={"name": "w", "labels": {"a": "not a value!"}}),
        workflow(spec="no object"),
        workflow(metadata={}),
        workflow(spec={"x": "y" * 2_500_000}),
        workflow(spec={"x": "y" * 4_000_000}),
    ):
        error = answer(admin, WORKFLOW, namespace, body)
        assert isinstance(error, Rejected), error
        assert len(str(error)) < 400


@pytest.mark.promise("A4")
def test_answers_about_the_trigger(kube: ApiServer, admin: KubernetesCluster, namespace: str, tmp_path: Path) -> None:
    """A missing namespace, kind, permission or login is about the trigger: `Refused`, whatever the event."""
    nobody = of(kube.kubeconfig(tmp_path / "nobody", token="wrong"))
    denied = limited(kube, namespace, tmp_path)
    cases = [
        (admin, WORKFLOW, "no-such-namespace"),
        (admin, Target("argoproj.io/v1alpha1", "Nothing"), namespace),
        (admin, Target("nothing.io/v1", "Nothing"), namespace),
        (denied, WORKFLOW, namespace),
        (nobody, WORKFLOW, namespace),
    ]
    for cluster, target, where in cases:
        error = answer(cluster, target, where, workflow())
        assert isinstance(error, Refused), (target, where, error)


def test_a_quota_is_about_the_trigger(kube: ApiServer, admin: KubernetesCluster, namespace: str) -> None:
    """A namespace that is full waits for room; nothing is parked for it."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"configmaps": "0"}}}
    kube.client.create(f"/api/v1/namespaces/{namespace}/resourcequotas", quota)
    status = {"status": {"hard": {"configmaps": "0"}, "used": {"configmaps": "0"}}}
    path = f"/api/v1/namespaces/{namespace}/resourcequotas/q/status"
    kube.client.call("PATCH", path, status, content_type="application/merge-patch+json")
    end = time.monotonic() + 60
    while (error := answer(admin, MAP, namespace, {"metadata": {"generateName": "c-"}})) is None:
        assert time.monotonic() < end, "the quota was never enforced"
    assert isinstance(error, Refused), error
    assert "quota" in str(error)


def test_a_policy_that_says_no_is_an_attempt(kube: ApiServer, admin: KubernetesCluster, namespace: str) -> None:
    """What admission denies may be allowed later, when somebody mends the policy: neither parked at once nor a stop."""
    name = f"deny-{namespace}"
    api = "/apis/admissionregistration.k8s.io/v1"
    policy = {
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
                ]
            },
            "validations": [{"expression": "!has(object.data) || !('deny' in object.data)", "message": "no such data"}],
        },
    }
    binding = {
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}},
        },
    }
    kube.client.create(f"{api}/validatingadmissionpolicies", policy)
    kube.client.create(f"{api}/validatingadmissionpolicybindings", binding)
    raised: list[ServiceError] = []

    async def scenario() -> None:
        for number in range(600):
            body = json.dumps(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}"}, "data": {"deny": ""}}
            )
            try:
                await admin.create(MAP, namespace, body.encode())
            except ServiceError as error:
                raised.append(error)
                return
            await asyncio.sleep(0.1)

    run(admin, scenario())
    assert isinstance(raised[0], Failed), raised


def test_permissions_are_asked_for(kube: ApiServer, namespace: str, tmp_path: Path) -> None:
    """The review tells what the account may, in its namespace and for kinds that have none."""
    rule = {"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create"]}
    cluster = limited(kube, namespace, tmp_path, rule)

    async def scenario() -> None:
        assert await cluster.allowed(WORKFLOW, namespace, "create")
        assert not await cluster.allowed(WORKFLOW, namespace, "get")
        assert not await cluster.allowed(WORKFLOW, "default", "create")
        assert not await cluster.allowed(NAMESPACE, namespace, "create")

    run(cluster, scenario())


@pytest.mark.promise("F5")
def test_a_kind_is_looked_up_once(admin: KubernetesCluster, namespace: str) -> None:
    """Discovery is no cost of an event; irregular plurals and cluster-wide kinds need no guessing."""
    calls: list[str] = []
    call = admin._call

    async def counted(method: str, path: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - a recorder
        calls.append(f"{method} {path}")
        return await call(method, path, *rest, **more)

    admin._call = counted  # type: ignore[method-assign]

    async def scenario() -> None:
        for number in range(3):
            await admin.create(MAP, namespace, config_map(f"c{number}"))
        endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "e"}}
        await admin.create(Target("v1", "Endpoints"), namespace, json.dumps(endpoints).encode())

    run(admin, scenario())
    assert calls.count("GET /api/v1") == 1
    assert calls[-1] == f"POST /api/v1/namespaces/{namespace}/endpoints"


def test_a_token_that_is_renewed_in_the_kubeconfig_is_taken_up(
    kube: ApiServer, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login that expired stops the trigger until the file holds a fresh one; no restart is needed."""
    monkeypatch.setattr("sensor.cluster.RELOAD_EVERY", 0.0)
    path = kube.kubeconfig(tmp_path / "config", token="expired")
    cluster = of(path)

    async def scenario() -> None:
        with pytest.raises(Refused):
            await cluster.create(MAP, namespace, config_map("c"))
        kube.kubeconfig(path)
        with pytest.raises(Refused):
            await cluster.create(MAP, namespace, config_map("c"))
        await cluster.create(MAP, namespace, config_map("c"))

    run(cluster, scenario())


def test_a_server_that_is_not_there_is_unavailable(kube: ApiServer, namespace: str, tmp_path: Path) -> None:
    """No connection is nobody's fault, and the text has no stack of libraries in it."""
    path = kube.kubeconfig(tmp_path / "config")
    path.write_text(path.read_text().replace(f":{kube.port}", ":1"))
    cluster = of(path)

    async def scenario() -> None:
        with pytest.raises(Unavailable, match="away"):
            await cluster.create(MAP, namespace, config_map("c"))

    run(cluster, scenario())


def test_a_name_is_taken_even_while_it_is_being_deleted(kube: ApiServer, admin: KubernetesCluster, namespace: str) -> None:
    """Kubernetes answers AlreadyExists then too, and the object still tells whose it is."""
    collection = f"/api/v1/namespaces/{namespace}/configmaps"
    kube.client.create(collection, {"metadata": {"name": "c", "finalizers": ["test.argosy.io/hold"]}})
    kube.client.delete(f"{collection}/c")

    async def scenario() -> None:
        with pytest.raises(NameTaken):
            await admin.create(MAP, namespace, config_map("c"))
        found = await admin.get(MAP, namespace, "c")
        assert found is not None
        assert found["metadata"]["deletionTimestamp"]

    run(admin, scenario())


def test_what_is_missing_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    """Outside of a cluster a kubeconfig is wanted, and it has to be a file."""
    config = tmp_path / "config"
    assert reachable_from(config, {}) == f"KUBECONFIG: {config} is no file"
    assert (reachable_from(None, {}) or "").startswith("KUBECONFIG: required")
    config.write_text("{}")
    assert reachable_from(config, {}) is None


def test_a_kubeconfig_that_says_nothing_is_told(tmp_path: Path) -> None:
    """It may be filled in later: the trigger waits and says so."""
    config = tmp_path / "config"
    config.write_text("{}")
    cluster = of(config)

    async def scenario() -> None:
        with pytest.raises(Refused, match="configuration"):
            await cluster.namespaced(MAP)

    run(cluster, scenario())
