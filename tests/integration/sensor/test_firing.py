"""Events become Workflows: in every form of configuration, from any moment on, exactly once."""

import json
import signal
import time

import pytest
import yaml
from nats.aio.client import Client

from tests.integration.sensor.rig import WORKFLOW, Rig, encoded, event, eventually


def test_a_document_in_a_file_makes_a_workflow_of_each_event(rig: Rig) -> None:
    """The chart's form works, and each Workflow carries its event's body and its marks."""
    rig.sensor().start()
    rig.publish(range(20))
    eventually("20 Workflows", lambda: rig.count() == 20)
    assert rig.values() == sorted(f"body {n}" for n in range(20))
    one = next(w for w in rig.workflows() if w["spec"]["arguments"]["parameters"][0]["value"] == "body 3")
    assert one["metadata"]["annotations"]["argosy.io/event-id"] == f"{3:032x}"
    assert one["metadata"]["annotations"]["argosy.io/sqs-message-id"] == "00000000-0000-0000-0000-000000000003"
    assert one["metadata"]["labels"]["events.argoproj.io/sensor"] == "orders"
    assert one["metadata"]["labels"]["events.argoproj.io/trigger"] == "workflow"


def test_the_environment_of_argo_events_controller_is_enough(rig: Rig) -> None:
    """Our image can stand in for Argo Events' own: its variables, and an object without a kind."""
    document = rig.document() | {"status": {}}
    del document["kind"], document["apiVersion"]
    bus = encoded({"jetstream": {"url": rig.nats.url}})
    sensor = rig.bare(SENSOR_OBJECT=encoded(document), EVENTBUS_CONFIG=bus, EVENTBUS_SUBJECT="eventbus-x", NATS_URL="")
    sensor.start()
    rig.publish(range(3))
    eventually("3 Workflows", lambda: rig.count() == 3)


@pytest.mark.parametrize("form", ["file", "template"])
def test_variables_alone_are_enough(rig: Rig, form: str) -> None:
    """The seed's case needs no document: a Workflow in a file, or the name of a WorkflowTemplate."""
    variables = {"SENSOR_NAME": "orders", "SENSOR_DEPENDENCY": "orders/created", "PARAMETER_NAME": "message"}
    if form == "file":
        path = rig.folder / "workflow.yaml"
        path.write_text(yaml.safe_dump(WORKFLOW))
        variables["WORKFLOW_FILE"] = str(path)
    else:
        variables["WORKFLOW_TEMPLATE"] = "order"
    rig.bare(**variables).start()
    rig.publish(range(3))
    eventually("3 Workflows", lambda: rig.count() == 3)
    assert rig.values() == ["body 0", "body 1", "body 2"]
    if form == "template":
        assert rig.workflows()[0]["spec"]["workflowTemplateRef"] == {"name": "order"}


@pytest.mark.promise("E1")
def test_bodies_arrive_byte_for_byte(rig: Rig) -> None:
    """Whatever a body holds, the parameter holds the same."""
    bodies = ["", " ", "a\nb\r\n", '{"a": 1}', "{{x}} $HOME", "007", "1e5", "null", "🦀 \u2028 <&>", "x" * 100_000]
    rig.sensor().start()
    for number, body in enumerate(bodies):
        rig.publish([number], data=json.dumps({"body": body}).encode())
    eventually("all Workflows", lambda: rig.count() == len(bodies))
    assert rig.values() == sorted(bodies)


def test_a_sensor_that_comes_after_the_events_fires_them(rig: Rig) -> None:
    """The first trigger of a subject starts at the oldest event kept, not at the next one."""
    first = rig.sensor().start()
    first.process.stop()
    rig.publish(range(30))
    rig.sensor().start()
    eventually("30 Workflows", lambda: rig.count() == 30)


