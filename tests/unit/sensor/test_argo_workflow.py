"""The `argoWorkflow` trigger: what is refused at the start, what the flags mean, and what is previewed."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import documents
from common.errors import ConfigurationError, Failed, Rejected
from sensor.ports import Firing, Missing, Target, Trigger
from sensor.spec import TriggerTemplate
from sensor.triggers import Surroundings, construct
from sensor.triggers.argo_server import ArgoServer
from sensor.triggers.argoworkflow import flags, options, steer
from sensor.triggers.argoworkflow.flags import Flag
from sensor.triggers.argoworkflow.nodes import Selector
from sensor.triggers.k8s.object import Drawn
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeCluster, event

NAMED: dict[str, Any] = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "w"}}
TEMPLATE = NAMED | {"kind": "WorkflowTemplate"}
FIRING = Firing("d0" * 32, {"order": event(data=b'{"body":"hello","kind":"Workflow"}')}, 1.0)
SERVER = ArgoServer("https://argo-server")


def trigger(operation: str, resource: dict[str, Any] = NAMED, cluster: FakeCluster | None = None, **more: Any) -> Trigger:
    """Make a trigger as a document would."""
    block = {"source": {"resource": resource}, "operation": operation, **more}
    template = documents.parse(TriggerTemplate, {"name": "t", "argoWorkflow": block}).value
    return construct(template, None, Surroundings("orders", "argo", cluster or FakeCluster(), argo_server=SERVER), "here")


def parameter(dest: str, key: str = "body") -> dict[str, Any]:
    """Write one parameter."""
    return {"src": {"dependencyName": "order", "dataKey": key}, "dest": dest}


REFUSED: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("delete", NAMED, [], "operation: unknown operation type delete"),
    ("submit", TEMPLATE, [], "source: argoproj.io/v1alpha1 Workflow is wanted, not argoproj.io/v1alpha1 WorkflowTemplate"),
    ("submit", NAMED | {"metadata": {}}, [], "source: the object has neither metadata.name nor metadata.generateName"),
    ("submit-from", NAMED, [], "source: invalid kind Workflow"),
    ("submit-from", TEMPLATE | {"kind": "ClusterWorkflowTemplate"}, [], "source: invalid kind ClusterWorkflowTemplate"),
    ("submit-from", TEMPLATE | {"metadata": {"generateName": "x-"}}, [], "source: the object has no metadata.name"),
    ("resume", NAMED | {"metadata": {"generateName": "x-"}}, [], "source: the object has no metadata.name"),
    ("retry", NAMED | {"metadata": {}}, [], "source: the object has no metadata.name"),
    ("submit", NAMED, ["--wait"], "args[0]: --wait: this operation does not support this flag"),
    ("submit", NAMED, ["-p", "a=b", "--server-dry-run=true"], "args[2]: --server-dry-run: this operation"),
    ("submit", NAMED, ["-w"], "args[0]: -w: this operation does not support this flag"),
    ("submit", NAMED, ["--scheduled-time", "2026-01-02T03:04:05Z"], "args[0]: --scheduled-time: this operation"),
    ("submit", NAMED, ["other.yaml"], "args[0]: 'other.yaml': only flags have a meaning here"),
    ("submit", NAMED, ["--entrypoint"], "args[0]: --entrypoint: a value is wanted"),
    ("submit", NAMED, ["-p", "a"], "args: --parameter a: a pair such as name=value is wanted"),
    ("submit", NAMED, ["-l", "a=b,c"], "args: --labels: 'c': a pair"),
    ("submit", NAMED, ["--priority", "x"], "args: --priority x: a whole number"),
    ("submit", NAMED, ["--priority", "3000000000"], "args: --priority 3000000000: a whole number"),
    ("submit", NAMED, ["-f", "https://x/y"], "args: --parameter-file https://x/y: only a file of the pod"),
    ("submit-from", TEMPLATE, ["--scheduled-time", "noon"], "args: --scheduled-time noon: a time"),
    ("suspend", NAMED, ["--message", "x"], "args[0]: --message: this operation does not support this flag"),
    ("resume", NAMED, ["other"], "args[0]: 'other': only flags"),
    ("resume", NAMED, ["--node-field-selector", "x"], "args: --node-field-selector x: field=value"),
    ("stop", NAMED, ["-l", "a=b"], "args[0]: -l: this operation does not support this flag"),
    ("resubmit", NAMED, ["--memoized=maybe"], "args[0]: 'maybe': true or false is wanted"),
    ("retry", NAMED, ["-p", "a"], "args: --parameter a: a pair"),
]


@pytest.mark.parametrize(("operation", "resource", "args", "fault"), REFUSED)
def test_what_can_never_work_is_refused_at_the_start(
    operation: str, resource: dict[str, Any], args: list[str], fault: str
) -> None:
    """Argo Events finds out when the command fails; here each fault has its place before the first event."""
    with pytest.raises(ConfigurationError) as refused:
        trigger(operation, resource, args=args)
    assert str(refused.value).startswith(f"here.argoWorkflow.{fault}")


def test_flags_are_read_as_the_command_reads_them() -> None:
    """Long and short, with and without a sign; a value may begin with a dash; what only prints is passed over."""
    known = (Flag("name"), Flag("parameter", "p"), Flag("memoized", is_switch=True))
    args = ["--name=a=b", "-p", "-x=1", "-py=2", "-p=z=3", "-o", "json", "-v", "--strict=false", "--memoized", "--name", ""]
    given_ = flags.parse(args, known, "args")
    assert given_ == {"name": ("a=b", ""), "parameter": ("-x=1", "y=2", "z=3"), "memoized": ("true",)}
    assert flags.is_on(flags.parse(["--memoized=F"], known, "args"), "memoized") is False


@given(st.lists(st.text(max_size=8), max_size=5))
def test_any_arguments_are_read_or_refused(args: list[str]) -> None:
    """Nothing but our own error comes of it, and it names the place."""
    fault = "here.args"
    try:
        options.read(tuple(args), options.SUBMIT_FROM, "here.args")
    except ConfigurationError as error:
        fault = str(error)
    assert fault.startswith("here.args")


@given(st.dictionaries(st.sampled_from("abc"), st.text(max_size=5), max_size=3), st.lists(st.sampled_from("abcd"), max_size=4))
def test_parameters_of_the_flags_come_first(given_: dict[str, str], own: list[str]) -> None:
    """They replace those of their name; the others keep their order."""
    args = tuple(text for name, value in given_.items() for text in ("--parameter", f"{name}={value}"))
    spec = {"arguments": {"parameters": [{"name": name, "value": number} for number, name in enumerate(own)]}}
    drawn = Drawn(Target("", ""), {}, orjson.dumps({"spec": spec}))
    try:
        changed = options.read(args, options.SUBMIT, "args").apply(drawn)
    except UnicodeEncodeError:
        return
    kept = [each for each in spec["arguments"]["parameters"] if each["name"] not in given_]
    wanted = [{"name": name, "value": value} for name, value in given_.items()] + kept
    assert json.loads(changed.rest)["spec"]["arguments"]["parameters"] == wanted


@pytest.mark.promise("E2")
def test_number_text_stays_beside_the_flags() -> None:
    """What the flags do not name reaches the API server as it is written."""
    rest = b'{"spec":{"arguments":{"parameters":[{"name":"n","value":1.50}]},"big":123456789012345678901234567890}}'
    changed = options.read(("-p", "a=<b>", "--entrypoint", "e"), options.SUBMIT, "args").apply(Drawn(Target("", ""), {}, rest))
    assert b'{"name":"n","value":1.50}' in changed.rest
    assert b'"big":123456789012345678901234567890' in changed.rest
    assert json.loads(changed.rest)["spec"]["arguments"]["parameters"][0] == {"name": "a", "value": "<b>"}


def test_a_kind_out_of_an_event_is_about_the_event() -> None:
    """What the document would be refused for is parked."""
    for operation, resource in (("submit", TEMPLATE), ("submit-from", TEMPLATE)):
        made = trigger(operation, resource, parameters=[parameter("kind", "body")])
        with pytest.raises(Rejected, match="hello"):
            play(made.fire(FIRING))


def test_a_missing_kind_of_template_stops_the_trigger() -> None:
    """Without Argo's CRDs no event is to blame."""

    class Bare(FakeCluster):
        async def namespaced(self, target: Target) -> bool:
            raise Missing(f"knows no {target.kind}")

    with pytest.raises(Missing):
        play(trigger("submit-from", TEMPLATE, Bare()).fire(FIRING))


