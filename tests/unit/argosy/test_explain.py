"""`argosy explain` says of each event at each trigger what becomes of it, and why."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from argosy.cli import app
from tests.unit.argosy.explained import (
    BODY,
    CONFIG_MAP,
    LARGE,
    TEXT,
    WORKFLOW,
    change,
    create,
    dependency,
    message,
    parameter,
    sensor,
    submit,
)


class Asked:
    """A folder with files, and the command that is run on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, content: object) -> str:
        """Write a file; anything but text becomes JSON."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def run(self, document: object, *messages: str, options: tuple[str, ...] = (), columns: int = 80) -> Result:
        """Explain events."""
        files = [self.file(f"{number}.json", text) for number, text in enumerate(messages)]
        arguments = ["explain", self.file("sensor.yaml", document), *files, *options]
        return CliRunner().invoke(app, arguments, env={"COLUMNS": str(columns)})

    def report(self, document: object, *messages: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        """Explain events, and give the JSON."""
        result = self.run(document, *messages, options=(*options, "-o", "json"))
        assert result.exit_code in {0, 1}, result.output
        report: dict[str, Any] = json.loads(result.stdout)
        return report

    def said(self, document: object, *messages: str, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Give what the first trigger's dependencies say, event by event."""
        steps = self.report(document, *messages, options=options)["triggers"][0]["steps"]
        return [said for step in steps for said in step["dependencies"]]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """Give a folder to work in."""
    return Asked(tmp_path)


SIMPLE = sensor([dependency("o")], create(BODY), namespace="shop")
JOIN = sensor(
    [dependency("o"), dependency("p", "paid"), dependency("q", "packed")],
    create(BODY, parameter("p", "body", "spec.paid"), conditions="o && (p || q)"),
)


def test_the_object_is_shown_as_it_would_be_sent(asked: Asked) -> None:
    """Name, namespace, labels, annotations and parameters are there, as YAML that can be copied."""
    result = asked.run(SIMPLE, message(1, "a\nb"), options=("--time", "2026-01-31T12:00:00"))
    assert result.exit_code == 0
    assert "would     create Workflow shop/w-" in result.stdout
    shown = yaml.safe_load(result.stdout[result.stdout.index("    apiVersion") : result.stdout.rindex("\n\n")])
    assert list(shown)[:3] == ["apiVersion", "kind", "metadata"]
    assert shown["metadata"]["name"].startswith("w-")
    assert shown["metadata"]["namespace"] == "shop"
    assert shown["metadata"]["labels"]["events.argoproj.io/action-timestamp"] == "1769860800000"
    assert shown["metadata"]["annotations"]["team"] == "shop"
    assert shown["spec"]["arguments"]["parameters"][0]["value"] == "a\nb"


@pytest.mark.promise("H5")
def test_a_filter_that_says_no_is_named_with_field_and_value(asked: Asked) -> None:
    """Who wonders why nothing happened reads it: which filter, which field, which value, and what was wanted."""
    document = sensor([dependency("o", filters=LARGE)], create(BODY))
    result = asked.run(document, message(1, {"n": 3}))
    assert result.exit_code == 1
    assert "filtered, as o" in result.stdout
    assert "data: body.n is '3': wanted is a number > '10'" in result.stdout
    (said,) = asked.said(document, message(1, {"n": 3}))
    assert said["filters"] == [{"filter": "data", "field": "body.n", "value": "'3'", "why": "wanted is a number > '10'"}]


def test_every_filter_that_says_no_is_told_where_one_of_them_would_do(asked: Asked) -> None:
    """With `or` all of them said no."""
    filters = {**LARGE, "context": {"type": "webhook"}}
    document = sensor([dependency("o", filters=filters, filtersLogicalOperator="or")], create(BODY))
    (said,) = asked.said(document, message(1, {"n": 3}))
    assert [no["filter"] for no in said["filters"]] == ["data", "context"]


