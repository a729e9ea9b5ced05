"""`argosy migrate`: what of Argo Events' manifests becomes which value, and what is said about the rest."""

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from argosy.cli import app
from argosy.files import documents
from argosy.migrate.text import dump
from argosy.validate import Verdict, validate
from common import yamltext

ROOT = Path(__file__).parents[3]
LARGE = Path(__file__).parent / "manifests" / "argo-events.yaml"
CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.yaml"))
SEED = sorted((ROOT / "examples" / "seed").glob("*.yaml"))
SOURCE = """\
kind: EventSource
metadata: {name: a}
spec: {sqs: {e: {region: r, queue: q}}}
"""
SENSOR = """\
kind: Sensor
metadata: {name: s}
spec:
  dependencies: [{name: d, eventSourceName: a, eventName: e}]
  triggers: [{template: {name: t, log: {}}}]
"""


def run(*arguments: str | Path, stdin: str = "") -> tuple[int, dict[str, Any], list[str]]:
    """Give the exit code, the values, and what was said: a line each, spaces in a row as one."""
    result = CliRunner().invoke(app, ["migrate", *map(str, arguments)], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    [values] = yamltext.load_all(result.stdout, "values") or [{}]
    return result.exit_code, values, [" ".join(line.split()) for line in result.stderr.splitlines()]


def together(*texts: str) -> str:
    """Put documents into one text."""
    return "---\n".join(texts)


def bus(spec: str) -> str:
    """Write an EventBus."""
    return f"kind: EventBus\nmetadata: {{name: default}}\nspec: {spec}\n"


def test_the_seed_is_carried_over_whole() -> None:
    """The newcomer's documents become values with nothing refused and nothing left out; base64 stays."""
    code, values, said = run(*SEED)
    source, sensor = (next(d for d in documents(str(f)) if d["kind"] in ("EventSource", "Sensor")) for f in SEED[1::2])
    assert code == 0
    assert values["eventSources"] == {"orders": {"spec": source["spec"]}}
    assert values["sensors"] == {"orders": {"spec": sensor["spec"]}}
    assert values["nats"] == {"enabled": True, "replicas": 3}
    assert values["eventSourceDefaults"] == {"env": [{"name": "EVENTSOURCE_BODY_ENCODING", "value": "base64"}]}
    assert {line.split()[0] for line in said} == {"note", "skipped"}


def test_specs_are_carried_over_as_they_are() -> None:
    """Of a larger set, what is written is what was given, less what is named."""
    _, values, _ = run(LARGE)
    given_ = {f"{d['kind']}/{d['metadata']['name']}": d for d in documents(str(LARGE))}
    orders = copy.deepcopy(given_["EventSource/orders"]["spec"])
    del orders["service"], orders["template"]["priority"], orders["template"]["container"]["image"]
    assert values["eventSources"]["orders"]["spec"] == orders
    assert values["eventSources"]["mixed"]["spec"] == {"sqs": given_["EventSource/mixed"]["spec"]["sqs"]}
    sensor = copy.deepcopy(given_["Sensor/orders"]["spec"])
    assert values["sensors"]["orders"] == {"revisionHistoryLimit": sensor.pop("revisionHistoryLimit"), "spec": sensor}
    assert list(values["sensors"]) == ["orders", "pushes"]


def test_everything_that_is_not_carried_over_is_named_with_its_path() -> None:
    """Nobody finds out later."""
    code, _, said = run(LARGE)
    assert code == 1
    file = str(LARGE)
    for line in (
        f"left out {file}: EventSource/orders: metadata.labels: team: ",
        f"left out {file}: EventSource/orders: spec.service: ",
        f"left out {file}: EventSource/orders: spec.template.priority: 7: ",
        f"left out {file}: EventSource/orders: spec.template.container.image: ",
        f"refused {file}: EventSource/mixed: spec.webhook: ",
        f"refused {file}: Sensor/forwards: spec.triggers[0].template.kafka: ",
        f"note {file}: EventBus/default: spec.jetstreamExotic.streamConfig: maxage, maxmsgs not used",
        f"note {file}: EventBus/default: spec.jetstreamExotic.accessSecret: ",
        "note Sensor/pushes: spec.dependencies[0]: mixed/push comes from none of these",
        "note Sensor/pushes: spec.dependencies[1]: elsewhere/something comes from none of these",
        f"skipped {file}: Secret/nats-login: ",
    ):
        assert [found for found in said if found.startswith(line)], line
    assert len(said) == 11


def test_a_bus_that_argo_events_found_is_gone_on_with() -> None:
    """The stream and the subjects keep their names, so that nothing that waits there is lost."""
    _, values, _ = run(LARGE)
    assert values["nats"] == {"enabled": False}
    assert values["externalNats"] == {
        "url": "nats://nats.messaging.svc:4222",
        "auth": {"existingSecret": "argosy-bus", "userKey": "username", "passwordKey": "password"},
        "tls": {"existingSecret": "nats-tls", "caKey": "ca.crt", "certKey": "tls.crt", "keyKey": "tls.key"},
    }
    assert values["bus"] == {"stream": "default", "subjectPrefix": "default", "replicas": 3, "maxBytes": 1073741824}


@pytest.mark.parametrize(
    ("tls", "address", "keys", "told"),
    [
        ("{enabled: true}", "tls://n:4222", None, ""),
        ("{insecureSkipVerify: true}", "tls://n:4222", None, "tls.insecureSkipVerify"),
        ("{caCertSecret: {name: a, key: k}}", "nats://n:4222", {"caKey": "k", "certKey": "", "keyKey": ""}, ""),
        (
            "{caCertSecret: {name: a, key: k}, clientCertSecret: {name: b, key: c}, clientKeySecret: {name: b, key: l}}",
            "nats://n:4222",
            {"caKey": "k", "certKey": "c", "keyKey": "l"},
            "put those of a, b into one",
        ),
    ],
)
def test_certificates_of_the_bus(tls: str, address: str, keys: dict[str, str] | None, told: str) -> None:
    """Verified by a CA from a Secret, by the system, or not possible and said."""
    text = together(bus(f"{{jetstreamExotic: {{url: 'nats://n:4222', tls: {tls}}}}}"), SOURCE)
    code, values, said = run("-", stdin=text)
    found = values["externalNats"]
    assert (code, found["url"]) == (0, address)
    assert found.get("tls") == (keys and {"existingSecret": "a", **keys})
    assert told in "".join(said)


@pytest.mark.parametrize(("given_", "replicas"), [("{version: latest}", 3), ("{version: x, replicas: 1}", 1)])
def test_in_the_place_of_a_bus_of_the_controller_comes_one_of_the_chart(given_: str, replicas: int) -> None:
    """It goes with Argo Events' controller; what waits in SQS meanwhile loses nothing."""
    _, values, _ = run("-", stdin=together(bus(f"{{jetstream: {given_}}}"), SOURCE))
    assert values["nats"] == {"enabled": True, "replicas": replicas}
    assert "bus" not in values


def test_the_shape_of_a_bus_of_the_controller_is_kept() -> None:
    """Volume, resources, places and stream limits go along; the rest is named."""
    spec = """\
{jetstream: {version: "2.10.10", replicas: 5,
  persistence: {volumeSize: 20Gi, storageClassName: fast, accessMode: ReadWriteOnce},
  nodeSelector: {disk: ssd}, containerTemplate: {resources: {requests: {cpu: "1"}}, imagePullPolicy: Always},
  streamConfig: "maxBytes: 1024\\nreplicas: 5\\nduplicates: 300s", settings: "max_file_store: -1"}}"""
    code, values, said = run("-", stdin=together(bus(spec), SOURCE))
    assert code == 0
    assert values["nats"] == {
        "enabled": True,
        "replicas": 3,
        "persistence": {"size": "20Gi", "storageClassName": "fast"},
        "resources": {"requests": {"cpu": "1"}},
        "nodeSelector": {"disk": "ssd"},
    }
    assert values["bus"] == {"maxBytes": 1024}
    named = {line.split("EventBus/default: ")[1].split(": ")[0] for line in said}
    jetstream = {"replicas", "persistence.accessMode", "persistence.volumeSize", "version", "settings", "streamConfig"}
    assert named == {f"spec.jetstream.{part}" for part in (*jetstream, "containerTemplate.imagePullPolicy")}


def test_bodies_can_become_text() -> None:
    """With --text no encoding is set, and each template that decodes base64 is named."""
    code, values, said = run("--text", LARGE)
    assert code == 1
    assert "eventSourceDefaults" not in values
    decoding = [line for line in said if "decodes base64" in line]
    assert [line.split(": ")[2].rpartition(".")[2] for line in decoding] == ["source", "dataTemplate"]
    assert not [line for line in run(LARGE)[2] if "decodes base64" in line]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (
            [SOURCE.replace("{name: a}", "{name: a, namespace: x}"), SENSOR.replace("{name: s}", "{name: s, namespace: y}")],
            "refused 2 namespaces: x, y: ",
        ),
        ([SOURCE, SENSOR.replace("spec:\n", "spec:\n  eventBusName: other\n")], "refused 2 buses: default, other: "),
    ],
)
def test_what_cannot_be_one_release_is_refused(texts: list[str], told: str) -> None:
    """A release has one namespace and one bus: nothing is written."""
    code, values, said = run("-", stdin=together(*texts))
    assert (code, values) == (1, {})
    assert any(line.startswith(told) for line in said)