@pytest.mark.promise("I1")
@pytest.mark.parametrize(
    ("operation", "args", "request_"),
    [
        ("suspend", [], {"verb": "patch", "patch": {"spec": {"suspend": True}}}),
        ("resume", [], {"verb": "patch", "patch": {"spec": {"suspend": None}}}),
        ("stop", [], {"verb": "patch", "patch": {"spec": {"shutdown": "Stop"}}}),
        ("stop", ["--node-field-selector", "phase=x"], {"verb": "patch", "patch": {"status": {"nodes": {}}}}),
        ("terminate", [], {"verb": "patch", "patch": {"spec": {"shutdown": "Terminate"}}}),
        ("retry", [], {"method": "PUT", "url": "https://argo-server/api/v1/workflows/argo/w/retry"}),
        ("resubmit", [], {"method": "PUT", "body": {"namespace": "argo", "name": "w", "memoized": False}}),
    ],
)
def test_previews_of_what_is_done_to_a_workflow(operation: str, args: list[str], request_: dict[str, Any]) -> None:
    """What would be sent, and that it depends on the Workflow; nothing is sent, and nothing can be found."""
    made = trigger(operation, args=args)
    preview = play(made.preview(FIRING))
    assert preview.action == f"{operation} Workflow argo/w"
    assert request_.items() <= preview.request.items()
    assert ("needs" in preview.request) == (preview.request.get("verb") == "patch")
    assert play(made.find(FIRING)) is None
    if operation in steer.FLAGS:
        with pytest.raises(Failed, match="w is not there"):
            play(made.fire(FIRING))


