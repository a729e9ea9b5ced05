"""Update with `liveObject`: the parameters are set in the object as it is, which has to be there."""

from collections.abc import Mapping
from typing import Any

import orjson

from common.errors import Failed, Refused, Rejected
from sensor.ports import Fired, Firing, Preview
from sensor.triggers.entries import words
from sensor.triggers.k8s import marks
from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.k8s.object import Source
from sensor.triggers.k8s.policy import Acted, Policy


class Live:
    """Updates one object a firing, at least once; see `sensor.ports.Trigger`."""

    needs_cluster = True

    def __init__(self, source: Source, access: Access, policy: Policy) -> None:
        source.require_name("name")
        self.reach = access.reach
        self._source = source
        self._access = access
        self._policy = policy

    async def fire(self, firing: Firing) -> Fired:
        """Update the object. That it is missing, or that somebody changed it in between, is an attempt (`Failed`)."""
        return await self._policy.after(firing, lambda: self._update(firing))

    async def find(self, firing: Firing) -> Fired | None:
        """Know no more than this process does: the change leaves no trace."""
        return await self._policy.found(firing)

    async def preview(self, firing: Firing) -> Preview:
        """Give the document's object with the parameters set: where they lead in the live one, only the cluster knows."""
        address = await self._address()
        own = self._source.own
        drawn = self._source.draw_on(own.body(own.metadata), firing.events)
        body = orjson.loads(drawn.body(marks.placed(drawn, address.namespace)))
        request = {"verb": "update", "namespace": address.namespace, "name": address.name, "object": body}
        needs = f"{address} as it is then: the parameters are set in it"
        return Preview(f"update {address}", {**request, "needs": needs}, words(drawn.notes))

    async def _update(self, firing: Firing) -> Acted:
        address = await self._address()
        live = await self._access.get(address)
        if live is None:
            raise Failed(f"{address} is not there")
        drawn = self._source.draw_on(_text(live), firing.events)
        if drawn.target != address.target or str(drawn.metadata.get("name")) != address.name:
            raise Rejected("parameter", f"with the parameters set, it is not {address} any more")
        await self._access.update(address, drawn.body(marks.placed(drawn, address.namespace)))
        return address, Fired("fired", f"{address}, updated", words(drawn.notes))

    async def _address(self) -> Address:
        """Find the object by what the document itself says, as in Argo Events. Raises `Refused` where that is too little."""
        own = self._source.own
        if not (own.target.api_version and own.target.kind and own.metadata.get("name")):
            raise Refused(f"{self._source.place}: apiVersion, kind and name must be specified for fetching the live object")
        address = await self._access.address(own, own.name())
        if address.namespace and not own.metadata.get("namespace"):
            raise Refused(f"{self._source.place}: the namespace must be specified for fetching the live object")
        return address


def _text(live: Mapping[str, Any]) -> bytes:
    return orjson.dumps(live)