def test_two_of_one_name_are_one_and_the_other_is_named() -> None:
    """The second would overwrite the first."""
    code, values, said = run("-", stdin=together(SOURCE, SOURCE.replace("queue: q", "queue: other")))
    assert code == 1
    assert values["eventSources"]["a"]["spec"]["sqs"]["e"]["queue"] == "q"
    assert any(line.startswith("refused -: EventSource/a: metadata.name: ") for line in said)


def test_a_bus_that_nobody_uses_is_left_out() -> None:
    """The values hold the bus of these documents, whatever else stands in the file."""
    other = bus("{jetstreamExotic: {url: 'nats://n:4222'}}").replace("default", "other")
    _, values, said = run("-", stdin=together(other, SOURCE))
    assert "externalNats" not in values
    assert "left out EventBus/other: nothing among these documents uses it" in said
    assert "note EventBus/default: none of these documents gives it: the chart brings a NATS of its own" in said


@pytest.mark.parametrize("text", ["a: [", "[1, 2]: x: y"])
def test_an_unreadable_file_ends_with_2_and_writes_nothing(tmp_path: Path, text: str) -> None:
    """Half of the values would look like all of them."""
    bad = tmp_path / "bad.yaml"
    bad.write_text(text)
    code, values, said = run(*SEED, bad)
    assert (code, values) == (2, {})
    assert any(line.startswith(f"unreadable {bad}: not YAML") for line in said)


