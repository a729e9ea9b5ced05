"""What `argosy explain` shows is what the running sensor makes."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from argosy.cli import app
from common.errors import ConfigurationError
from sensor.scripts import Workers
from tests.conformance import harness
from tests.conformance.areas._sensor import Step, live
from tests.unit.argosy import explained

TIMESTAMP = "events.argoproj.io/action-timestamp"
CORPUS = harness.CASES / "pipeline.json"
CASES = [*(json.loads(CORPUS.read_text()) if CORPUS.exists() else ()), *explained.CASES]


def _explained(document: Mapping[str, Any], messages: list[str], folder: Path) -> list[list[dict[str, Any]]]:
    """Explain a sensor by the command line; give the steps of each trigger."""
    (folder / "sensor.yaml").write_text(json.dumps(document))
    for number, message in enumerate(messages):
        (folder / f"{number}.json").write_text(message)
    files = [str(folder / f"{number}.json") for number in range(len(messages))]
    result = CliRunner().invoke(app, ["explain", str(folder / "sensor.yaml"), *files, "--output", "json"])
    assert result.exit_code in {0, 1}, result.output
    return [trigger["steps"] for trigger in json.loads(result.stdout)["triggers"]]


def _live(document: Mapping[str, Any], messages: list[str]) -> list[list[Step]]:
    """Let the sensor run; give the steps of each trigger."""

    async def run() -> list[list[Step]]:
        async with Workers(seconds=10) as workers:
            triggers = live(document, workers)
            return [[await t.give(n, message.encode()) for n, message in enumerate(messages)] for t in triggers]

    return asyncio.run(run())


def _timeless(made: dict[str, Any]) -> dict[str, Any]:
    """Leave out the moment, which no two runs have in common."""
    labels = (made.get("metadata") or {}).get("labels") or {}
    labels.pop(TIMESTAMP, None)
    return made


@pytest.mark.promise("I1")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_is_shown_is_what_is_made(case: Mapping[str, Any], tmp_path: Path) -> None:
    """For each message and trigger: the same fate, the same firing, and the very object that went to the API server."""
    document, messages = case["input"]["sensor"], case["input"]["messages"]
    try:
        running = _live(document, messages)
    except ConfigurationError:
        (tmp_path / "sensor.yaml").write_text(json.dumps(document))
        (tmp_path / "event.json").write_text(messages[0])
        refused = CliRunner().invoke(app, ["explain", str(tmp_path / "sensor.yaml"), str(tmp_path / "event.json")])
        assert refused.exit_code == 2
        return
    explained = _explained(document, messages, tmp_path)
    assert [len(steps) for steps in explained] == [len(steps) for steps in running]
    for shown, made in ((s, m) for one, other in zip(explained, running, strict=True) for s, m in zip(one, other, strict=True)):
        assert shown["fate"] == made.outcome
        assert {said["reason"] for said in shown["dependencies"] if said["reason"]} == set(made.parked)
        runs = [said["run"] for said in shown["dependencies"] if said["fate"] == "fired"]
        fired = [run for run in made.runs if run.error is None]
        assert [run["digest"] for run in runs] == [run.digest for run in fired]
        assert [sorted(run["events"]) for run in runs] == [run.triggered_by for run in fired]
        assert [_seen(run["request"]) for run in runs] == [_done(run.actions) for run in fired]


def _seen(request: Mapping[str, Any]) -> tuple[Any, ...]:
    return (request["verb"], request["namespace"], _timeless(request["object"]))


def _done(actions: list[dict[str, Any]]) -> tuple[Any, ...]:
    (action,) = actions
    return (action["verb"], action["namespace"], _timeless(action["object"]))
