"""A sensor's rights: one Role in each namespace that its triggers act on, with what they do and nothing more."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.errors import ConfigurationError
from common.subjects import Names
from sensor import rules
from sensor.cluster import KubernetesCluster
from sensor.plan import plan
from sensor.triggers import Surroundings
from sensor.triggers.k8s import VERBS
from tests.charts.helm import CHART, EXAMPLES, Helm, Refused, Rendered
from tests.charts.items import RESOURCE, SENSOR, rendered

Rights = dict[str, dict[tuple[str, str], set[str]]]
"""namespace → (group, resource) → verbs"""


def rights(found: Rendered, item: str) -> Rights:
    """Read what a sensor may do, and check that it is bound to its account and to nothing else."""
    granted: Rights = {}
    for role in (o for o in found.objects if o["kind"] == "Role" and o["metadata"]["labels"]["argosy.io/sensor"] == item):
        where, name = role["metadata"]["namespace"], role["metadata"]["name"]
        bindings = [o for o in found.objects if o["kind"] == "RoleBinding" and o["metadata"]["namespace"] == where]
        [binding] = [o for o in bindings if o["roleRef"]["name"] == name]
        account = found.pod(f"sensor-{item}")["serviceAccountName"]
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": account, "namespace": "argo"}]
        granted[where] = {}
        for rule in role["rules"]:
            pairs = [(group, resource) for group in rule["apiGroups"] for resource in rule["resources"]]
            granted[where] |= {pair: set(rule["verbs"]) for pair in pairs}
    return granted


def of(helm: Helm, template: dict[str, Any], trigger: dict[str, Any] | None = None, **beside: Any) -> Rendered:  # noqa: ANN401
    """Render a sensor with this one trigger."""
    made = {"template": {"name": "t", **template}, **(trigger or {})}
    return rendered(helm, sensor={"spec": {**SENSOR, "triggers": [made]}, **beside})


def k8s(operation: str = "create", resource: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Write a `k8s` trigger."""
    return {"k8s": {"operation": operation, "source": {"resource": resource or RESOURCE}, **more}}


def test_there_is_no_cluster_role(helm3: Helm) -> None:
    """Nothing in any example reaches beyond named namespaces."""
    for example in EXAMPLES:
        kinds = {o["kind"] for o in helm3.template(example).objects}
        assert not kinds & {"ClusterRole", "ClusterRoleBinding"}


def test_creating_workflows_takes_create_and_get(helm3: Helm) -> None:
    """That is all for the plainest sensor; nothing is listed, watched or deleted."""
    assert rights(rendered(helm3), "orders") == {"argo": {("argoproj.io", "workflows"): {"create", "get"}}}


@pytest.mark.parametrize("operation", VERBS)
def test_each_operation_takes_the_verbs_that_the_sensor_asks_for(helm3: Helm, operation: str) -> None:
    """No more and no fewer, for any kind that the chart knows."""
    resource = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "web"}}
    assert rights(of(helm3, k8s(operation, resource)), "orders") == {"web": {("apps", "deployments"): set(VERBS[operation])}}


@pytest.mark.parametrize(
    ("operation", "resources"),
    [
        ("submit", {"workflows": "create get"}),
        ("submit-from", {"workflows": "create get", "workflowtemplates": "get"}),
        ("suspend", {"workflows": "get patch"}),
        ("stop", {"workflows": "get patch"}),
        ("resume", {"workflows": "get patch"}),
        ("terminate", {"workflows": "get patch"}),
        ("retry", {}),
        ("resubmit", {}),
    ],
)
def test_argo_workflow_triggers(helm3: Helm, operation: str, resources: dict[str, str]) -> None:
    """What the argo command would need, without the command."""
    kind = "WorkflowTemplate" if operation == "submit-from" else "Workflow"
    source = {"resource": {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": "x"}}}
    found = of(helm3, {"argoWorkflow": {"operation": operation, "source": source}})
    wanted = {("argoproj.io", r): set(v.split()) for r, v in resources.items()}
    assert rights(found, "orders") == ({"argo": wanted} if wanted else {})


def test_a_policy_of_what_argo_server_does_looks_at_the_workflow(helm3: Helm) -> None:
    """The sensor asks Argo Server to retry, and waits for the labels itself."""
    source = {"resource": {**RESOURCE, "metadata": {"name": "x", "namespace": "runs"}}}
    template = {"argoWorkflow": {"operation": "retry", "source": source}}
    found = of(helm3, template, {"policy": {"k8s": {"labels": {"done": "yes"}}}})
    assert rights(found, "orders") == {"runs": {("argoproj.io", "workflows"): {"get"}}}


def test_an_update_of_the_live_object_creates_nothing(helm3: Helm) -> None:
    """With `liveObject` the object has to be there."""
    found = of(helm3, k8s("update", {**RESOURCE, "metadata": {"name": "x"}}, liveObject=True))
    assert rights(found, "orders") == {"argo": {("argoproj.io", "workflows"): {"get", "update"}}}


def test_one_role_in_each_target_namespace(helm3: Helm) -> None:
    """Several triggers, several namespaces, and none for a sensor without a cluster."""
    targets = helm3.template(next(path for path in EXAMPLES if path.stem == "targets"))
    assert rights(targets, "configuration") == {
        "web": {("", "configmaps"): {"create", "get", "update"}, ("apps", "deployments"): {"create", "get", "patch"}},
        "jobs": {("batch", "jobs"): {"delete"}},
    }
    assert rights(targets, "notify") == {}
    assert targets.pod("sensor-notify")["automountServiceAccountToken"] is False
    trainings = {("ml.example.com", "trainings"): {"create", "get"}}
    workflows = {("argoproj.io", "workflows"): {"create", "get"}}
    assert rights(targets, "trainings") == {"argo": workflows | trainings, "gpu": workflows | trainings}


def test_a_limit_of_active_workflows_takes_list_and_watch(helm3: Helm) -> None:
    """`maxActive` counts what runs."""
    found = of(helm3, k8s(), {"argosy": {"maxActive": 5}})
    assert rights(found, "orders")["argo"][("argoproj.io", "workflows")] == {"create", "get", "list", "watch"}
    dlq = {"template": {"name": "d", **k8s()}, "argosy": {"maxActive": 5}}
    assert rights(of(helm3, k8s(), {"dlqTrigger": dlq}), "orders")["argo"][("argoproj.io", "workflows")] == {"create", "get"}


def test_the_role_of_a_trigger_that_stands_in(helm3: Helm) -> None:
    """A `dlqTrigger` needs its rights too."""
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "x-"}}
    found = of(helm3, k8s(), {"dlqTrigger": {"template": {"name": "d", **k8s(resource=job)}}})
    assert set(rights(found, "orders")["argo"]) == {("argoproj.io", "workflows"), ("batch", "jobs")}


