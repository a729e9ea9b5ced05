"""`suspend`, `resume`, `stop` and `terminate`: a merge patch of the Workflow that the document, or the event, names.

As the `argo` command does (workflow/util/util.go of github.com/argoproj/argo-workflows), over the API and without the command.
At least once; what is as it is wanted already is not changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from common.errors import Failed, Rejected
from sensor.ports import Fired, Firing, Preview
from sensor.triggers.argoworkflow import flags, nodes
from sensor.triggers.argoworkflow.flags import Flag
from sensor.triggers.argoworkflow.nodes import Node, Selector
from sensor.triggers.argoworkflow.submit import WORKFLOW
from sensor.triggers.entries import words
from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.k8s.object import Drawn, Source
from sensor.triggers.k8s.patch import MERGE
from sensor.triggers.k8s.policy import Acted, Policy

SELECTOR = Flag("node-field-selector")
FLAGS = {"suspend": (), "resume": (SELECTOR,), "stop": (SELECTOR, Flag("message")), "terminate": ()}
"""The operations, and the flags that each knows."""
_COMPLETED = "workflows.argoproj.io/completed"
_ENDED = frozenset({"Succeeded", "Failed", "Error"})
_NEEDS = "the Workflow as it is then"
Patch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Steering:
    """One operation with its flags."""

    operation: str
    selector: Selector
    message: str

    @classmethod
    def read(cls, operation: str, args: tuple[str, ...], place: str) -> "Steering":
        """Read the flags. Raises `ConfigurationError`."""
        given = flags.parse(args, FLAGS[operation], place)
        selector = Selector.read(flags.last(given, SELECTOR.name), place)
        return cls(operation, selector, flags.last(given, "message"))

    def patch(self, workflow: Mapping[str, Any], now: float) -> Patch:
        """Give what changes; nothing where it is as it is wanted. Raises `Rejected` where it cannot be."""
        return _PATCHES[self.operation](self, workflow, now)

    @property
    def usual(self) -> Patch:
        """What changes in a Workflow that runs, as far as that is known without it."""
        if self.selector:
            return {"status": {"nodes": {}}}
        return {"spec": _SPECS[self.operation]}


_SPECS: Mapping[str, Patch] = {
    "suspend": {"suspend": True},
    "resume": {"suspend": None},
    "stop": {"shutdown": "Stop"},
    "terminate": {"shutdown": "Terminate"},
}


def _suspend(_: Steering, workflow: Mapping[str, Any], __: float) -> Patch:
    if (workflow.get("spec") or {}).get("suspend"):
        return {}
    if ((workflow["metadata"].get("labels") or {}).get(_COMPLETED)) == "true":
        raise Rejected("rejected", "a completed Workflow cannot be suspended")
    return {"spec": _SPECS["suspend"]}


def _shut_down(how: Steering, workflow: Mapping[str, Any], now: float) -> Patch:
    if how.selector:
        message = {"message": how.message} if how.message else {}
        return _end_nodes(how, workflow, lambda _: {"phase": "Failed", **_finished(now), **message})
    wanted = _SPECS[how.operation]
    if (workflow.get("spec") or {}).get("shutdown") == wanted["shutdown"]:
        return {}
    if (workflow.get("status") or {}).get("phase") in _ENDED:
        raise Rejected("rejected", "a completed Workflow cannot be shut down")
    return {"spec": wanted}


def _resume(how: Steering, workflow: Mapping[str, Any], now: float) -> Patch:
    def go_on(node: Node) -> dict[str, Any]:
        return {"phase": "Succeeded", **_finished(now), **({} if how.selector else nodes.with_defaults(node))}

    if how.selector:
        return _end_nodes(how, workflow, go_on)
    status, count = nodes.ended(workflow, how.selector, go_on)
    is_suspended = (workflow.get("spec") or {}).get("suspend")
    return ({"spec": _SPECS["resume"]} if is_suspended else {}) | (_versioned(workflow, status) if count else {})


def _end_nodes(how: Steering, workflow: Mapping[str, Any], end: Callable[[Node], Mapping[str, Any]]) -> Patch:
    status, count = nodes.ended(workflow, how.selector, end)
    if not count:
        raise Failed("no node that waits is meant by the --node-field-selector")
    return _versioned(workflow, status)


def _versioned(workflow: Mapping[str, Any], status: Patch) -> Patch:
    """Change the status only as it was read: the controller writes it, too. A conflict is an attempt."""
    return {"metadata": {"resourceVersion": workflow["metadata"].get("resourceVersion")}, "status": status}


def _finished(now: float) -> dict[str, str]:
    return {"finishedAt": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


_PATCHES = {"suspend": _suspend, "resume": _resume, "stop": _shut_down, "terminate": _shut_down}


class Steered:
    """Changes one Workflow a firing; see `sensor.ports.Trigger`."""

    needs_cluster = True

    def __init__(self, source: Source, access: Access, policy: Policy, steering: Steering) -> None:
        source.require_name("name")
        self.reach = access.reach
        self._source = source
        self._access = access
        self._policy = policy
        self._steering = steering

    async def fire(self, firing: Firing) -> Fired:
        """Change the Workflow. One that is not there, or changed in between, is an attempt (`Failed`)."""
        return await self._policy.after(firing, lambda: self._act(firing))

    async def find(self, firing: Firing) -> Fired | None:
        """Know no more than this process does: the change leaves no trace of this firing."""
        return await self._policy.found(firing)

    async def preview(self, firing: Firing) -> Preview:
        """Give the patch of a Workflow that runs."""
        drawn, address = await self._drawn(firing)
        request = {"verb": "patch", "namespace": address.namespace, "name": address.name}
        shown = {"patchStrategy": MERGE, "patch": self._steering.usual, "needs": _NEEDS}
        return Preview(f"{self._steering.operation} {address}", {**request, **shown}, words(drawn.notes))

    async def _drawn(self, firing: Firing) -> tuple[Drawn, Address]:
        drawn = replace(self._source.draw(firing.events), target=WORKFLOW)
        return drawn, await self._access.address(drawn, drawn.name())

    async def _act(self, firing: Firing) -> Acted:
        drawn, address = await self._drawn(firing)
        found = await self._access.get(address)
        if found is None:
            raise Failed(f"{address} is not there")
        patch = self._steering.patch(found, firing.now)
        if patch:
            await self._access.patch(address, orjson.dumps(patch), MERGE)
        return address, Fired("fired", f"{self._steering.operation} {address}", words(drawn.notes))
