"""The `k8s` and `argoWorkflow` triggers of the area `triggers`: what they change at an API server, in order.

Where Go's sensor runs the `argo` command the corpus holds what the command was given; it is compared by what it would do.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from common import documents
from common.errors import Failed, ServiceError
from sensor.ports import Firing, Target
from sensor.settle import POLICY
from sensor.spec import Trigger
from sensor.triggers import Surroundings, construct
from sensor.triggers.argo_server import ArgoServer
from sensor.triggers.shared import Shared
from tests.conformance import builders
from tests.conformance.areas import _discovery
from tests.conformance.areas._sensor import NotingCluster, plural
from tests.conformance.areas._undone import undone

Answer = Mapping[str, Any]
SERVER = ArgoServer("https://argo-server")
DIGEST = "0f" * 32
FROM = {"workflow-template": "workflowtemplate", "cron-workflow": "cronwf"}
LABEL = "workflows.argoproj.io/"
ARGO_FLAGS = {
    "submit": "name generate-name entrypoint parameter p parameter-file f serviceaccount labels l priority instanceid",
    "resume": "node-field-selector",
    "stop": "node-field-selector message",
    "retry": "parameter p node-field-selector restart-successful",
    "resubmit": "parameter p memoized",
}
"""The flags of the `argo` command that change what it does, by operation."""


@dataclass
class Cluster(NotingCluster):
    """An API server that knows all kinds, by their real plurals, and counts how often it was looked at since a change."""

    looks: int = 0
    cluster_wide: frozenset[str] = _discovery.CLUSTER_WIDE

    async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Get, and count."""
        self.looks += 1
        return await super().get(target, namespace, name)

    def add(self, made: dict[str, Any], namespace: str) -> None:
        """Put an object there."""
        place = "" if made["kind"] in self.cluster_wide else made["metadata"].get("namespace", namespace)
        self.objects[place, made["kind"], made["metadata"]["name"]] = made

    def _note(self, verb: str, target: Target, namespace: str, **more: object) -> None:
        self.looks = 0
        known = _discovery.plural(target.api_version, target.kind) or plural(target.kind)
        self.actions.append({"verb": verb, "resource": f"{target.api_version}/{known}", "namespace": namespace, **more})


@dataclass
class Server:
    """An Argo Server that notes what it is asked for."""

    asked: list[dict[str, Any]] = field(default_factory=list)

    async def workflow(self, verb: str, namespace: str, name: str, more: Mapping[str, Any]) -> Mapping[str, Any]:
        """Note it."""
        self.asked.append({"operation": verb, "namespace": namespace, "name": name, **dict(more)})
        return {"metadata": {"name": name}}


def run_k8s(given: Any) -> Answer:  # noqa: ANN401 - the corpus
    """Fire once, at a server that holds what the case says."""
    cluster = Cluster()
    for each in given.get("existing") or ():
        cluster.add(deepcopy(each), given["namespace"])
    answer = asyncio.run(_fire(given, cluster, Server()))
    return {**answer, "actions": [_undone(action) for action in cluster.actions], "looks": cluster.looks}


