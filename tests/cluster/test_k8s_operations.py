"""Every operation of the `k8s` trigger at the real API server, with kinds of all sorts."""

from pathlib import Path
from typing import Any

import pytest

from argosy.servers.kubeclient import KubeError
from common.errors import Failed, Refused, Rejected
from sensor import identity
from sensor.ports import Fired
from sensor.ports import Trigger as Fires
from tests.cluster.acting import DIGEST, Acting, firing, k8s, parameter

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "d"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "d"}},
        "template": {
            "metadata": {"labels": {"app": "d"}},
            "spec": {"containers": [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]},
        },
    },
}


def config_map(data: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:  # noqa: ANN401
    """Write a ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", **metadata}, "data": data or {}}


def maps(acting: Acting, name: str = "") -> str:
    """Give the path of the ConfigMaps, or of one."""
    return f"/api/v1/namespaces/{acting.namespace}/configmaps" + (f"/{name}" if name else "")


def deployments(acting: Acting, name: str = "") -> str:
    """Give the path of the Deployments, or of one."""
    return f"/apis/apps/v1/namespaces/{acting.namespace}/deployments" + (f"/{name}" if name else "")


def test_update_lays_the_object_over_the_one_that_is_there(acting: Acting) -> None:
    """What the document does not name stays; zero, empty and null replace; the parameter is in its place."""
    acting.put(deployments(acting), DEPLOYMENT | {"metadata": {"name": "d", "labels": {"old": "1"}}})
    over = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 0, "paused": True}}
    acting.fire(k8s("update", over, parameter("spec.template.metadata.labels.said")))
    found = acting.get(deployments(acting, "d"))
    assert found["metadata"]["labels"] == {"old": "1"}
    assert (found["spec"]["replicas"], found["spec"]["paused"]) == (0, True)
    assert found["spec"]["template"]["metadata"]["labels"] == {"app": "d", "said": "hello"}
    assert identity.FIRING not in (found["metadata"].get("annotations") or {})


@pytest.mark.promise("B2")
@pytest.mark.parametrize("operation", ["update", "patch"])
def test_what_is_not_there_is_created_once(acting: Acting, operation: str) -> None:
    """Without the sensor's labels, as in Argo Events, and with our annotation: a repetition knows it and changes nothing."""
    template = k8s(operation, config_map({"k": "v"}), parameter("data.body"))

    async def work(made: Fires) -> list[Fired | None]:
        before = await made.find(firing())
        return [before, await made.fire(firing()), await made.fire(firing()), await made.find(firing())]

    before, *fired = acting.with_trigger(template, work)
    assert before is None
    assert [each.how for each in fired if each] == ["fired", "duplicate", "duplicate"]
    metadata = acting.get(maps(acting, "c"))["metadata"]
    assert "labels" not in metadata
    assert metadata["annotations"][identity.FIRING] == DIGEST
    acting.fire(template, firing({"body": "next"}, digest="e1" * 32))
    assert acting.get(maps(acting, "c"))["data"] == {"k": "v", "body": "next"}


def test_a_conflict_is_an_attempt(acting: Acting) -> None:
    """The version that the document names has passed: the event is tried again, the trigger goes on."""
    acting.put(maps(acting), config_map({"k": "1"}))
    with pytest.raises(Failed, match="409"):
        acting.fire(k8s("update", config_map({"k": "2"}, resourceVersion="1")))
    assert acting.get(maps(acting, "c"))["data"] == {"k": "1"}


def test_the_live_object_takes_the_parameters(acting: Acting) -> None:
    """They may append to what stands there; without the object it is an attempt."""
    bare = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": acting.namespace}}
    template = k8s("update", bare, {**parameter("data.k"), "operation": "append"}, liveObject=True)
    with pytest.raises(Failed, match="is not there"):
        acting.fire(template)
    acting.put(maps(acting), config_map({"k": "so ", "other": "1"}))
    acting.fire(template)
    assert acting.get(maps(acting, "c"))["data"] == {"k": "so hello", "other": "1"}
    with pytest.raises(Refused, match=r"here\.k8s\.source: the namespace"):
        acting.fire(k8s("update", config_map(), liveObject=True))


def containers(acting: Acting) -> dict[str, str]:
    """Give the images of the Deployment by container."""
    spec = acting.get(deployments(acting, "d"))["spec"]["template"]["spec"]
    return {each["name"]: each["image"] for each in spec["containers"]}


@pytest.mark.parametrize(
    ("strategy", "images"),
    [
        ("application/merge-patch+json", {"b": "b:2"}),
        ("application/strategic-merge-patch+json", {"a": "a:1", "b": "b:2"}),
        ("application/apply-patch+yaml", {"a": "a:1", "b": "b:2"}),
    ],
)
def test_each_patch_strategy(acting: Acting, strategy: str, images: dict[str, str]) -> None:
    """A merge patch replaces lists, a strategic one merges them by name, and so does server-side apply."""
    acting.put(deployments(acting), DEPLOYMENT)
    patch = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"template": {"spec": {"containers": [{"name": "b", "image": "x"}]}}},
    }
    template = k8s("patch", patch, parameter("spec.template.spec.containers.0.image"), patchStrategy=strategy)
    acting.fire(template, firing({"body": "b:2"}))
    assert containers(acting) == images


