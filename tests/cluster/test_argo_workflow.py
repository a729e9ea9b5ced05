"""The `argoWorkflow` trigger at the real API server, with the kinds of Argo Workflows and the test as their controller."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from argosy.servers.kubeclient import WORKFLOWS
from common.errors import Failed, Refused, Rejected
from sensor import identity
from sensor.ports import Fired
from sensor.ports import Trigger as Fires
from tests.cluster.acting import DIGEST, Acting, argo, firing, parameter

WORKFLOW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "order-", "labels": {"mine": "1"}},
    "spec": {"entrypoint": "main", "arguments": {"parameters": [{"name": "message"}, {"name": "other", "value": 1.50}]}},
}
NAMED = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "w"}}
VALUE = "spec.arguments.parameters.0.value"


def path(acting: Acting, plural: str = "workflows", name: str = "") -> str:
    """Give the path of a collection, or of an object in it."""
    return f"{WORKFLOWS}/namespaces/{acting.namespace}/{plural}" + (f"/{name}" if name else "")


def only(acting: Acting) -> dict[str, Any]:
    """Give the one Workflow there is."""
    (found,) = acting.kube.client.workflows(acting.namespace)
    return found


def running(acting: Acting, spec: dict[str, Any] | None = None, **status: Any) -> None:  # noqa: ANN401
    """Put a Workflow there that runs."""
    acting.put(path(acting), {**NAMED, "spec": spec or {}, "status": {"phase": "Running", **status}})


def node(phase: str = "Running", kind: str = "Suspend", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Write a node of a Workflow's status."""
    return {"id": "x", "name": "x", "displayName": "approve", "type": kind, "phase": phase, **more}


@pytest.mark.promise("B1")
@pytest.mark.promise("B2")
def test_submit_creates_one_workflow(acting: Acting) -> None:
    """Named after the event, with the three labels, our annotations and what the flags say; a repetition finds it."""
    args = ["--entrypoint", "other", "-p", "message=a=b c", "-pnew=x", "--labels=l=1,m=2", "--serviceaccount", "sa"]
    template = argo("submit", WORKFLOW, parameter(VALUE), args=[*args, "--priority", "7", "-o", "name", "--instanceid=i"])

    async def work(made: Fires) -> list[Fired | None]:
        return [await made.find(firing()), await made.fire(firing()), await made.fire(firing()), await made.find(firing())]

    before, *fired = acting.with_trigger(template, work)
    assert before is None
    assert [each.how for each in fired if each] == ["fired", "duplicate", "duplicate"]
    metadata, spec = only(acting)["metadata"], only(acting)["spec"]
    assert metadata["name"] == identity.object_name("order-", DIGEST)
    assert metadata["annotations"][identity.FIRING] == DIGEST
    labels = {"mine": "1", "l": "1", "m": "2", "workflows.argoproj.io/controller-instanceid": "i"}
    assert metadata["labels"] == labels | {
        "events.argoproj.io/sensor": "orders",
        "events.argoproj.io/trigger": "t",
        "events.argoproj.io/action-timestamp": "1700000000500",
    }
    assert (spec["entrypoint"], spec["serviceAccountName"], spec["priority"]) == ("other", "sa", 7)
    given = [{"name": "message", "value": "a=b c"}, {"name": "new", "value": "x"}]
    assert spec["arguments"]["parameters"] == [*given, {"name": "other", "value": 1.5}]


def test_a_file_of_parameters(acting: Acting, tmp_path: Path) -> None:
    """Texts as they are, anything else as JSON; one that is not there stops the trigger, as it may be mounted later."""
    file = tmp_path / "parameters.yaml"
    template = argo("submit", WORKFLOW, args=["-p", "message=m", "-f", str(file)])
    with pytest.raises(Refused, match="parameter-file"):
        acting.fire(template)
    file.write_text('text: "a \\"b\\""\nnumber: 5\nlist: [1, a]\n')
    acting.fire(template)
    found = {each["name"]: each["value"] for each in only(acting)["spec"]["arguments"]["parameters"]}
    assert found == {"message": "m", "text": 'a "b"', "number": "5", "list": '[1,"a"]', "other": 1.5}