@pytest.mark.parametrize(
    ("more", "reason", "place"),
    [
        ({"filters": LARGE}, "filter_error", "body.n"),
        ({"transform": {"jq": ".body.n | error"}}, "transform_error", "jq"),
        ({}, "parameter", "spec.triggers[0].template.k8s.parameters[0]"),
    ],
)
def test_what_is_parked_is_parked_with_its_reason(asked: Asked, more: Mapping[str, Any], reason: str, place: str) -> None:
    """A filter, a transform or a parameter that fails sends the event to the dead letters: the reason is that of the letter."""
    document = sensor([dependency("o", **more)], create(parameter("o", "body.n", "spec.n")))
    (said,) = asked.said(document, message(1, {}))
    assert (said["fate"], said["reason"]) == ("parked", reason)
    assert place in said["why"]
    result = asked.run(document, message(1, {}), columns=200)
    assert result.exit_code == 1
    assert f"why       {reason}: " in result.stdout


def test_what_a_transform_made_is_shown(asked: Asked) -> None:
    """The filters and parameters behind it look at this, not at the message."""
    document = sensor([dependency("o", transform={"jq": "{body: {n: .body.amount}}"}, filters=LARGE)], create())
    one, other = asked.said(document, message(1, {"amount": 11}), message(2, {"amount": 1}))
    assert (one["fate"], one["data"]) == ("fired", '{"body":{"n":11}}')
    assert (other["fate"], other["filters"][0]["value"]) == ("filtered", "'1'")


@pytest.mark.promise("E3")
def test_a_default_that_was_used_is_noted(asked: Asked) -> None:
    """The object alone would not show that the event lacked the field."""
    document = sensor([dependency("o")], create(parameter("o", "body.who", "spec.who", value="nobody")))
    (said,) = asked.said(document, message(1, {}))
    assert said["run"]["request"]["object"]["spec"]["who"] == "nobody"
    assert said["run"]["notes"] == [
        "spec.triggers[0].template.k8s.parameters[0]: default of o used: dataKey 'body.who' is missing"
    ]


def test_an_event_of_no_dependency_is_named(asked: Asked) -> None:
    """The commonest mistake is a name that is spelled in two ways."""
    result = asked.run(SIMPLE, message(1, "x", "placd"))
    assert result.exit_code == 1
    assert "unmatched: orders/placd is the event of none of its dependencies" in result.stdout


def test_events_that_wait_for_each_other_come_together(asked: Asked) -> None:
    """Each event of a join says who is there and who is missing; the last one fires with all of them."""
    first, second = asked.said(JOIN, message(1, "x"), message(2, "y", "paid"))
    assert (first["fate"], first["present"], first["missing"]) == ("waiting", ["o"], ["p", "q"])
    assert second["fate"] == "fired"
    assert second["run"]["events"] == {"o": f"{1:032x}", "p": f"{2:032x}"}
    assert second["run"]["request"]["object"]["spec"]["paid"] == "y"
    result = asked.run(JOIN, message(1, "x"))
    assert result.exit_code == 1
    assert "until there is p or q" in result.stdout


def test_an_event_that_another_replaces_is_told(asked: Asked) -> None:
    """Only the latest event of a dependency waits: whoever expects two firings reads why there is one."""
    _, second, third = asked.said(JOIN, message(1, "x"), message(2, "z"), message(3, "y", "paid"))
    assert second["gone"] == [{"dependency": "o", "id": f"{1:032x}", "fate": "superseded"}]
    assert third["run"]["events"] == {"o": f"{2:032x}", "p": f"{3:032x}"}
    result = asked.run(JOIN, message(1, "x"), message(2, "z"))
    assert f"let go    event {1:032x} of o: superseded" in result.stdout