@pytest.mark.parametrize(
    "text", ["[]", "- 1", "x", "{}", "kind: 7", "kind: Sensor", "kind: EventBus\nspec: {nats: {native: {}}}"]
)
def test_what_is_no_document_is_refused_by_name(text: str) -> None:
    """No input ends in a traceback, and where nothing is carried over nothing is written."""
    code, values, said = run("-", stdin=text)
    assert (code, values) == (1, {})
    assert said[0].startswith("refused ")


@pytest.mark.parametrize("part", ["5", "[7]", "x"])
def test_odd_parts_that_no_pod_reads_do_no_harm(part: str) -> None:
    """Labels, pod templates and the shape of a bus are anybody's: what is no object is carried along or left out."""
    odd = f"{{name: a, labels: {part}, annotations: {part}}}"
    source = SOURCE.replace("{name: a}", odd).replace("spec: {", f"spec: {{template: {part}, ")
    native = (
        f"{{jetstream: {{version: x, metadata: {part}, containerTemplate: {part}, persistence: {part}, affinity: {part}}}}}"
    )
    code, values, _ = run("-", stdin=together(bus(native).replace("{name: default}", part), source))
    assert code == 0
    assert values["eventSources"]["a"]["spec"]["template"] == yaml.safe_load(part)


@pytest.mark.promise("I6")
@pytest.mark.parametrize("text", [SOURCE + "---\n" + SENSOR, LARGE.read_text()])
def test_what_validate_accepts_is_in_the_values(tmp_path: Path, text: str) -> None:
    """The two commands agree about what Argosy can do."""
    file = tmp_path / "all.yaml"
    file.write_text(text)
    accepted = {f.name for f in validate([str(file)]) if f.verdict is Verdict.ACCEPTED} - {"EventBus/default"}
    _, values, _ = run(file)
    carried = {f"EventSource/{name}" for name in values["eventSources"]} | {f"Sensor/{name}" for name in values["sensors"]}
    assert accepted <= carried
    assert carried - accepted <= {"EventSource/mixed"}


@pytest.mark.promise("I6")
def test_all_of_argo_events_examples_are_migrated_or_refused() -> None:
    """None of them crashes the tool, and each that is accepted is carried over."""
    given_ = os.environ.get("ARGO_EVENTS_EXAMPLES")
    folder = Path(given_) if given_ else ROOT.parent / "shared" / "data" / "argo-events" / "examples"
    if not folder.is_dir():
        pytest.skip("Argo Events' examples are not here: set ARGO_EVENTS_EXAMPLES to their folder")
    files = sorted(folder.rglob("*.yaml"))
    codes = {file: run(file)[0] for file in [*files, *CORPUS]}
    assert len(files) > 100
    assert set(codes.values()) == {0, 1}
    for file, code in codes.items():
        refused = any(f.verdict is Verdict.REFUSED for f in validate([str(file)]))
        assert code == 1 or not refused, file


SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=20),
    st.text("0123456789eE+-._xobyYnN:~", max_size=6),
    st.sampled_from(
        ["on", "Off", "yes", "null", "~", "1e5", "0x1F", "0o17", "12:30", "2024-02-29", ".inf", "=", "<<", "1_000"]
    ),
)


@given(st.dictionaries(SCALARS, st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.booleans(), st.integers()), max_size=4))
def test_texts_stay_texts(values: dict[str, Any]) -> None:
    """Whatever a spec holds, the YAML of Go and the YAML of Python read back what was written."""
    text = dump(values)
    assert (yamltext.load_all(text, "values") or [{}]) == [values]
    assert yaml.safe_load(text) == values


def test_validate_names_the_places_that_decode_base64() -> None:
    """Whoever comes from Argo Events hears of the one difference that would break a template."""
    data = "{k: '{{ b64dec .x }}', l: ['@base64d', 'x | base64 --decode'], m: 'fromBase64(body)', n: [b64dec2, base64]}"
    resource = f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: n}}, data: {data}}}"
    text = SENSOR.replace("log: {}", f"k8s: {{operation: create, source: {{resource: {resource}}}}}")
    result = CliRunner().invoke(app, ["validate", "-"], input=text)
    places = [line.split(": ")[2] for line in result.stdout.splitlines() if "decodes base64" in line]
    inside = "spec.triggers[0].template.k8s.source.resource.data"
    assert places == [f"{inside}.k", f"{inside}.l[0]", f"{inside}.l[1]", f"{inside}.m"]