@pytest.mark.promise("I1")
def test_previews_of_submissions() -> None:
    """The Workflow as it would be created; of a CronWorkflow what only the cluster knows is missing, which is said."""
    submitted = play(trigger("submit", NAMED | {"spec": {"x": 1}}, args=["--entrypoint", "e"]).preview(FIRING)).request
    assert submitted["object"]["spec"] == {"x": 1, "entrypoint": "e"}
    assert "needs" not in submitted
    for kind, spec in (("WorkflowTemplate", {"workflowTemplateRef": {"name": "w"}}), ("CronWorkflow", {})):
        request = play(trigger("submit-from", TEMPLATE | {"kind": kind}).preview(FIRING)).request
        assert (request["object"]["kind"], request["object"]["spec"]) == ("Workflow", spec)
        assert "needs" in request


def test_reach_names_the_verbs() -> None:
    """What readiness asks for: of Workflows, whatever the document's kind is."""
    workflow = Target("argoproj.io/v1alpha1", "Workflow")
    for operation, verbs in (("submit-from", ("create", "get")), ("stop", ("get", "patch"))):
        reach = trigger(operation, TEMPLATE).reach
        assert reach is not None
        assert (reach.target, reach.verbs) == (workflow, verbs)
    made = trigger("retry")
    assert (made.reach, made.needs_cluster) == (None, False)


def test_selectors_look_at_the_fields_of_nodes() -> None:
    """Fields that a node does not have are empty; a node of a template elsewhere goes by that template's name."""
    node = {"displayName": "d", "templateName": "own", "templateRef": {"name": "r", "template": "t"}, "inputs": {}}
    for text, matches in (
        ("", True), ("displayName=d", True), ("displayName==d,phase!=x", True), ("displayName!=d", False),
        ("templateName=t,templateRef.name=r", True), ("templateName=own", False), ("inputs.parameters.a.value=", True),
    ):  # fmt: skip
        assert Selector.read(text, "args").matches(node) is matches, text
