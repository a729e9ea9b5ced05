"""What the proofs of replays share: the tool as an operator calls it, and events that are parked until somebody helps."""

# ruff: noqa: ANN401 - JSON

import copy
import json
from typing import Any

from typer.testing import CliRunner

from argosy.cli import app
from sensor import identity
from tests.integration.sensor.rig import WORKFLOW, Rig, event, eventually


def tool(rig: Rig, *arguments: str, answer: str = "") -> tuple[int, str]:
    """Call `argosy deadletters` against the rig's bus; gives the exit code, and what it said."""
    environment = {"NATS_URL": rig.nats.url, "NATS_STREAM": rig.stream, "NATS_SUBJECT_PREFIX": rig.stream, "COLUMNS": "200"}
    result = CliRunner().invoke(app, ["deadletters", *arguments], env=environment, input=answer)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def listed(rig: Rig, *arguments: str) -> list[dict[str, Any]]:
    """List the letters as JSON."""
    _, output = tool(rig, "list", "--output", "json", *arguments)
    letters: list[dict[str, Any]] = json.loads(output)
    return letters


def take_names(rig: Rig, numbers: range, *, sensor: str = "orders", trigger: str = "workflow") -> list[str]:
    """Make somebody else's Workflows under the names that events would get, so that they are parked."""
    names = []
    for number in numbers:
        digest = identity.firing(rig.namespace, sensor, trigger, {"order": event(number)})
        names.append(identity.object_name("order-", digest))
        rig.kube.client.create(rig.path, WORKFLOW | {"metadata": {"name": names[-1]}})
    return names


def free(rig: Rig, names: list[str]) -> None:
    """Delete Workflows: the cause is mended."""
    for name in names:
        rig.kube.client.delete(f"{rig.path}/{name}")


def parked(rig: Rig, count: int) -> None:
    """Wait for so many dead letters in the stream."""
    eventually(f"{count} dead letters", lambda: letters(rig) == count)


def letters(rig: Rig) -> int:
    """Count the dead letters."""
    return stored(rig, "deadletters")


def stored(rig: Rig, which: str) -> int:
    """Count what one of the streams beside the events holds."""
    return rig.on_bus(lambda client: _count(client, f"{rig.stream}-{which}"))


async def _count(client: Any, stream: str) -> int:
    return int((await client.jetstream().stream_info(stream)).state.messages)


def settled(rig: Rig) -> None:
    """Wait until nothing is under way to any trigger: no event, no replay."""
    eventually("the replays are worked off", lambda: stored(rig, "replays") == 0)
    eventually("nothing unread", lambda: rig.unread() == 0)


def with_triggers(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """Give a document of which every trigger is a copy of its first under another name."""
    changed = copy.deepcopy(document)
    (first,) = changed["spec"]["triggers"]
    changed["spec"]["triggers"] = []
    for name in names:
        trigger = copy.deepcopy(first)
        trigger["template"]["name"] = name
        changed["spec"]["triggers"].append(trigger)
    return changed