def test_the_first_sensor_of_all_fires_what_waits(rig: Rig) -> None:
    """The event source may be installed first: nobody has read its stream when the sensor comes."""

    async def make(client: Client) -> None:
        mark = {"argosy.io/owner": "argosy"}
        from nats.js.api import StreamConfig  # noqa: PLC0415 - for this test alone

        config = StreamConfig(
            name=rig.stream, subjects=[f"{rig.stream}.*.*"], discard="new", duplicate_window=1800, metadata=mark,
            max_msgs_per_subject=1_000_000, discard_new_per_subject=True, max_bytes=2**26, allow_direct=True,
        )  # fmt: skip
        await client.jetstream().add_stream(config)

    rig.on_bus(make)
    rig.publish(range(10))
    rig.sensor().start()
    eventually("10 Workflows", lambda: rig.count() == 10)


def test_two_pods_make_one_workflow_of_each_event(rig: Rig) -> None:
    """Replicas compete for events; the books of both together balance."""
    pods = [rig.sensor().start(), rig.sensor().start()]
    rig.publish(range(200))
    eventually("200 Workflows", lambda: rig.count() == 200)
    eventually("nothing unread", lambda: rig.unread() == 0)
    assert rig.values() == sorted(f"body {n}" for n in range(200))
    eventually("both count them", lambda: sum(pod.total("argosy_sensor_outcomes_total") for pod in pods) == 200)
    assert sum(pod.total("argosy_sensor_outcomes_total", outcome="fired") for pod in pods) == 200


@pytest.mark.promise("B3")
@pytest.mark.parametrize("kept", [True, False], ids=["workflow-there", "workflow-deleted"])
def test_an_event_published_again_makes_no_second_workflow(rig: Rig, kept: bool) -> None:  # noqa: FBT001 - a column
    """A repeated publish that the stream did not recognise is recognised by name, or by the ledger when the object is gone."""
    sensor = rig.sensor().start()
    rig.publish(range(5))
    rig.at_rest(5)
    if not kept:
        rig.kube.client.delete(rig.path)
    rig.publish(range(5), again=1)
    eventually("5 duplicates", lambda: sensor.total("argosy_sensor_outcomes_total", outcome="duplicate") == 5)
    assert rig.count() == (5 if kept else 0)


@pytest.mark.promise("B3", "C6")
def test_a_consumer_that_was_deleted_comes_back_without_a_second_workflow(rig: Rig) -> None:
    """The consumer is made anew at its registered floor; what had been fired since is known to the ledger."""
    sensor = rig.sensor().start()
    rig.publish(range(10))
    rig.at_rest(10)
    rig.kube.client.delete(rig.path)
    name = rig.consumers()[0].name
    rig.on_bus(lambda client: client.jetstream().delete_consumer(rig.stream, name))
    rig.publish(range(10, 20))
    rig.at_rest(10, 60)
    sensor.counts(10, outcome="duplicate")
    assert rig.values() == sorted(f"body {n}" for n in range(10, 20))


@pytest.mark.promise("A9")
def test_sigterm_in_the_middle_loses_and_doubles_nothing(rig: Rig) -> None:
    """Rolling restarts under load: every event becomes exactly one Workflow, and each pod exits with 0 in time."""
    total = 600
    rig.sensor().start()
    rig.publish(range(total))
    for _ in range(5):
        time.sleep(0.15)
        # One that has not ended by then is killed, and gives no 0.
        assert rig.sensors[-1].process.stop(deadline=10) == 0
        rig.sensor().start()
    eventually(f"{total} Workflows", lambda: rig.count() == total, 60)
    eventually("nothing unread", lambda: rig.unread() == 0)
    assert rig.values() == sorted(f"body {n}" for n in range(total))


@pytest.mark.promise("A2", "B2")
def test_kill_at_random_moments_loses_and_doubles_nothing(rig: Rig) -> None:
    """`kill -9` under load, again and again: the set of Workflows is the set of events."""
    total = 600
    rig.sensor(SENSOR_ACK_WAIT="3").start()
    rig.publish(range(total))
    for wait in (0.05, 0.1, 0.15, 0.2, 0.3):
        time.sleep(wait)
        rig.sensors[-1].process.kill()
        rig.sensor(SENSOR_ACK_WAIT="3").start()
    eventually(f"{total} Workflows", lambda: rig.count() == total, 60)
    eventually("nothing unread", lambda: rig.unread() == 0)
    assert rig.values() == sorted(f"body {n}" for n in range(total))


