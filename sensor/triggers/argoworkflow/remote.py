"""`retry` and `resubmit`: asked of Argo Server, which alone knows how its release does that.

At least once, and nothing tells whether it was done: a resubmission that is repeated makes a second Workflow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sensor.ports import Fired, Firing, Preview
from sensor.triggers.argo_server import ArgoServer, open_client
from sensor.triggers.argoworkflow import flags
from sensor.triggers.argoworkflow.flags import Flag
from sensor.triggers.argoworkflow.nodes import Selector
from sensor.triggers.argoworkflow.options import pair
from sensor.triggers.argoworkflow.submit import WORKFLOW
from sensor.triggers.entries import words
from sensor.triggers.k8s.access import Address
from sensor.triggers.k8s.object import Drawn, Source
from sensor.triggers.k8s.policy import Acted, Policy
from sensor.triggers.shared import Shared

FLAGS = {
    "retry": (Flag("parameter", "p"), Flag("restart-successful", is_switch=True), Flag("node-field-selector")),
    "resubmit": (Flag("parameter", "p"), Flag("memoized", is_switch=True)),
}
"""The operations, and the flags that each knows."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the server: `more` goes into the body, besides the Workflow's name."""

    server: ArgoServer
    operation: str
    more: Mapping[str, Any]


def read(server: ArgoServer, operation: str, args: tuple[str, ...], place: str) -> Request:
    """Read the flags. Raises `ConfigurationError`."""
    given = flags.parse(args, FLAGS[operation], place)
    parameters = given.get("parameter", ())
    for text in parameters:
        pair(text, place)
    more: dict[str, Any] = {"parameters": parameters} if parameters else {}
    if operation == "resubmit":
        return Request(server, operation, {**more, "memoized": flags.is_on(given, "memoized")})
    selector = flags.last(given, "node-field-selector")
    Selector.read(selector, place)
    more["restartSuccessful"] = flags.is_on(given, "restart-successful")
    return Request(server, operation, {**more, "nodeFieldSelector": selector})


class Remote:
    """Asks one thing of the server a firing; see `sensor.ports.Trigger`. With a policy it looks at the Workflow itself."""

    reach = None
    needs_cluster = False
    # Not even with a policy: Argo Server's being away must not close the gate that all triggers of the cluster share.

    def __init__(self, source: Source, policy: Policy, request: Request, *, namespace: str, shared: Shared) -> None:
        source.require_name("name")
        self._source = source
        self._policy = policy
        self._request = request
        self._namespace = namespace
        self._shared = shared

    async def fire(self, firing: Firing) -> Fired:
        """Ask the server."""
        return await self._policy.after(firing, lambda: self._act(firing), once=self._request.operation == "resubmit")

    async def find(self, firing: Firing) -> Fired | None:
        """Know no more than this process does: what the server did for this firing cannot be asked."""
        return await self._policy.found(firing)

    async def preview(self, firing: Firing) -> Preview:
        """Give the request; the token stays out of it."""
        drawn, address = self._drawn(firing)
        path = f"/api/v1/workflows/{address.namespace}/{address.name}/{self._request.operation}"
        body = {"namespace": address.namespace, "name": address.name, **self._request.more}
        request = {"method": "PUT", "url": self._request.server.url + path, "body": body}
        return Preview(f"{self._request.operation} {address}", request, words(drawn.notes))

    def _drawn(self, firing: Firing) -> tuple[Drawn, Address]:
        drawn = replace(self._source.draw(firing.events), target=WORKFLOW)
        namespace = str(drawn.metadata.get("namespace") or self._namespace)
        return drawn, Address(WORKFLOW, namespace, namespace, drawn.name())

    async def _act(self, firing: Firing) -> Acted:
        drawn, address = self._drawn(firing)
        server = self._request.server
        client = await self._shared.get(("argo server", server), partial(open_client, server))
        answer = await client.workflow(self._request.operation, address.namespace, address.name, self._request.more)
        made = replace(address, name=str((answer.get("metadata") or {}).get("name") or address.name))
        what = f"{self._request.operation} {address}" + (f": {made}" if made != address else "")
        return made, Fired("fired", what, words(drawn.notes))
