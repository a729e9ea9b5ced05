"""The rendered Roles against what a sensor asks of the real API server, by the server's own audit log: enough, and no more."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from argosy.servers.apiserver import ApiServer
from tests.charts.helm import Helm
from tests.charts.pods import Pod
from tests.charts.release import Release, emulated
from tests.endtoend.rig import eventually
from tests.servers.sqs import Queue

ARGO = "argoproj.io/v1alpha1"
AUDIT = (
    '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}]}'
)
ONCE = {"k8s": {"labels": {"seen": "yes"}, "backoff": {"steps": 1, "duration": "10ms"}, "errorOnBackoffTimeout": False}}
"""A policy that looks at the object once."""
BODY = {"src": {"dependencyName": "placed", "dataKey": "body"}}
MISSING = {"src": {"dependencyName": "placed", "dataKey": "nowhere"}, "dest": "data.value"}
Rights = dict[str, dict[str, set[str]]]
"""case → "group/resource" → verbs"""


def named(kind: str, name: str, version: str = ARGO, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any object
    """Write an object of a name."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **more}


def k8s(operation: str, resource: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a document
    """Write the template of a `k8s` trigger."""
    return {"k8s": {"operation": operation, "source": {"resource": resource}, **more}}


def argo(operation: str, name: str, kind: str = "Workflow") -> dict[str, Any]:
    """Write the template of an `argoWorkflow` trigger."""
    return {"argoWorkflow": {"operation": operation, "source": {"resource": named(kind, name)}}}


CONFIG = named("ConfigMap", "settings", "v1", data={"value": ""})
ANY_CONFIG = {**CONFIG, "metadata": {"generateName": "x-"}}
WORKFLOW = {"apiVersion": ARGO, "kind": "Workflow", "metadata": {"generateName": "x-"}, "spec": {}}
SUBMIT = {"argoWorkflow": {"operation": "submit", "source": {"resource": WORKFLOW}}}
CASES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "create": (k8s("create", WORKFLOW), {"policy": ONCE}),
    "counted": (SUBMIT, {"policy": ONCE, "argosy": {"maxActive": 5}}),
    "update": (k8s("update", CONFIG, parameters=[{**BODY, "dest": "data.value"}]), {}),
    "patch": (k8s("patch", CONFIG, parameters=[{**BODY, "dest": "data.value"}]), {}),
    "apply": (k8s("patch", CONFIG, patchStrategy="application/apply-patch+yaml"), {}),
    "delete": (k8s("delete", CONFIG), {}),
    "live": (k8s("update", CONFIG, liveObject=True, parameters=[{**BODY, "dest": "data.value"}]), {}),
    "template": (argo("submit-from", "given", "WorkflowTemplate"), {"policy": ONCE}),
    "cron": (argo("submit-from", "given", "CronWorkflow"), {"policy": ONCE}),
    "suspend": (argo("suspend", "given"), {}),
    "resume": (argo("resume", "given"), {}),
    "stop": (argo("stop", "given"), {}),
    "terminate": (argo("terminate", "given"), {}),
    "instead": (
        k8s("create", CONFIG, parameters=[MISSING]),
        {"dlqTrigger": {"template": {"name": "d", **k8s("create", ANY_CONFIG)}, "atLeastOnce": True, "policy": ONCE}},
    ),
}
"""case, which is also the end of a namespace's name → the template of a trigger, and what stands beside it."""
GIVEN: Mapping[str, dict[str, Any]] = {
    "live": CONFIG,
    "delete": CONFIG,
    "template": named("WorkflowTemplate", "given", spec={}),
    "cron": named("CronWorkflow", "given", spec={"schedules": ["@daily"], "workflowSpec": {}}),
    "suspend": named("Workflow", "given", spec={}),
    "resume": named("Workflow", "given", spec={"suspend": True}),
    "stop": named("Workflow", "given", spec={}),
    "terminate": named("Workflow", "given", spec={}),
}
"""What is there already."""
UNASKED: Rights = {
    # Applying creates by itself, which takes the right all the same; and an event that comes again is looked up.
    "apply": {"/configmaps": {"create", "get"}},
}
"""What is granted, and not asked for by two events that go through."""


@pytest.fixture
def audited(own_kube: Callable[[], ApiServer], tmp_path: Path) -> ApiServer:
    """Give an API server that writes down who asks for what."""
    server = own_kube()
    server.stop()
    (tmp_path / "audit.json").write_text(AUDIT)
    flags = [f"--audit-policy-file={tmp_path / 'audit.json'}", f"--audit-log-path={tmp_path / 'audit.log'}"]
    server.process.command = [*server.process.command, *flags]
    server.start()
    return server


