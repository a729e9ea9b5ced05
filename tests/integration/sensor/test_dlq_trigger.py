"""The dlqTrigger on real servers: it has its turn when the trigger has no attempts left, once, whatever happens in between."""

from typing import Any

import pytest

from tests.integration.sensor.rig import CREATE_AND_GET, WORKFLOW, Rig, eventually

STEER = [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create", "get", "patch"]}]


def document(rig: Rig, *, dlq_in: str = "") -> dict[str, Any]:
    """Write a Sensor that resumes a Workflow which is not there, twice, and then makes one in its stead."""
    made = rig.document()
    body = {"dependencyName": "order", "dataKey": "body"}
    nobody = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "nobody"}}
    resume = {"operation": "resume", "source": {"resource": nobody}}
    metadata = {"generateName": "dead-"} | ({"namespace": dlq_in} if dlq_in else {})
    instead = {
        "operation": "create",
        "source": {"resource": {**WORKFLOW, "metadata": metadata}},
        "parameters": [{"src": body, "dest": "spec.arguments.parameters.0.value"}],
    }
    made["spec"]["triggers"] = [
        {
            "template": {"name": "resume", "argoWorkflow": resume},
            "retryStrategy": {"steps": 2, "duration": "100ms"},
            "atLeastOnce": True,
            "dlqTrigger": {"template": {"name": "instead", "k8s": instead}, "atLeastOnce": True},
        }
    ]
    return made


@pytest.mark.promise("A3", "A4")
def test_what_has_no_attempts_left_goes_to_the_dlq_trigger(rig: Rig) -> None:
    """Five events that fail twice: five objects of the dlqTrigger, nothing parked, each counted where Argo Events counts it."""
    rig.kube.client.grant(rig.namespace, "sensor", STEER)
    sensor = rig.sensor(document(rig)).start()
    rig.publish(range(5))
    eventually("the objects of the dlqTrigger", lambda: rig.count() == 5)
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    assert rig.values() == [f"body {n}" for n in range(5)]
    assert all(w["metadata"]["name"].startswith("dead-") for w in rig.workflows())
    assert rig.dead() == []
    sensor.counts(5, outcome="dlq_triggered")
    assert sensor.total("argo_events_action_failed_total", trigger_name="resume") == 10
    assert sensor.total("argo_events_action_triggered_total", trigger_name="instead") == 5


@pytest.mark.promise("A4")
def test_a_kill_before_the_dlq_trigger_brings_no_new_attempts(rig: Rig) -> None:
    """That there are no attempts left is stored: a pod that comes after a kill goes straight to the dlqTrigger."""
    other = f"{rig.namespace}-other"
    rig.kube.client.namespace(other)
    rig.kube.client.grant(rig.namespace, "sensor", STEER)
    first = rig.sensor(document(rig, dlq_in=other), SENSOR_ACK_WAIT="3").start(wait=False)
    eventually("the consumer", lambda: "consumer.attached" in first.process.tail())
    rig.publish([1])
    # Its own permission is missing, so it waits and its event with it.
    eventually("the dlqTrigger is refused", lambda: "trigger instead" in first.read("readyz"))
    first.process.kill()
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{other}"
    rig.kube.client.create(f"{path}/roles", {"metadata": {"name": "sensor"}, "rules": CREATE_AND_GET})
    subject = {"kind": "ServiceAccount", "namespace": rig.namespace, "name": "sensor"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "sensor"}
    rig.kube.client.create(f"{path}/rolebindings", {"metadata": {"name": "sensor"}, "roleRef": role, "subjects": [subject]})
    second = rig.sensor(document(rig, dlq_in=other), SENSOR_ACK_WAIT="3").start()
    eventually("its object", lambda: len(rig.kube.client.workflows(other)) == 1)
    eventually("nothing is left in hand", lambda: rig.unread() == 0)
    assert second.total("argo_events_action_failed_total", trigger_name="resume") == 0