def test_the_time_at_which_waiting_ends_is_told(asked: Asked) -> None:
    """With `conditionsReset`, the next tick is when what waits is let go."""
    reset = [{"byTime": {"cron": "0 12 * * *", "timezone": "Europe/Prague"}}]
    document = sensor([dependency("o"), dependency("p", "paid")], create(conditionsReset=reset))
    (said,) = asked.said(document, message(1, "x"), options=("--time", "2026-01-31T12:00:00"))
    assert said["why"] == "until there is p, or conditionsReset comes at 2026-02-01T11:00:00Z"


def test_a_set_that_cannot_fire_is_parked_as_a_whole(asked: Asked) -> None:
    """The last event is not the only one that goes to the dead letters."""
    document = sensor([dependency("o"), dependency("p", "paid")], create(parameter("o", "body.n", "spec.n")))
    result = asked.run(document, message(1, {}), message(2, {}, "paid"))
    assert result.exit_code == 1
    assert "parked, as p" in result.stdout
    assert "all of these events go to the dead letters" in result.stdout


def test_the_dlq_trigger_is_shown_where_its_turn_comes(asked: Asked) -> None:
    """What the main trigger can never do with the event is the reason, and what fires in its stead is the object."""
    last = {"atLeastOnce": True}
    main = create(parameter("o", "body.n", "spec.n")) | last | {"dlqTrigger": create(BODY, name="instead") | last}
    (said,) = asked.said(sensor([dependency("o")], main), message(1, {}))
    assert (said["fate"], said["reason"]) == ("dlq_triggered", "parameter")
    assert said["run"]["request"]["object"]["metadata"]["labels"]["events.argoproj.io/trigger"] == "instead"
    assert asked.run(sensor([dependency("o")], main), message(1, {})).exit_code == 0


def test_the_very_same_event_fires_once(asked: Asked) -> None:
    """A redelivery is the same firing: live it does nothing, and nothing new is shown."""
    first, second = asked.said(SIMPLE, message(1, "x"), message(1, "x"))
    assert [first["fate"], second["fate"]] == ["fired", "duplicate"]
    assert first["run"]["digest"] == second["run"]["digest"]


def test_a_request_is_shown_without_its_secrets(asked: Asked) -> None:
    """Method, address, headers and body are there; what stands in a Secret is its name only, even if it is here."""
    secret = asked.folder / "secrets" / "token" / "key"
    secret.parent.mkdir(parents=True)
    secret.write_text("s3cr3t")
    headers = [{"name": "X-Token", "valueFrom": {"secretKeyRef": {"name": "token", "key": "key"}}}]
    http = {"url": "https://hooks.test/x", "payload": [parameter("o", "body", "order")], "secureHeaders": headers}
    document = sensor([dependency("o")], {"template": {"name": "t", "http": http}})
    result = asked.run(document, message(1, "x"), options=("--secrets-dir", str(asked.folder / "secrets")))
    assert result.exit_code == 0
    assert "would     POST https://hooks.test/x" in result.stdout
    assert '{"order":"x"}' in result.stdout
    assert "<secret token/key>" in result.stdout
    assert "s3cr3t" not in result.stdout


def test_what_only_the_pod_has_is_replaced_and_said(asked: Asked) -> None:
    """Where the object stands in a ConfigMap, some object takes its place, unless the folder is given."""
    k8s = {"operation": "create", "source": {"configmap": {"name": "wf", "key": "w.yaml"}}}
    document = sensor([dependency("o")], {"template": {"name": "t", "k8s": k8s}})
    report = asked.report(document, message(1, "x"))
    (note,) = report["notes"]
    assert note.startswith("spec.triggers[0].template.k8s.source.configmap: not looked at")
    mounted = asked.folder / "config" / "wf" / "w.yaml"
    mounted.parent.mkdir(parents=True)
    mounted.write_text(json.dumps(WORKFLOW))
    report = asked.report(document, message(1, "x"), options=("--config-dir", str(asked.folder / "config")))
    assert report["notes"] == []
    assert report["triggers"][0]["steps"][0]["dependencies"][0]["run"]["request"]["object"]["kind"] == "Workflow"


