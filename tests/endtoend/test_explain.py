"""`argosy explain` tells beforehand what the two services then do."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from argosy.cli import app
from tests.endtoend import forms
from tests.endtoend.rig import Rig, eventually

TIMESTAMP = "events.argoproj.io/action-timestamp"
SERVERS_OWN = {"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"}
"""What an API server adds to the metadata of an object."""


def _documents(rig: Rig) -> tuple[Path, Path]:
    """Write an event source with `jsonBody`, and a sensor with a transform, a filter and a default."""
    source, sensor = forms.event_source(rig), forms.sensor(rig)
    source["spec"]["sqs"]["created"] |= {"jsonBody": True, "metadata": {"shop": "eu"}}
    (dependency,) = sensor["spec"]["dependencies"]
    dependency["transform"] = {"jq": ".body |= . + {total: (.price * .count)}"}
    dependency["filters"] = {"data": [{"path": "body.total", "type": "number", "comparator": ">", "value": ["10"]}]}
    k8s = sensor["spec"]["triggers"][0]["template"]["k8s"]
    k8s["parameters"] += [
        {"src": {"dependencyName": "order", "dataKey": "body.total", "useRawData": True}, "dest": "spec.priority"},
        {"src": {"dependencyName": "order", "dataKey": "body.who", "value": "nobody"}, "dest": "metadata.annotations.who"},
    ]
    paths = rig.folder / "source.yaml", rig.folder / "explained.yaml"
    for path, document in zip(paths, (source, sensor), strict=True):
        path.write_text(yaml.safe_dump(document))
    return paths


def _explained(rig: Rig, source: Path, sensor: Path, messages: dict[str, str]) -> list[dict[str, Any]]:
    """Explain messages as SQS' command line prints them; give what the trigger does with each."""
    file = rig.folder / "messages.json"
    printed = [{"MessageId": ident, "ReceiptHandle": "r", "Body": body} for ident, body in messages.items()]
    file.write_text(json.dumps({"Messages": printed}))
    result = CliRunner().invoke(app, ["explain", str(sensor), str(file), "--eventsource", str(source), "-o", "json"])
    assert result.exit_code == 0, result.output
    return [step["dependencies"][0] for step in json.loads(result.stdout)["triggers"][0]["steps"]]


def _comparable(made: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the API server adds, and the moment."""
    metadata = {key: value for key, value in made["metadata"].items() if key not in SERVERS_OWN}
    metadata["labels"] = {key: value for key, value in metadata["labels"].items() if key != TIMESTAMP}
    return {**made, "metadata": metadata}


@pytest.mark.promise("I1")
def test_the_workflow_is_the_one_that_was_explained(rig: Rig) -> None:
    """For real messages through both processes: the very object at the API server, and nothing for the one that is filtered."""
    source, sensor = _documents(rig)
    bus = {"NATS_URL": rig.nats.url}
    running = [
        rig.service("eventsource", EVENTSOURCE_FILE=str(source), **bus, **rig.aws),
        rig.service("sensor", SENSOR_FILE=str(sensor), KUBECONFIG=rig.kubeconfig, **bus),
    ]
    for service in running:
        service.start()
    bodies = ['{"price": 5, "count": 3, "text": "a <b> \\u017eluť 🦀"}', '{"price": 5, "count": 2}']
    messages = {rig.queue.send(body): body for body in bodies}
    eventually("both are settled", lambda: running[1].total("argosy_sensor_outcomes_total") >= len(bodies), 60)
    fires, filtered = _explained(rig, source, sensor, messages)
    assert (fires["fate"], filtered["fate"]) == ("fired", "filtered")
    (made,) = rig.workflows()
    assert _comparable(made) == _comparable(fires["run"]["request"]["object"])
