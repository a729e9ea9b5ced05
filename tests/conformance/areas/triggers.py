"""Triggers: what they are made of, what they do, and how insistently."""

import asyncio
import importlib
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from structlog.testing import capture_logs

from common import documents
from common.errors import ConfigurationError, ServiceError
from sensor.ports import Cluster, Firing, Target
from sensor.rules import around
from sensor.spec import ArtifactSource, Trigger, encoded
from sensor.spec.backoff import BackoffSpec
from sensor.triggers import Surroundings, construct, sources
from sensor.triggers.http.session import Answer as HttpAnswer
from sensor.triggers.shared import Shared
from sensor.triggers.sources import Folders
from tests.conformance import builders
from tests.conformance.areas._discovery import Discovery
from tests.conformance.harness import REFUSALS, Answer, Area, NotYetError

Run = Callable[[Any], Answer]
Same = Callable[[Answer, Answer, Any], bool]
CONFIG = "/argo-events/config"


def _resource(given: Any) -> Answer:  # noqa: ANN401
    """Ask where objects of a kind are found."""
    path, plural = asyncio.run(Discovery()._path(Target(given["apiVersion"], given["kind"]), "n"))
    group, _, version = given["apiVersion"].rpartition("/")
    assert path.endswith(f"/{plural}")
    return {"group": group, "version": version, "resource": plural}


def _backoff(given: Any) -> Answer:  # noqa: ANN401
    backoff = documents.parse(BackoffSpec, given["backoff"]).value.values()
    if "failures" not in given:
        nanoseconds = round(backoff.first * 1e9)
        return {"durationNs": nanoseconds, "factor": backoff.factor, "jitter": backoff.jitter, "steps": backoff.attempts}
    attempts = min(given["failures"] + 1, backoff.attempts)
    gone = {"error": "given up"} if given["failures"] >= backoff.attempts else {}
    return {"attempts": attempts, **gone}


def _status_policy(given: Any) -> Answer:  # noqa: ANN401
    """Let an http trigger get an answer of this status."""
    document = {"template": {"name": "t", "http": {"url": "http://x"}}, "policy": {"status": {"allow": given["allow"]}}}
    trigger = documents.parse(Trigger, document).value
    assert trigger.template is not None
    asyncio.run(_answered(trigger, given["status"]))
    return {"ok": True}


async def _answered(trigger: Trigger, status: int) -> None:
    class Session:
        async def send(self, *_: object) -> HttpAnswer:
            return HttpAnswer(status)

    async def open_(_: AsyncExitStack) -> Session:
        return Session()

    shared = Shared()
    await shared.get(("http",), open_)
    assert trigger.template is not None
    made = construct(trigger.template, trigger.policy, Surroundings("s", "n", cast("Cluster", None), shared=shared), "template")
    await made.fire(Firing("0f" * 32, {}, 0.0))


def _rate_limit(given: Any) -> Answer:  # noqa: ANN401
    limit = documents.parse(Trigger, given["trigger"]).value.rate_limit
    wrong = [f"{documents.path(where)}: {what}" for where, what in around.limit(limit)]
    if wrong:
        raise ConfigurationError(*wrong)
    interval = 0 if limit is None else limit.interval
    return {"nanosecondsPerRequest": interval} if interval else {"unlimited": True}


def _artifact(given: Any) -> Answer:  # noqa: ANN401
    """Read an object from its source, out of a folder that holds the files of the case."""
    if given["source"] is None:
        raise ConfigurationError("source: required, but missing")
    with TemporaryDirectory() as folder:
        for path, text in (given.get("files") or {}).items():
            there = Path(folder + path)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(text)
        source = documents.parse(ArtifactSource, given["source"]).value
        if source.file is not None:
            moved = source.file.model_copy(update={"path": folder + source.file.path})
            source = source.model_copy(update={"file": moved})
        text = sources.load(source, Folders(config=Path(folder + CONFIG)), "source").decode()
    if not isinstance(json.loads(text), dict | None):
        raise ConfigurationError("source: an object is wanted")
    return {"result": text}


def _decode(given: Any) -> Answer:  # noqa: ANN401
    return {"result": json.dumps(encoded(documents.parse(Trigger, given["trigger"]).value))}


def _log(given: Any) -> Answer:  # noqa: ANN401
    """Fire a log trigger, and read what it wrote."""
    template = documents.parse(Trigger, given["trigger"]).value.template
    assert template is not None
    made = construct(template, None, Surroundings(given["sensor"], given["namespace"], cast("Cluster", None)), "template")
    with capture_logs() as lines:
        asyncio.run(made.fire(Firing("0f" * 32, builders.events(given), 0.0)))
    names = ("triggerType", "dependencyName", "eventContext", "msg")
    return {"lines": [{"level": line["log_level"]} | {name: line[name] for name in names} for line in lines]}


def _as_json(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    return builders.same_json(expected["result"], got["result"])


def _exactly(expected: Answer, got: Answer, _: Any) -> bool:  # noqa: ANN401
    return dict(expected) == dict(got)


OWN: Mapping[str, tuple[Run, Same]] = {
    "resource": (_resource, _exactly),
    "backoff": (_backoff, _exactly),
    "statusPolicy": (_status_policy, _exactly),
    "rateLimit": (_rate_limit, _exactly),
    "artifact": (_artifact, _as_json),
    "decodeTrigger": (_decode, _as_json),
    "log": (_log, _exactly),
}
ELSEWHERE = {"k8s": "_triggers_k8s", "argoWorkflow": "_triggers_k8s", "http": "_triggers_http"}


@cache
def _function(name: str) -> tuple[Run, Same]:
    if name in OWN:
        return OWN[name]
    module = f"tests.conformance.areas.{ELSEWHERE.get(name)}"
    if name not in ELSEWHERE or find_spec(module) is None:
        raise NotYetError(f"{name}: later")
    found: tuple[Run, Same] = importlib.import_module(module).FUNCTIONS[name]
    return found


def run(given: Any) -> Answer:  # noqa: ANN401
    """Do what the case is about."""
    return _function(given["function"])[0](given)


def same(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Compare as the function asks for."""
    return _function(given["function"])[1](expected, got, given)


def same_error(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401
    """Words are ours; how often was tried is not."""
    return given["function"] != "backoff" or expected.get("attempts") == got.get("attempts")


AREA = Area(run, same, (*REFUSALS, ServiceError), same_error)