@pytest.mark.promise("B1")
def test_submit_from_a_template(acting: Acting) -> None:
    """The Workflow refers to it; a template that is missing is an attempt, and so nothing is created (F6 of Argo Events)."""
    source = {"apiVersion": "argoproj.io/v1alpha1", "kind": "workflowtemplate", "metadata": {"name": "wt"}}
    template = argo("submit-from", source, args=["-p", "message=x"])
    with pytest.raises(Failed, match="wt is not there"):
        acting.fire(template)
    assert acting.kube.client.workflows(acting.namespace) == []
    acting.put(path(acting, "workflowtemplates"), {**source, "kind": "WorkflowTemplate", "spec": {"entrypoint": "main"}})

    async def work(made: Fires) -> list[Fired | None]:
        return [await made.fire(firing()), await made.fire(firing()), await made.find(firing())]

    assert [each.how for each in acting.with_trigger(template, work) if each] == ["fired", "duplicate", "duplicate"]
    metadata, spec = only(acting)["metadata"], only(acting)["spec"]
    assert metadata["name"] == identity.object_name("wt-", DIGEST)
    assert metadata["labels"]["workflows.argoproj.io/workflow-template"] == "wt"
    assert metadata["labels"]["events.argoproj.io/trigger"] == "t"
    parameters = {"parameters": [{"name": "message", "value": "x"}]}
    assert spec == {"workflowTemplateRef": {"name": "wt"}, "arguments": parameters}