def test_what_argo_server_would_do_is_a_request_to_it(asked: Asked) -> None:
    """Its address is a setting of the pod: another stands in its place, and that is said."""
    report = asked.report(sensor([dependency("o")], submit(operation="retry")), message(1, "x"))
    assert report["notes"] == [
        "spec.triggers[0].template.argoWorkflow.operation: https://argo-server stands in the place of the pod's ARGO_SERVER_URL"
    ]
    request = report["triggers"][0]["steps"][0]["dependencies"][0]["run"]["request"]
    assert request["url"] == "https://argo-server/api/v1/workflows/default/w/retry"


def test_what_needs_the_live_object_says_so(asked: Asked) -> None:
    """What is laid over an object that only the cluster has cannot be shown as it will be."""
    result = asked.run(sensor([dependency("o")], change("update", TEXT)), message(1, "x"))
    assert "would     update ConfigMap default/fixed" in result.stdout
    assert "needs     the object that is there" in result.stdout


@pytest.mark.parametrize(
    ("api_version", "kind", "namespace", "noted"),
    [
        ("v1", "ConfigMap", "default", False),
        ("v1", "Namespace", "", False),
        ("argoproj.io/v1alpha1", "ClusterWorkflowTemplate", "", False),
        ("example.com/v1", "Order", "default", True),
    ],
)
def test_kinds_are_known_by_heart(asked: Asked, api_version: str, kind: str, namespace: str, *, noted: bool) -> None:
    """Without a cluster nobody can be asked whether a kind has namespaces: what is not known is said."""
    resource = {**CONFIG_MAP, "apiVersion": api_version, "kind": kind}
    (said,) = asked.said(sensor([dependency("o")], create(resource=resource)), message(1, "x"))
    assert said["run"]["request"]["namespace"] == namespace
    assert bool(said["run"]["notes"]) == noted


def test_the_namespace_is_the_documents_then_the_pods(asked: Asked) -> None:
    """As in the pod; it is part of the firing's identity, so the name follows it."""
    (given,) = asked.said(SIMPLE, message(1, "x"), options=("-n", "pod"))
    document = {**SIMPLE, "metadata": {"name": "s"}}
    (pods,) = asked.said(document, message(1, "x"), options=("-n", "shop"))
    (other,) = asked.said(document, message(1, "x"))
    assert given["run"]["digest"] == pods["run"]["digest"] != other["run"]["digest"]


def test_the_shape_of_the_json_is_stable(asked: Asked) -> None:
    """Programs read it: these keys stay."""
    report = asked.report(SIMPLE, message(1, "x"))
    assert list(report) == ["sensor", "namespace", "notes", "events", "triggers"]
    assert list(report["events"][0]) == ["place", "id", "source", "subject", "type", "time", "fate", "why", "notes"]
    assert list(report["triggers"][0]) == ["trigger", "conditions", "steps"]
    step = report["triggers"][0]["steps"][0]
    assert list(step) == ["event", "fate", "dependencies"]
    (said,) = step["dependencies"]
    assert list(said) == ["dependency", "fate", "reason", "why", "data", "filters", "present", "missing", "gone", "run"]
    assert list(said["run"]) == ["digest", "events", "action", "request", "notes"]


def test_the_help_shows_how_it_is_used() -> None:
    """Examples that can be pasted, and how it ends."""
    result = CliRunner().invoke(app, ["explain", "--help"], env={"COLUMNS": "100"})
    assert result.exit_code == 0
    assert "argosy explain sensor.yaml event.json" in result.stdout
    assert "Ends with 0 if something fires, 1 if nothing does, 2" in result.stdout


def test_it_is_readable_in_80_columns_without_colours(asked: Asked) -> None:
    """Through a pipe there are no escapes, and nothing but the object itself is wider than a terminal."""
    result = asked.run(sensor([dependency("o", transform={"jq": "."})], create(BODY)), message(1, "\x1b[31mred" * 20))
    assert "\x1b" not in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines() if not line.startswith("    "))
