"""The `k8s` trigger's update, patch and delete: what is refused, what is previewed, and who is faster."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

from collections.abc import Mapping
from typing import Any

import pytest

from common import documents
from common.errors import ConfigurationError, Failed, Refused, Rejected, Unavailable
from sensor import identity
from sensor.ports import APPLY, Firing, Missing, Target, Trigger
from sensor.spec import TriggerTemplate
from sensor.triggers import Surroundings, construct
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeCluster, event

MAP: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "v"}}
NAMELESS = MAP | {"metadata": {}}
PLACED = MAP | {"metadata": {"name": "c", "namespace": "argo"}}
NO_NAME = "here.k8s.source: the object has no metadata.name"
FIRING = Firing("d0" * 32, {"order": event(data=b'{"body":"hello","name":"n1","ns":"other"}')}, 1.0)
AT = ("argo", "ConfigMap", "c")


def parameter(dest: str, key: str = "body") -> dict[str, Any]:
    """Write one parameter."""
    return {"src": {"dependencyName": "order", "dataKey": key}, "dest": dest}


def trigger(cluster: FakeCluster, operation: str, *parameters: dict[str, Any], **more: Any) -> Trigger:
    """Make a trigger as a document would."""
    k8s = {"source": {"resource": more.pop("resource", MAP)}, "operation": operation, "parameters": list(parameters), **more}
    template = documents.parse(TriggerTemplate, {"name": "t", "k8s": k8s}).value
    return construct(template, None, Surroundings("orders", "argo", cluster), "here")


@pytest.mark.parametrize(
    ("operation", "more", "place"),
    [
        ("apply", {}, "here.k8s.operation: unknown operation type apply"),
        ("patch", {"patchStrategy": "application/json-patch+json"}, "here.k8s.patchStrategy: "),
        ("patch", {"patchStrategy": "merge"}, "here.k8s.patchStrategy: "),
        ("update", {"resource": MAP | {"metadata": {"generateName": "c-"}}}, NO_NAME),
        ("delete", {"resource": MAP | {"apiVersion": ""}}, "here.k8s.source: the object has no apiVersion"),
        ("update", {"resource": NAMELESS, "liveObject": True}, NO_NAME),
    ],
)
def test_what_can_never_work_is_refused_at_the_start(operation: str, more: dict[str, Any], place: str) -> None:
    """Each fault has its place."""
    with pytest.raises(ConfigurationError) as refused:
        trigger(FakeCluster(), operation, **more)
    assert str(refused.value).startswith(place)


def test_an_object_that_appears_meanwhile_is_changed() -> None:
    """Somebody creates it between our look and our create: then it is updated, not given up."""

    class Racing(FakeCluster):
        async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:
            found = await super().get(target, namespace, name)
            self.objects.setdefault(AT, {**MAP, "metadata": {"name": "c"}, "data": {"other": "1"}})
            return found

    cluster = Racing()
    assert play(trigger(cluster, "update").fire(FIRING)).what == "update ConfigMap argo/c"
    assert cluster.objects[AT]["data"] == {"other": "1", "k": "v"}


@pytest.mark.parametrize("operation", ["update", "patch"])
def test_an_object_that_goes_meanwhile_is_an_attempt(operation: str) -> None:
    """A 404 of the object between our look and our change is about this event, not about the trigger."""
    cluster = FakeCluster(objects={AT: dict(MAP)}, failures=[Missing("404 NotFound")])
    with pytest.raises(Failed, match="is not there"):
        play(trigger(cluster, operation).fire(FIRING))


def test_an_object_that_comes_and_goes_is_an_attempt() -> None:
    """Taken when we create and gone when we look, again and again, is no endless loop."""

    class Flickering(FakeCluster):
        async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:  # noqa: ARG002
            return None

    cluster = Flickering(objects={AT: dict(MAP)})
    for operation in ("create", "update", "patch"):
        with pytest.raises(Failed, match="again and again"):
            play(trigger(cluster, operation).fire(FIRING))


def test_a_lost_answer_to_an_apply_is_asked_again() -> None:
    """Applying twice is applying once, with no look before it."""
    cluster = FakeCluster(failures=[Unavailable("cut")])
    made = trigger(cluster, "patch", patchStrategy=APPLY)
    with pytest.raises(Unavailable):
        play(made.fire(FIRING))
    play(made.fire(FIRING))
    play(made.fire(FIRING))
    assert cluster.objects[AT]["data"] == {"k": "v"}


@pytest.mark.promise("I1")
@pytest.mark.parametrize(
    ("operation", "more", "request_"),
    [
        ("update", {}, {"verb": "update", "object": PLACED}),
        ("patch", {}, {"verb": "patch", "patch": PLACED}),
        ("patch", {"patchStrategy": APPLY}, {"verb": "patch", "patchStrategy": APPLY}),
        ("delete", {}, {"verb": "delete"}),
        ("update", {"liveObject": True, "resource": PLACED}, {"verb": "update"}),
    ],
)
def test_previews_send_nothing(operation: str, more: dict[str, Any], request_: dict[str, Any]) -> None:
    """Each operation tells what it would send; what it needs of the cluster is said."""

    class Silent(FakeCluster):
        async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:  # noqa: ARG002
            raise AssertionError("asked")

    cluster = Silent(failures=[AssertionError("changed")])
    preview = play(trigger(cluster, operation, **more).preview(FIRING))
    assert preview.action == f"{operation} ConfigMap argo/c"
    assert request_.items() <= preview.request.items()
    assert (preview.request["namespace"], preview.request["name"]) == ("argo", "c")
    assert ("needs" in preview.request) == (operation != "delete" and more.get("patchStrategy") != APPLY)


def test_the_live_object_keeps_its_name() -> None:
    """Parameters that make another object of it are about the event; so is a document that events complete badly."""
    cluster = FakeCluster(objects={AT: dict(PLACED)})
    renamed = parameter("metadata.name")
    with pytest.raises(Rejected, match="is not ConfigMap argo/c any more"):
        play(trigger(cluster, "update", renamed, liveObject=True, resource=PLACED).fire(FIRING))
    with pytest.raises(Refused, match="must be specified"):
        play(trigger(cluster, "update", renamed, liveObject=True, resource=NAMELESS).fire(FIRING))
    with pytest.raises(Rejected, match=r"no metadata\.name"):
        play(trigger(cluster, "delete", parameter("metadata.labels.x"), resource=NAMELESS).fire(FIRING))


def test_reach_names_the_verbs() -> None:
    """What readiness asks for is what the operation may do; a live object is never created."""
    for operation, more, verbs in (
        ("create", {}, ("create", "get")),
        ("update", {}, ("create", "get", "update")),
        ("update", {"liveObject": True}, ("get", "update")),
        ("patch", {}, ("create", "get", "patch")),
        ("delete", {}, ("delete",)),
    ):
        reach = trigger(FakeCluster(), operation, **more).reach
        assert reach is not None
        assert reach.verbs == verbs


def test_find_tells_only_what_it_knows() -> None:
    """An object that this firing created is found; a change, an application and a deletion leave nothing to find."""
    for operation, more in (("update", {}), ("patch", {}), ("patch", {"patchStrategy": APPLY}), ("delete", {})):
        cluster = FakeCluster()
        made = trigger(cluster, operation, **more)
        play(made.fire(FIRING))
        creates = operation != "delete" and not more
        assert (play(made.find(FIRING)) is not None) == creates
        if creates:
            assert cluster.objects[AT]["metadata"]["annotations"][identity.FIRING] == FIRING.digest
            assert play(made.find(Firing("e1" * 32, FIRING.events, 1.0))) is None


def test_a_kind_that_only_the_event_names_is_its_own_trouble() -> None:
    """The document's own kind or namespace stops the trigger; one out of an event is an attempt."""
    for operation in ("create", "update", "patch", "delete"):
        cluster = FakeCluster(failures=[Missing("404 namespaces not found")])
        with pytest.raises(Refused):
            play(trigger(cluster, operation if operation != "patch" else "create").fire(FIRING))
        cluster = FakeCluster(failures=[Missing("404 namespaces not found")])
        with pytest.raises(Failed):
            play(trigger(cluster, operation, parameter("metadata.namespace", "ns")).fire(FIRING))