def test_submit_from_a_cron_workflow(acting: Acting) -> None:
    """Its spec, its labels and annotations for Workflows, and the Workflow belongs to it."""
    cron = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "CronWorkflow",
        "metadata": {"name": "cw", "labels": {"workflows.argoproj.io/controller-instanceid": "i", "own": "1"}},
        "spec": {
            "schedule": "* * * * *",
            "workflowMetadata": {"labels": {"l": "1", "m": "theirs"}, "annotations": {"a": "1"}, "finalizers": ["x/y"]},
            "workflowSpec": {"entrypoint": "main", "arguments": {"parameters": [{"name": "p", "value": "1"}]}},
        },
    }
    uid = acting.put(path(acting, "cronworkflows"), cron)["metadata"]["uid"]
    source = {"apiVersion": "argoproj.io/v1alpha1", "kind": "CronWorkflow", "metadata": {"name": "x"}}
    args = ["--entrypoint", "other", "-l", "m=ours", "--name", "mine", "--scheduled-time", "2026-01-02T03:04:05Z"]
    acting.fire(argo("submit-from", source, parameter("metadata.name"), args=args), firing({"body": "cw"}))
    found = only(acting)
    metadata = found["metadata"]
    assert metadata["name"] == "mine"
    assert metadata["finalizers"] == ["x/y"]
    wanted = {"workflows.argoproj.io/cron-workflow": "cw", "workflows.argoproj.io/controller-instanceid": "i"}
    assert (wanted | {"l": "1", "m": "ours"}).items() <= metadata["labels"].items()
    assert "own" not in metadata["labels"]
    assert {"a": "1", "workflows.argoproj.io/scheduled-time": "2026-01-02T03:04:05Z"}.items() <= metadata["annotations"].items()
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"], owner["controller"]) == ("CronWorkflow", "cw", uid, True)
    assert found["spec"] == {"entrypoint": "other", "arguments": {"parameters": [{"name": "p", "value": "1"}]}}


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        ("suspend", {}, {"suspend": True}),
        ("resume", {"suspend": True}, {}),
        ("stop", {}, {"shutdown": "Stop"}),
        ("terminate", {"shutdown": "Stop"}, {"shutdown": "Terminate"}),
    ],
)
def test_a_workflow_is_steered(acting: Acting, operation: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """One field of the spec, and the rest as it was; done twice it is as done once; without the Workflow it is an attempt."""
    template = argo(operation, {**NAMED, "metadata": {"generateName": "x-"}}, parameter("metadata.name", dataKey="name"))
    with pytest.raises(Failed, match="w is not there"):
        acting.fire(template, firing({"name": "w"}))
    running(acting, {"entrypoint": "main", **before})
    acting.fire(template, firing({"name": "w"}))
    version = only(acting)["metadata"]["resourceVersion"]
    acting.fire(template, firing({"name": "w"}))
    assert only(acting)["spec"] == {"entrypoint": "main", **after}
    assert only(acting)["metadata"]["resourceVersion"] == version


@pytest.mark.parametrize("operation", ["suspend", "stop", "terminate"])
def test_what_has_ended_is_not_steered(acting: Acting, operation: str) -> None:
    """The event can never succeed: it is parked."""
    labels = {"workflows.argoproj.io/completed": "true"}
    made = {**NAMED, "metadata": {"name": "w", "labels": labels}, "spec": {}, "status": {"phase": "Succeeded"}}
    acting.put(path(acting), made)
    with pytest.raises(Rejected, match="completed"):
        acting.fire(argo(operation, NAMED))


def test_resume_ends_the_waiting_of_nodes(acting: Acting) -> None:
    """Nodes that wait succeed, with the defaults of what should have been supplied; other nodes stay as they are."""
    supplied = {"parameters": [{"name": "v", "valueFrom": {"supplied": {}, "default": "d"}}, {"name": "k", "value": "1"}]}
    others = {"pod": node(kind="Pod"), "past": node("Succeeded")}
    running(acting, nodes={"a": node(outputs=supplied), "b": node(), **others})
    acting.fire(argo("resume", NAMED))
    nodes = only(acting)["status"]["nodes"]
    assert {key: nodes[key] for key in others} == others
    assert [nodes[key]["phase"] for key in "ab"] == ["Succeeded"] * 2
    assert nodes["a"]["finishedAt"] == "2023-11-14T22:13:20Z"
    assert nodes["a"]["outputs"]["parameters"] == [{"name": "v", "value": "d"}, {"name": "k", "value": "1"}]


def test_a_value_that_nobody_supplied_stays_missing(acting: Acting) -> None:
    """Without a default the node cannot go on; nothing is changed."""
    running(acting, nodes={"a": node(outputs={"parameters": [{"name": "v", "valueFrom": {"supplied": {}}}]})})
    with pytest.raises(Rejected, match="does not have a default"):
        acting.fire(argo("resume", NAMED))
    assert only(acting)["status"]["nodes"]["a"]["phase"] == "Running"


def test_nodes_may_be_chosen(acting: Acting) -> None:
    """`--node-field-selector` resumes or stops some; the Workflow's own suspension stays; that none waits is an attempt."""
    inputs = {"parameters": [{"name": "region", "value": "eu"}]}
    running(acting, {"suspend": True}, nodes={"a": node(inputs=inputs), "b": node(displayName="b"), "c": node(displayName="c")})
    choose = "--node-field-selector"
    acting.fire(argo("resume", NAMED, args=[choose, "inputs.parameters.region.value=eu,phase!=Failed"]))
    acting.fire(argo("stop", NAMED, args=[f"{choose}=displayName=b", "--message", "no"]))
    found = only(acting)
    assert [found["status"]["nodes"][key]["phase"] for key in "abc"] == ["Succeeded", "Failed", "Running"]
    assert found["status"]["nodes"]["b"]["message"] == "no"
    assert found["spec"] == {"suspend": True}
    with pytest.raises(Failed, match="no node"):
        acting.fire(argo("resume", NAMED, args=[choose, "displayName=b"]))


def test_compressed_nodes(acting: Acting) -> None:
    """Many nodes stand there compressed, and stay so; those in a database are out of reach, which is said."""
    packed = base64.b64encode(gzip.compress(json.dumps({"a": node(), "b": node(kind="Pod")}).encode())).decode()
    running(acting, compressedNodes=packed)
    acting.fire(argo("resume", NAMED))
    status = only(acting)["status"]
    nodes = json.loads(gzip.decompress(base64.b64decode(status["compressedNodes"])))
    assert [nodes[key]["phase"] for key in "ab"] == ["Succeeded", "Running"]
    assert "nodes" not in status
    for status, why in ({"offloadNodeStatusVersion": "v1"}, "database"), ({"compressedNodes": "KLUv/Q=="}, "another way"):
        acting.kube.client.patch(path(acting, name="w"), {"status": {"compressedNodes": None, **status}})
        with pytest.raises(Rejected, match=why):
            acting.fire(argo("resume", NAMED))
        acting.kube.client.patch(path(acting, name="w"), {"status": {"offloadNodeStatusVersion": None}})