def same_k8s(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401 - the corpus
    """Compare what was changed, and how often a policy looked; other reading changes nothing."""
    return (
        _changes(expected) == got["actions"]
        and ("policyError" in expected) == ("policyError" in got)
        and (not (given["trigger"].get("policy") or {}).get("k8s") or _looks(expected) == got["looks"])
    )


def run_argo(given: Any) -> Answer:  # noqa: ANN401 - the corpus
    """Fire once; where the command would meet a template or a Workflow, one is there."""
    cluster, server = Cluster(), Server()
    spec = given["trigger"]["template"].get("argoWorkflow") or {}
    operation = spec.get("operation")
    for each in [*(given.get("existing") or ()), *(_templates(spec) if operation == "submit-from" else ())]:
        made = deepcopy(each)
        if operation == "resume":
            made["spec"]["suspend"] = True
        cluster.add(made, given["namespace"])
    answer = asyncio.run(_fire(given, cluster, server))
    return {**answer, "did": [_meaning(_undone(action)) for action in cluster.actions] + server.asked}


def same_argo(expected: Answer, got: Answer, given: Any) -> bool:  # noqa: ANN401 - the corpus
    """Compare what was done with what the command would have done."""
    wanted = commanded(expected)
    did = [{key: value for key, value in each.items() if key in wanted} for each in got["did"]]
    return did == [wanted] and ("policyError" in expected) == ("policyError" in got) and bool(given)


def commanded(expected: Answer) -> dict[str, Any]:
    """Tell what a command does."""
    _, _, namespace, operation, *rest = expected["command"]
    if rest[:1] == ["--from"]:
        return {"operation": operation, "namespace": namespace, "from": rest[1]}
    if operation != "submit":
        return {"operation": operation, "namespace": namespace, "name": rest[0]}
    workflow = deepcopy(expected["file"])
    _set_flags(workflow, dict(zip(rest[1::2], rest[2::2], strict=True)))
    workflow["metadata"].pop("namespace", None)
    return {"operation": operation, "namespace": namespace, "object": workflow}


def as_discovered(case: Any) -> bool:  # noqa: ANN401 - a `Case` of `mended`
    """Say whether ours is Go's answer with the kind's own plural, and without a namespace where the kind has none."""
    resource = case.given["trigger"]["template"]["k8s"]["source"].get("resource") or {}
    known = _discovery.plural(resource.get("apiVersion", ""), resource.get("kind", ""))
    wanted = []
    for action in _changes(case.expected):
        made = {**action, "resource": f"{resource.get('apiVersion')}/{known}"}
        if resource.get("kind") in _discovery.CLUSTER_WIDE:
            made["namespace"] = ""
            made.get("object", {"metadata": {}})["metadata"].pop("namespace", None)
        wanted.append(made)
    return known is not None and wanted == case.got.get("actions")


def foreign_flags(given: Any) -> set[str]:  # noqa: ANN401 - the corpus
    """Name the flags of a case that the operation does not have."""
    spec = given["trigger"]["template"].get("argoWorkflow") or {}
    known = ARGO_FLAGS.get(str(spec.get("operation", "")).removesuffix("-from"), "").split()
    names = {str(text).partition("=")[0] for text in spec.get("args") or () if str(text).startswith("-")}
    return {name for name in names if name.lstrip("-") not in known}


FUNCTIONS = {"k8s": (run_k8s, same_k8s), "argoWorkflow": (run_argo, same_argo)}


async def _fire(given: Any, cluster: Cluster, server: Server) -> dict[str, Any]:  # noqa: ANN401 - the corpus
    async def open_(_: AsyncExitStack) -> Server:
        return server

    trigger = documents.parse(Trigger, given["trigger"]).value
    assert trigger.template is not None
    shared = Shared()
    await shared.get(("argo server", SERVER), open_)
    around = Surroundings(given["sensor"], given["namespace"], cluster, shared=shared, argo_server=SERVER)
    made = construct(trigger.template, trigger.policy, around, "template")
    try:
        await made.fire(Firing(DIGEST, builders.events(given), 1.0))
    except Failed as error:
        return {"policyError" if error.exhausted == POLICY else "error": str(error)}
    except ServiceError as error:
        return {"error": str(error)}
    return {}


def _undone(action: Mapping[str, Any]) -> dict[str, Any]:
    return {**action, "object": undone(action["object"], DIGEST)} if "object" in action else dict(action)


def _changes(expected: Answer) -> list[dict[str, Any]]:
    changes = [deepcopy(dict(action)) for action in expected.get("actions") or () if action["verb"] not in {"get", "list"}]
    return [{**action, "patch": json.loads(action["patch"])} if "patch" in action else action for action in changes]


def _looks(expected: Answer) -> int:
    verbs = [action["verb"] for action in expected.get("actions") or ()]
    return len(verbs) - 1 - max((n for n, verb in enumerate(verbs) if verb != "get"), default=-1)


def _templates(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    resource = spec["source"].get("resource") or {}
    kinds = {"workflowtemplate": "WorkflowTemplate", "cronworkflow": "CronWorkflow"}
    kind = kinds.get(str(resource.get("kind", "")).lower())
    return [{**resource, "kind": kind}] if kind and (resource.get("metadata") or {}).get("name") else []


def _meaning(action: Mapping[str, Any]) -> dict[str, Any]:
    """Tell a change of a Workflow in the words of the command."""
    if action["verb"] == "create":
        metadata = {key: value for key, value in action["object"]["metadata"].items() if key != "namespace"}
        labels = metadata.get("labels") or {}
        origin = next((f"{kind}/{labels[LABEL + label]}" for label, kind in FROM.items() if LABEL + label in labels), None)
        made = {**action["object"], "metadata": metadata}
        return {"operation": "submit", "namespace": action["namespace"], "object": made, "from": origin}
    spec = action["patch"]["spec"]
    words = {"Stop": "stop", "Terminate": "terminate"}
    operation = words[spec["shutdown"]] if "shutdown" in spec else "suspend" if spec["suspend"] else "resume"
    return {"operation": operation, "namespace": action["namespace"], "name": action["name"]}


def _set_flags(workflow: dict[str, Any], given: Mapping[str, str]) -> None:
    """Do to a Workflow what these flags of the command do, as far as the corpus has them."""
    spec = workflow["spec"]
    for flag, value in given.items():
        if flag == "--entrypoint":
            spec["entrypoint"] = value
        elif flag == "--serviceaccount":
            spec["serviceAccountName"] = value
        elif flag == "--priority":
            spec["priority"] = int(value)
        elif flag in {"--name", "--generate-name"}:
            workflow["metadata"]["name" if flag == "--name" else "generateName"] = value
        elif flag in {"-p", "--parameter"}:
            name, _, text = value.partition("=")
            own = [each for each in (spec.get("arguments") or {}).get("parameters") or () if each["name"] != name]
            spec.setdefault("arguments", {})["parameters"] = [{"name": name, "value": text}, *own]