def test_a_second_sigterm_is_harmless(rig: Rig) -> None:
    """A node that asks twice gets the same orderly end."""
    sensor = rig.sensor().start()
    for _ in range(2):
        sensor.process._signal(signal.SIGTERM)
    assert sensor.process.stop() == 0


def test_several_dependencies_with_or_each_fire_alone(rig: Rig) -> None:
    """`a || b` fires for either; two dependencies on one event fire twice, each with its own name."""
    document = rig.document(conditions="order || other || same")
    document["spec"]["dependencies"] += [
        {"name": "other", "eventSourceName": "orders", "eventName": "changed"},
        {"name": "same", "eventSourceName": "orders", "eventName": "created"},
    ]
    k8s = document["spec"]["triggers"][0]["template"]["k8s"]
    dest = "spec.arguments.parameters.0.value"
    k8s["parameters"] = [
        {"src": {"dependencyName": name, "dataKey": "body", "value": ""}, "dest": dest, "operation": "append"}
        for name in ("order", "other", "same")
    ]
    rig.sensor(document).start()
    rig.publish([1])

    async def changed(client: Client) -> None:
        from common.cloudevent import dump  # noqa: PLC0415 - for this test alone

        await client.jetstream().publish(f"{rig.stream}.orders.changed", dump(event(2, subject="changed")))

    rig.on_bus(changed)
    eventually("3 Workflows", lambda: rig.count() == 3)
    assert rig.values() == ["body 1", "body 1", "body 2"]


@pytest.mark.promise("H1")
def test_the_status_page_tells_a_person_how_it_goes(rig: Rig) -> None:
    """What runs, what waits, what was done, and the last failure with its reason."""
    sensor = rig.sensor().start()
    rig.publish(range(3))
    rig.publish([9], data=b'{"no": "body"}')
    eventually("all settled", lambda: sensor.total("argosy_sensor_outcomes_total") == 4)
    page = sensor.read("")
    assert "Trigger workflow" in page
    assert "fired 3" in page
    assert "parked 1" in page
    assert "parameter: " in page
    assert sensor.total("argosy_sensor_messages_received_total") == 4


def test_other_kinds_and_template_parameters_work_on_the_real_api(rig: Rig) -> None:
    """Any resource by discovery, with its name and kind from the event, through parameters of both levels."""
    rig.kube.client.grant(rig.namespace, "maps", [{"apiGroups": [""], "resources": ["*"], "verbs": ["create", "get"]}])
    config = rig.folder / "maps"
    rig.kube.kubeconfig(config, token=rig.kube.token_for(rig.namespace, "maps"))
    resource = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}, "data": {}}
    document = rig.document(
        k8s={
            "source": {"resource": resource},
            "parameters": [{"src": {"dependencyName": "order", "dataKey": "body"}, "dest": "data.body"}],
        }
    )
    document["spec"]["triggers"][0]["parameters"] = [
        {"src": {"dependencyName": "order", "dataKey": "name"}, "dest": "k8s.source.resource.metadata.name"}
    ]
    rig.sensor(document, KUBECONFIG=str(config)).start()
    rig.publish([1], data=b'{"body": "hello", "name": "from-event"}')
    path = f"/api/v1/namespaces/{rig.namespace}/configmaps/from-event"
    eventually("the ConfigMap", lambda: rig.kube.client.get(path)["data"] == {"body": "hello"})


def test_a_log_trigger_needs_no_cluster(rig: Rig) -> None:
    """A sensor that only writes into its log starts without any kubeconfig."""
    document = rig.document(k8s=None, log={})
    sensor = rig.sensor(document, KUBECONFIG="").start()
    rig.publish([1])
    eventually("the line", lambda: "body 1" in sensor.process.log.read_text())