def test_apply_creates_and_takes_over(acting: Acting) -> None:
    """Server-side apply makes what is missing, owns what it set, and takes a field that another manager set."""
    template = k8s("patch", config_map({"k": "x"}), parameter("data.k"), patchStrategy="application/apply-patch+yaml")
    acting.fire(template)
    acting.kube.client.patch(maps(acting, "c"), {"data": {"k": "theirs", "other": "1"}})
    acting.fire(template, firing(digest="e1" * 32))
    found = acting.get(maps(acting, "c"))
    assert found["data"] == {"k": "hello", "other": "1"}
    assert ("argosy", "Apply") in [(each["manager"], each["operation"]) for each in found["metadata"]["managedFields"]]


def test_delete_and_delete_again(acting: Acting) -> None:
    """What is not there is as good as deleted; a policy has nothing to wait for (fault F5 of Argo Events)."""
    acting.put(maps(acting), config_map())
    policy = {"labels": {"never": "there"}, "errorOnBackoffTimeout": True}
    assert acting.fire(k8s("delete", config_map()), firing(), firing(), policy=policy) == [
        f"ConfigMap {acting.namespace}/c, deleted",
        f"ConfigMap {acting.namespace}/c, not there",
    ]
    with pytest.raises(KubeError, match="NotFound"):
        acting.get(maps(acting, "c"))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "%2e%2e", "../../secrets/s"])
def test_no_name_leads_anywhere_else(acting: Acting, name: str) -> None:
    """A name or a namespace out of an event that is part of another path reaches no object, and no collection."""
    acting.put(maps(acting), config_map())
    for dest in ("metadata.name", "metadata.namespace"):
        if name or dest == "metadata.name":
            with pytest.raises(Rejected):
                acting.fire(k8s("delete", config_map(), parameter(dest)), firing({"body": name}))
    assert acting.get(maps(acting, "c"))
    assert acting.get(f"/api/v1/namespaces/{acting.namespace}")["status"]["phase"] == "Active"


def test_a_version_out_of_an_event_is_a_version(acting: Acting) -> None:
    """An apiVersion that is a path is one that nobody serves; the trigger goes on."""
    with pytest.raises(Failed, match="knows no"):
        acting.fire(k8s("create", config_map(), parameter("apiVersion")), firing({"body": "../api/v1"}))


def test_kinds_of_all_sorts(acting: Acting) -> None:
    """Cluster-wide kinds and irregular plurals come from discovery (fault F19 of Argo Events)."""
    name = f"class-{acting.namespace}"
    storage = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}, "provisioner": "x"}
    acting.fire(k8s("create", storage))
    acting.fire(k8s("update", {**storage, "metadata": {"name": name, "labels": {"l": "1"}}}), firing(digest="e1" * 32))
    found = acting.get(f"/apis/storage.k8s.io/v1/storageclasses/{name}")
    assert found["metadata"]["labels"]["l"] == "1"
    acting.fire(k8s("delete", storage))
    endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "e"}}
    acting.fire(k8s("patch", endpoints), firing())
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p"},
        "spec": {"podSelector": {}},
    }
    acting.fire(k8s("create", policy))
    assert acting.get(f"/api/v1/namespaces/{acting.namespace}/endpoints/e")
    assert acting.get(f"/apis/networking.k8s.io/v1/namespaces/{acting.namespace}/networkpolicies/p")


def test_a_missing_permission_stops_the_trigger(acting: Acting, tmp_path: Path) -> None:
    """Who may get but not update is told so, and no event is to blame."""
    acting.put(maps(acting), config_map({"k": "1"}))
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create"]}
    acting.kube.client.grant(acting.namespace, "reader", [rule])
    token = acting.kube.token_for(acting.namespace, "reader")
    acting.kubeconfig = acting.kube.kubeconfig(tmp_path / "reader", token=token)
    for operation in ("update", "patch", "delete"):
        with pytest.raises(Refused, match="403"):
            acting.fire(k8s(operation, config_map({"k": "2"})))
    assert acting.get(maps(acting, "c"))["data"] == {"k": "1"}
