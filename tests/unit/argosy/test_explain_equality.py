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
from sensor.triggers.shared import Shared
from tests.conformance import harness
from tests.conformance.areas._sensor import Run, Step, live
from tests.conformance.areas._triggers_http import Noting
from tests.conformance.areas._undone import undone
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


def _live(document: Mapping[str, Any], messages: list[str], existing: list[Any]) -> list[list[Step]]:
    """Let the sensor run; give the steps of each trigger."""

    async def run() -> list[list[Step]]:
        async with Workers(seconds=10) as workers:
            triggers = live(document, workers)
            return [[await t.give(n, message.encode(), *existing) for n, message in enumerate(messages)] for t in triggers]

    return asyncio.run(run())


def _timeless(made: Any) -> Any:  # noqa: ANN401 - an object, or a text
    """Leave out the moment, which no two runs have in common."""
    if isinstance(made, dict):
        ((made.get("metadata") or {}).get("labels") or {}).pop(TIMESTAMP, None)
    return made


@pytest.mark.promise("I1")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_is_shown_is_what_is_made(case: Mapping[str, Any], tmp_path: Path) -> None:
    """For each message and trigger: the same fate, the same firing, and the very object that went to the API server."""
    document, messages = case["input"]["sensor"], case["input"]["messages"]
    try:
        running = _live(document, messages, case["input"].get("existing", []))
    except ConfigurationError:
        (tmp_path / "sensor.yaml").write_text(json.dumps(document))
        (tmp_path / "event.json").write_text(messages[0])
        refused = CliRunner().invoke(app, ["explain", str(tmp_path / "sensor.yaml"), str(tmp_path / "event.json")])
        assert refused.exit_code == 2
        assert case not in explained.CASES
        return
    told = _explained(document, messages, tmp_path)
    assert [len(steps) for steps in told] == [len(steps) for steps in running]
    for shown, made in ((s, m) for one, other in zip(told, running, strict=True) for s, m in zip(one, other, strict=True)):
        assert shown["fate"] == made.outcome
        assert _parked(shown) == set(made.parked)
        runs = [said["run"] for said in shown["dependencies"] if said["fate"] in {"fired", "dlq_triggered"}]
        fired = [run for run in made.runs if run.error is None]
        assert [run["digest"] for run in runs] == [run.digest for run in fired]
        assert [sorted(run["events"]) for run in runs] == [run.triggered_by for run in fired]
        for run, attempt in zip(runs, fired, strict=True):
            _compare(run["request"], attempt)


@pytest.mark.promise("I1")
def test_the_request_that_is_shown_is_the_one_that_is_sent(tmp_path: Path) -> None:
    """Method, path, headers and body come to a real server as they were shown."""
    server = Noting(200)
    messages = [explained.message(1, {"id": "a b", "text": "ž <b>"})]
    document, port = asyncio.run(_sent(server, messages))
    ((step,),) = _explained(document, messages, tmp_path)
    shown = step["dependencies"][0]["run"]["request"]
    (came,) = server.requests
    assert (shown["method"], shown["url"]) == (came["method"], f"http://127.0.0.1:{port}{came['uri']}")
    assert shown["body"] == came["body"]
    assert shown["headers"].items() <= came["headers"].items()


async def _sent(server: Noting, messages: list[str]) -> tuple[dict[str, Any], int]:
    """Let a running sensor send to a server; give the document, and the server's port."""
    listener = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    http = {
        "url": f"http://127.0.0.1:{port}/orders",
        "method": "PUT",
        "headers": {"X-Shop": "eu"},
        "dynamicHeaders": [explained.parameter("o", "body.id", "X-Order")],
        "payload": [explained.parameter("o", "body", "order", useRawData=True)],
    }
    document = explained.sensor([explained.dependency("o")], {"template": {"name": "t", "http": http}})
    async with listener, Shared() as shared, Workers() as workers:
        (trigger,) = live(document, workers, shared)
        for number, message in enumerate(messages):
            assert (await trigger.give(number, message.encode())).outcome == "fired"
    return document, port


def _parked(shown: Mapping[str, Any]) -> set[str]:
    """Give the reasons of all dead letters."""
    said = shown["dependencies"]
    own = {each["reason"] for each in said if each["fate"] == "parked"}
    return own | {gone["fate"] for each in said for gone in each["gone"] if gone["fate"] == "join_overflow"}


def _compare(request: Mapping[str, Any], attempt: Run) -> None:
    """Hold what was to be sent against what was sent."""
    if request["verb"] == "delete" and not attempt.actions:
        return
    (action,) = attempt.actions
    if action["verb"] == "create" and request["verb"] != "create":
        # Nothing was there to be changed: what is made in its place says whose it is.
        assert "create" in request["needs"]
        assert undone(action["object"], attempt.digest) == request.get("object", request.get("patch"))
        return
    keys = {"verb", "namespace", "name", "object", "patch"} & request.keys()
    if request["verb"] == "update":
        keys -= {"name"}
    assert {key: _timeless(request[key]) for key in keys} == {key: _timeless(action[key]) for key in keys}