@pytest.fixture
def release(helm3: Helm, audited: ApiServer, tmp_path: Path) -> Iterator[Release]:
    """Give a namespace with nothing in it yet, and one for each case with what is there already."""
    audited.client.namespace("argo")
    for case in CASES:
        audited.client.namespace(place(case))
    for case, given in GIVEN.items():
        root = "/api/v1" if given["apiVersion"] == "v1" else f"/apis/{ARGO}"
        audited.client.create(f"{root}/namespaces/{place(case)}/{given['kind'].lower()}s", given)
    release = Release(helm3, audited, "argo", tmp_path)
    yield release
    release.end()


def place(case: str) -> str:
    """Name the namespace of a case."""
    return f"argo-{case}"


def sensor() -> dict[str, Any]:
    """Write the sensor: a trigger for each case, each in its own namespace."""
    triggers: list[dict[str, Any]] = []
    for case, (template, beside) in CASES.items():
        trigger = json.loads(json.dumps({"template": {"name": case, **template}, "atLeastOnce": True, **beside}))
        for part in (trigger, *([trigger["dlqTrigger"]] if "dlqTrigger" in trigger else [])):
            for kind in {"k8s", "argoWorkflow"} & part["template"].keys():
                part["template"][kind]["source"]["resource"]["metadata"]["namespace"] = place(case)
        triggers.append(trigger)
    dependencies = [{"name": "placed", "eventSourceName": "orders", "eventName": "placed"}]
    return {"dependencies": dependencies, "triggers": triggers}


def asked(log: Path, user: str) -> tuple[Rights, list[dict[str, Any]]]:
    """Read what an account asked for in the namespaces of the cases, and what of it was refused."""
    found: Rights = defaultdict(lambda: defaultdict(set))
    refused = []
    for line in log.read_text().splitlines():
        event = json.loads(line)
        target = event.get("objectRef", {})
        case = target.get("namespace", "").removeprefix("argo-")
        if event["user"]["username"] == user and case in CASES:
            found[case][f"{target.get('apiGroup', '')}/{target['resource']}"].add(event["verb"])
            refused += [event] if event.get("responseStatus", {}).get("code") == 403 else []
    return {case: dict(rights) for case, rights in found.items()}, refused


def granted(kube: ApiServer) -> Rights:
    """Read the Roles that were installed."""
    found: Rights = {}
    for case in CASES:
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{place(case)}/roles"
        [role] = kube.client.get(rbac)["items"]
        found[case] = {f"{r['apiGroups'][0]}/{r['resources'][0]}": set(r["verbs"]) for r in role["rules"]}
    return found


def less(rights: Rights, other: Rights) -> Rights:
    """Take away what others have."""
    left = {
        case: {key: verbs - other.get(case, {}).get(key, set()) for key, verbs in resources.items()}
        for case, resources in rights.items()
    }
    return {case: {key: verbs for key, verbs in kept.items() if verbs} for case, kept in left.items() if any(kept.values())}


def fired(pod: Pod) -> float:
    """Count the events that went through, by their trigger or by what stands in for it."""
    outcomes = {name: value for name, value in pod.metrics().items() if name.startswith("argosy_sensor_outcomes_total")}
    return sum(value for name, value in outcomes.items() if 'outcome="fired"' in name or 'outcome="dlq_triggered"' in name)


@pytest.mark.timeout(300)
def test_a_sensor_may_do_what_its_operations_ask_for_and_nothing_more(release: Release, queue: Queue, tmp_path: Path) -> None:
    """Every operation twice, with the rendered Roles alone: nothing is refused, and no verb is granted that nobody uses."""
    values = {"sensors": {"orders": {"spec": sensor()}}}
    release.say("install", emulated(queue), values)
    release.bus()
    release.pod("eventsource").start()
    pod = release.pod("sensor")
    pod.start()
    account = release.deployment("sensor")["spec"]["template"]["spec"]["serviceAccountName"]
    user, log = f"system:serviceaccount:argo:{account}", tmp_path / "audit.log"
    for message in ("one", "two"):
        queue.send(message)
        done = len(CASES) * (1 if message == "one" else 2)
        eventually(f"{done} triggers have fired", lambda done=done: fired(pod) >= done, 120)  # type: ignore[misc]
    # The API server writes down what it has answered already.
    eventually("all was asked for", lambda: less(granted(release.kube), asked(log, user)[0]) == UNASKED, 30)
    found, refused = asked(log, user)
    assert not refused
    assert not less(found, granted(release.kube)), "asked for and not granted, and yet not refused"
