"""Operations beyond creating, and policies, in a sensor process between a real bus and a real API server."""

from typing import Any

import pytest

from argosy.servers.kubeclient import WORKFLOWS
from tests.integration.sensor.rig import WORKFLOW, Rig, eventually

NAMED: dict[str, Any] = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "w"}}
MAP: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
TWICE = {"steps": 2, "duration": "10ms"}
RULES = [
    {"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get", "patch"]},
    {"apiGroups": ["argoproj.io"], "resources": ["workflowtemplates"], "verbs": ["get"]},
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "get", "update"]},
]


def kubeconfig(rig: Rig, *rules: dict[str, Any]) -> str:
    """Give the kubeconfig of an account with these rights and no others."""
    path = rig.folder / "operator"
    rig.kube.client.grant(rig.namespace, "operator", rules)
    rig.kube.kubeconfig(path, token=rig.kube.token_for(rig.namespace, "operator"), namespace=rig.namespace)
    return str(path)


def body(dest: str) -> dict[str, Any]:
    """Write a parameter that takes the event's body."""
    return {"src": {"dependencyName": "order", "dataKey": "body"}, "dest": dest}


def several(rig: Rig, *triggers: dict[str, Any]) -> dict[str, Any]:
    """Write a sensor of these triggers; each gets a name."""
    document = rig.document()
    named = [{**each, "template": {"name": f"t{number}", **each["template"]}} for number, each in enumerate(triggers)]
    document["spec"]["triggers"] = named
    return document


def test_operations_side_by_side(rig: Rig) -> None:
    """Each event updates, steers and submits, with no more rights than that takes; the pod is ready with them."""
    rig.kube.client.create(rig.path, {**NAMED, "spec": {}, "status": {"phase": "Running"}})
    templates = f"{WORKFLOWS}/namespaces/{rig.namespace}/workflowtemplates"
    template = {**NAMED, "kind": "WorkflowTemplate", "metadata": {"name": "wt"}}
    rig.kube.client.create(templates, {**template, "spec": {}})
    document = several(
        rig,
        {"template": {"k8s": {"operation": "update", "source": {"resource": MAP}, "parameters": [body("data.said")]}}},
        {"template": {"argoWorkflow": {"operation": "suspend", "source": {"resource": NAMED}}}},
        {"template": {"argoWorkflow": {"operation": "submit-from", "source": {"resource": template}, "args": ["-p", "a=b"]}}},
    )
    rig.sensor(document, KUBECONFIG=kubeconfig(rig, *RULES)).start()
    rig.publish([1])
    maps = f"/api/v1/namespaces/{rig.namespace}/configmaps"
    eventually("the ConfigMap", lambda: rig.kube.client.get(f"{maps}/c")["data"] == {"said": "body 1"})
    rig.publish([2])
    eventually("its update", lambda: rig.kube.client.get(f"{maps}/c")["data"] == {"said": "body 2"})
    eventually("the suspension", lambda: rig.kube.client.get(f"{rig.path}/w")["spec"] == {"suspend": True})
    eventually("two submissions", lambda: rig.count() == 3)
    eventually("nothing unread", lambda: rig.unread() == 0)


@pytest.mark.promise("A4")
def test_what_an_event_names_and_is_not_there(rig: Rig) -> None:
    """A template or a Workflow that is missing is tried as often as the document says, then parked; others go on."""
    template = {**NAMED, "kind": "WorkflowTemplate", "metadata": {"name": "wt"}}
    submit = {"operation": "submit-from", "source": {"resource": template}}
    stop = {"operation": "stop", "source": {"resource": NAMED}, "parameters": [body("metadata.name")]}
    sensor = rig.sensor(
        several(
            rig,
            {"template": {"argoWorkflow": submit}, "retryStrategy": TWICE},
            {"template": {"argoWorkflow": stop}, "retryStrategy": TWICE},
        ),
        KUBECONFIG=kubeconfig(rig, *RULES),
    ).start()
    rig.publish([1], data=b'{"body": "no-such"}')
    eventually("two dead letters", lambda: len(rig.dead()) == 2)
    found = {letter["Argosy-Part"]: letter for letter in rig.dead()}
    assert {letter["Argosy-Reason"] for letter in found.values()} == {"retries_exhausted"}
    assert "WorkflowTemplate" in found["t0"]["Argosy-Detail"]
    assert "no-such" in found["t1"]["Argosy-Detail"]
    assert sensor.says("readyz")


@pytest.mark.promise("B2")
def test_a_policy_that_is_not_met_parks_and_makes_no_second_object(rig: Rig) -> None:
    """Two attempts look at one Workflow; the dead letter names the policy. One that gets its labels is a success."""
    document = rig.document()
    backoff = {"steps": 2, "duration": "10ms", "jitter": 0}
    policy = {"labels": {"done": "yes"}, "errorOnBackoffTimeout": True, "backoff": backoff}
    document["spec"]["triggers"][0] |= {"policy": {"k8s": policy}, "retryStrategy": TWICE}
    rig.sensor(document).start()
    rig.publish([1])
    eventually("a dead letter", lambda: len(rig.dead()) == 1)
    assert rig.dead()[0]["Argosy-Reason"] == "policy_failed"
    assert rig.count() == 1
    document["spec"]["triggers"][0]["template"]["k8s"]["source"]["resource"] = WORKFLOW | {
        "metadata": {"generateName": "order-", "labels": {"done": "yes"}}
    }
    rig.sensors[0].process.stop()
    rig.sensor(document).start()
    rig.publish([2])
    eventually("nothing unread", lambda: rig.count() == 2 and rig.unread() == 0)
    assert len(rig.dead()) == 1


def waiting(rig: Rig) -> dict[str, Any]:
    """Start a sensor, whose policy would wait for hours, with an event; end it when the Workflow is there."""
    document = rig.document()
    policy = {"labels": {"done": "yes"}, "errorOnBackoffTimeout": True, "backoff": {"duration": "1h", "jitter": 0}}
    document["spec"]["triggers"][0]["policy"] = {"k8s": policy}
    sensor = rig.sensor(document).start()
    rig.publish([1])
    eventually("the Workflow", lambda: rig.count() == 1)
    sensor.process.stop(deadline=20)
    assert rig.unread() == 1
    return document


@pytest.mark.promise("B2")
def test_a_sensor_that_ends_while_a_policy_waits(rig: Rig) -> None:
    """SIGTERM ends the waiting at once; the next pod finds the Workflow, waits on, and makes no second one."""
    document = waiting(rig)
    (made,) = rig.workflows()
    rig.kube.client.patch(f"{rig.path}/{made['metadata']['name']}", {"metadata": {"labels": {"done": "yes"}}})
    rig.sensor(document).start()
    eventually("nothing unread", lambda: rig.unread() == 0)
    assert rig.count() == 1
    assert rig.dead() == []


@pytest.mark.promise("B3")
def test_a_workflow_that_is_gone_while_its_policy_waits(rig: Rig) -> None:
    """Its time to live has passed when the event comes again: the ledger knows that it was made, and none is made again."""
    document = waiting(rig)
    rig.kube.client.delete(rig.path)
    rig.sensor(document).start()
    eventually("nothing unread", lambda: rig.unread() == 0)
    assert rig.count() == 0