NAMESPACE = {"src": {"dependencyName": "placed"}, "dest": "metadata.namespace"}
UNKNOWN = {"apiVersion": "example.com/v1", "kind": "Goose", "metadata": {"name": "x"}}
UNTOLD: list[tuple[dict[str, Any], str]] = [
    (k8s(resource=UNKNOWN), "does not know the plural of Goose"),
    (k8s(resource={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}), "belongs to no namespace"),
    ({"k8s": {"source": {"configmap": {"name": "a", "key": "b"}}}}, "its object stands outside of the document"),
    ({"k8s": {"source": {"inline": "- a\n- b\n"}}}, "no YAML of an object"),
    (k8s(parameters=[NAMESPACE]), "events decide about its metadata.namespace"),
]


@pytest.mark.parametrize(("template", "why"), UNTOLD, ids=[why for _, why in UNTOLD])
def test_what_nobody_can_work_out_has_to_be_said(helm3: Helm, template: dict[str, Any], why: str) -> None:
    """The refusal names the trigger and the values to give; with rules of the user's, it goes on."""
    with pytest.raises(Refused, match=why) as refusal:
        of(helm3, template)
    assert "sensors.orders.spec.triggers[0]" in str(refusal.value)
    assert "sensors.orders.rbac.rules" in str(refusal.value)
    rule = {"apiGroups": ["example.com"], "resources": ["geese"], "verbs": ["create", "get"]}
    found = of(helm3, template, rbac={"rules": [rule]})
    assert rights(found, "orders") == {"argo": {("example.com", "geese"): {"create", "get"}}}
    assert not of(helm3, template, rbac={"create": False}).of("Role")


def test_namespaces_that_events_choose(helm3: Helm) -> None:
    """Where an event names the namespace, the user names those that it may be."""
    template = k8s(parameters=[NAMESPACE])
    found = rights(of(helm3, template, rbac={"namespaces": ["one", "two"]}), "orders")
    assert set(found) == {"argo", "one", "two"}
    assert found["two"] == {("argoproj.io", "workflows"): {"create", "get"}}


def test_no_roles_at_all(helm3: Helm) -> None:
    """`rbac.create: false` leaves them to somebody else; the pod has its token all the same."""
    found = rendered(helm3, rbac={"create": False})
    assert not found.of("Role")
    assert found.pod("sensor")["automountServiceAccountToken"] is True


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_chart_grants_what_the_sensor_asks_for(helm3: Helm, example: Path) -> None:
    """For every trigger of the examples that this version can plan, the sensor's own account of its reach is allowed."""
    found = helm3.template(example)
    kinds = yaml.safe_load((CHART / "files" / "kinds.yaml").read_text())["namespaced"]
    for name, document in documents(found).items():
        try:
            planned = plan(rules.read(document).value, around(name), Names())
        except ConfigurationError as error:
            assert "this version of Argosy does not support it" in str(error) or "could not find" in str(error)  # noqa: PT017
            continue
        granted = rights(found, name)
        for reach in (trigger.fires.reach for trigger in planned):
            if reach is not None:
                group = reach.target.api_version.rpartition("/")[0]
                plural = kinds.get(group, {}).get(reach.target.kind, f"{reach.target.kind.lower()}s")
                assert set(reach.verbs) <= granted[reach.namespace][(group, plural)]


def documents(found: Rendered) -> dict[str, Any]:
    """Give the sensors' documents as the pods read them, by name."""
    texts = [o["data"]["sensor.yaml"] for o in found.of("ConfigMap").values() if "sensor.yaml" in o.get("data", {})]
    return {document["metadata"]["name"]: document for document in map(yaml.safe_load, texts)}


def around(name: str) -> Surroundings:
    """Give what triggers are made of, without anything behind it."""
    return Surroundings(name, "argo", KubernetesCluster(Path(os.devnull), in_flight=1))
