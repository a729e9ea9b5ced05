"""The `k8s` trigger: the object that is sent, and what an object that is there already means."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import documents
from common.errors import ConfigurationError, Failed, Refused, Rejected
from sensor import identity
from sensor.ports import Fired, Firing, Missing
from sensor.spec import Trigger, TriggerTemplate
from sensor.triggers import Surroundings, construct, prepared
from sensor.triggers.sources import Folders
from sensor.triggers.template import TemplatedTrigger
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeCluster, event

WORKFLOW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "order-", "labels": {"mine": "1", "events.argoproj.io/sensor": "x"}},
    "spec": {"arguments": {"parameters": [{"name": "message"}]}},
}
YAML = """
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: order-}
spec: {arguments: {parameters: [{}]}}
"""
VALUE = "spec.arguments.parameters.0.value"
DIGEST = "d0" * 32


def parameter(dest: str, **src: Any) -> dict[str, Any]:
    """Write one parameter."""
    return {"src": {"dependencyName": "order"} | (src or {"dataKey": "body"}), "dest": dest}


def trigger(cluster: FakeCluster, *parameters: dict[str, Any], source: Any = None, folder: Path | None = None) -> Any:
    """Make a trigger as a document would."""
    k8s = {"source": source or {"resource": WORKFLOW}, "parameters": list(parameters)}
    template = documents.parse(TriggerTemplate, {"name": "t", "k8s": k8s}).value
    folders = Folders(folder or Path("/none"), Path("/none"))
    return construct(template, None, Surroundings("orders", "argo", cluster, folders), "here")


def firing(data: bytes = b'{"body":"hello","name":"n1","ns":"other"}', digest: str = DIGEST) -> Firing:
    """Make a firing."""
    return Firing(digest, {"order": event(data=data)}, 1234.5678)


def fire(made: Any, what: Firing | None = None) -> Fired:
    """Fire once."""
    return play(made.fire(what or firing()))


def only(cluster: FakeCluster) -> dict[str, Any]:
    """Give the one object that was made."""
    (made,) = cluster.objects.values()
    return made


def test_the_object_carries_name_labels_annotations_and_value() -> None:
    """The name follows from the firing, Argo Events' labels win, the user's stay, and the value is in its place."""
    cluster = FakeCluster()
    assert fire(trigger(cluster, parameter(VALUE))).how == "fired"
    made = only(cluster)
    assert list(cluster.objects) == [("argo", "Workflow", identity.object_name("order-", DIGEST))]
    assert made["metadata"] == {
        "generateName": "order-",
        "namespace": "argo",
        "name": identity.object_name("order-", DIGEST),
        "labels": {
            "mine": "1",
            "events.argoproj.io/sensor": "orders",
            "events.argoproj.io/trigger": "t",
            "events.argoproj.io/action-timestamp": "1234567",
        },
        "annotations": {
            "argosy.io/firing": DIGEST,
            "argosy.io/event-id": f"{1:032x}",
            "argosy.io/sqs-message-id": "00000000-0000-0000-0000-000000000001",
        },
    }
    assert made["spec"]["arguments"]["parameters"] == [{"name": "message", "value": "hello"}]


@pytest.mark.promise("E1")
@given(st.text(max_size=200).filter(lambda text: "\x00" not in text))
def test_any_text_arrives_as_it_is(text: str) -> None:
    """A body goes through the JSON of the event and the JSON of the object unchanged."""
    cluster = FakeCluster()
    try:
        data = json.dumps({"body": text}, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    fire(trigger(cluster, parameter(VALUE)), firing(data))
    assert only(cluster)["spec"]["arguments"]["parameters"][0]["value"] == text


@pytest.mark.promise("E2")
def test_number_text_reaches_the_api_server() -> None:
    """Raw numbers are not made into doubles on the way, wherever the parameters point."""
    bodies: list[bytes] = []

    class Recorder(FakeCluster):
        async def create(self, target: Any, namespace: str, body: bytes) -> None:  # noqa: ARG002
            bodies.append(body)

    cluster = Recorder()
    raw = [parameter("spec.o", dataKey="o", useRawData=True), parameter("spec.i", dataKey="i", useRawData=True)]
    what = firing(b'{"o":{"n":1.50,"n":1e400},"i":123456789012345678901234567890,"name":"x"}')
    fire(trigger(cluster, *raw), what)
    fire(trigger(cluster, *raw, parameter("metadata.labels.n", dataKey="name")), what)
    assert len(bodies) == 2
    assert all(b'"o":{"n":1.50,"n":1e400}' in body for body in bodies)
    assert all(b'"i":123456789012345678901234567890' in body for body in bodies)


@pytest.mark.parametrize(
    ("dest", "src", "key"),
    [
        ("metadata.name", {"dataKey": "name"}, ("argo", "Workflow", "n1")),
        ("metadata.namespace", {"dataKey": "ns"}, ("other", "Workflow", identity.object_name("order-", DIGEST))),
        ("metadata.generateName", {"dataKey": "name"}, ("argo", "Workflow", identity.object_name("n1", DIGEST))),
        ("kind", {"value": "CronWorkflow"}, ("argo", "CronWorkflow", identity.object_name("order-", DIGEST))),
        ("kind", {"value": "Namespace"}, ("", "Namespace", identity.object_name("order-", DIGEST))),
    ],
)
def test_parameters_may_change_who_the_object_is(dest: str, src: dict[str, Any], key: tuple[str, str, str]) -> None:
    """Name, namespace and kind may come from the event; cluster-wide kinds have no namespace."""
    cluster = FakeCluster()
    fire(trigger(cluster, parameter(dest, **src)))
    assert list(cluster.objects) == [key]


@pytest.mark.promise("B2")
def test_an_object_of_this_firing_is_a_success() -> None:
    """AlreadyExists with our hash is as good as created, even while it is being deleted, and is found before firing."""
    cluster = FakeCluster()
    made = trigger(cluster, parameter(VALUE))
    fire(made)
    assert fire(made).how == "duplicate"
    only(cluster)["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert fire(made).how == "duplicate"
    found = play(made.find(firing()))
    assert found is not None
    assert found.how == "duplicate"
    assert play(made.find(firing(digest="e1" * 32))) is None


@pytest.mark.promise("B2")
def test_a_lost_answer_makes_no_second_object() -> None:
    """The API server committed and the answer was lost: the next try finds ours."""
    cluster = FakeCluster(failures=[ConnectionError("cut")], commits_first=True)
    made = trigger(cluster, parameter(VALUE))
    with pytest.raises(ConnectionError):
        fire(made)
    assert fire(made).how == "duplicate"
    assert len(cluster.objects) == 1


def test_an_object_of_somebody_else_is_none() -> None:
    """A name that somebody else has parks the event; one that is about to be free again is an attempt."""
    cluster = FakeCluster()
    made = trigger(cluster, parameter(VALUE))
    theirs: dict[str, Any] = {"metadata": {"name": "x"}}
    cluster.objects["argo", "Workflow", identity.object_name("order-", DIGEST)] = theirs
    with pytest.raises(Rejected) as taken:
        fire(made)
    assert taken.value.reason == "name_taken"
    theirs["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    with pytest.raises(Failed):
        fire(made)


def test_a_refusal_that_the_event_brought_about_is_its_own() -> None:
    """A missing namespace that the event names is its own fault; a missing permission is not, whoever names it."""
    refused = [Missing("namespace not found")]
    cluster = FakeCluster(failures=list(refused))
    with pytest.raises(Refused):
        fire(trigger(cluster, parameter(VALUE)))
    cluster.failures = list(refused)
    named = trigger(cluster, parameter("metadata.namespace", dataKey="ns"))
    with pytest.raises(Failed):
        fire(named)
    cluster.failures = [Refused("forbidden")]
    with pytest.raises(Refused):
        fire(named)


def test_sources_are_one_object(tmp_path: Path) -> None:
    """Given as an object, as text, in a file or in a mounted ConfigMap, it is the same."""
    text = json.dumps(WORKFLOW)
    (tmp_path / "cm").mkdir()
    (tmp_path / "cm" / "key").write_text(text)
    for source in (
        {"resource": WORKFLOW},
        {"inline": text},
        {"inline": YAML},
        {"file": {"path": str(tmp_path / "cm" / "key")}},
        {"configmap": {"name": "cm", "key": "key"}},
    ):  # fmt: skip
        cluster = FakeCluster()
        fire(trigger(cluster, parameter(VALUE), source=source, folder=tmp_path))
        assert only(cluster)["spec"]["arguments"]["parameters"][0]["value"] == "hello"


@pytest.mark.parametrize(
    "source",
    [
        {"inline": "{"},
        {"inline": "[]"},
        {"inline": "kind: X"},
        {"inline": "{kind: X, apiVersion: v1, metadata: {}}"},
        {"file": {"path": "/none"}},
        {"configmap": {"name": "a", "key": "b"}},
    ],
)
def test_a_source_that_is_no_object_is_refused_at_the_start(source: dict[str, Any]) -> None:
    """What could never be created is told before the first event, with its place."""
    with pytest.raises(ConfigurationError, match=r"here\.k8s\.source"):
        trigger(FakeCluster(), source=source)


def test_a_default_is_told() -> None:
    """Each use of a default is a note, to be counted and logged."""
    cluster = FakeCluster()
    fired = fire(trigger(cluster, parameter(VALUE, dataKey="missing", value="instead")))
    assert only(cluster)["spec"]["arguments"]["parameters"][0]["value"] == "instead"
    assert len(fired.notes) == 1


@pytest.mark.promise("E3")
def test_a_missing_key_without_a_default_is_about_the_event() -> None:
    """Nothing is created, and the text names the parameter."""
    cluster = FakeCluster()
    with pytest.raises(Rejected, match=r"here\.k8s\.parameters\[0\]") as rejected:
        fire(trigger(cluster, parameter(VALUE, dataKey="missing")))
    assert rejected.value.reason == "parameter"
    assert cluster.objects == {}


def templated(cluster: FakeCluster, *parameters: dict[str, Any]) -> TemplatedTrigger:
    """Make a trigger with parameters at the level of its template."""
    document = {
        "template": {"name": "t", "k8s": {"source": {"resource": WORKFLOW}, "parameters": [parameter(VALUE)]}},
        "parameters": list(parameters),
    }
    spec = documents.parse(Trigger, document).value
    assert spec.template is not None
    around = Surroundings("orders", "argo", cluster)
    return TemplatedTrigger(spec.template, prepared(spec.parameters, "params"), None, around, "here")


def test_template_parameters_change_the_trigger_itself() -> None:
    """The template is patched first, then its own parameters are applied; the labels carry the new name."""
    cluster = FakeCluster()
    made = templated(
        cluster,
        parameter("name", dataKey="name"),
        parameter("k8s.source.resource.metadata.generateName", dataKey="name"),
    )
    fire(made)
    fire(made, firing(digest="aa" * 32))
    assert [key[2] for key in cluster.objects] == [identity.object_name("n1", d) for d in (DIGEST, "aa" * 32)]
    assert next(iter(cluster.objects.values()))["metadata"]["labels"]["events.argoproj.io/trigger"] == "n1"
    assert next(iter(cluster.objects.values()))["spec"]["arguments"]["parameters"][0]["value"] == "hello"


@pytest.mark.parametrize(
    ("dest", "value"), [("k8s.operation", "update"), ("k8s.parameters", "x"), ("k8s.source.resource", "x")]
)
def test_a_template_that_is_no_trigger_any_more_is_about_the_event(dest: str, value: str) -> None:
    """What an event makes unsupported or malformed is parked."""
    with pytest.raises(Rejected):
        fire(templated(FakeCluster(), parameter(dest, value=value)))
