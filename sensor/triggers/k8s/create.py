"""Create an object under a name that follows from the event: one object a firing, however often it is tried."""

from typing import Any, Protocol

import orjson

from common.errors import Failed, Rejected
from sensor import identity
from sensor.ports import Fired, Firing, NameTaken, Preview
from sensor.triggers.entries import words
from sensor.triggers.k8s import marks
from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.k8s.object import Drawn
from sensor.triggers.k8s.policy import Acted, Policy

TRIES = 3
"""How often in a row a name may be taken and free again, before it is called a failure."""


class Blueprint(Protocol):
    """What is to be created."""

    @property
    def needs(self) -> str:
        """What a sketch lacks, in words; empty where it lacks nothing."""

    def sketch(self, firing: Firing) -> Drawn:
        """Draw it as far as nothing has to be looked up: its kind, its namespace and its name. Raises `Rejected`."""

    async def complete(self, drawn: Drawn, firing: Firing) -> Drawn:
        """Look up what is missing. Raises as `Access` does."""


class Creating:
    """Creates one object a firing; see `sensor.ports.Trigger`."""

    needs_cluster = True

    def __init__(self, blueprint: Blueprint, access: Access, policy: Policy, *, sensor: str, trigger: str) -> None:
        self.reach = access.reach
        self._blueprint = blueprint
        self._access = access
        self._policy = policy
        self._labels = {identity.LABEL_SENSOR: sensor, identity.LABEL_TRIGGER: trigger}

    async def fire(self, firing: Firing) -> Fired:
        """Create the object; one that is there already counts if it is this firing's."""
        return await self._policy.after(firing, lambda: self._create(firing), once=True)

    async def find(self, firing: Firing) -> Fired | None:
        """Look for the object by its name."""
        found = await self._policy.found(firing)
        if found is not None:
            return found
        drawn = self._blueprint.sketch(firing)
        address = await self._access.address(drawn, marks.name(drawn, firing.digest))
        if not marks.is_ours(await self._access.get(address), firing):
            return None
        await self._policy.met(address)
        return Fired("duplicate", str(address), words(drawn.notes))

    async def preview(self, firing: Firing) -> Preview:
        """Give the object that would be created."""
        drawn = self._blueprint.sketch(firing)
        address = await self._access.address(drawn, marks.name(drawn, firing.digest))
        request = {"verb": "create", "namespace": address.namespace, "object": orjson.loads(self._body(drawn, firing, address))}
        needs = {"needs": self._blueprint.needs} if self._blueprint.needs else {}
        return Preview(f"create {address}", {**request, **needs}, words(drawn.notes))

    async def _create(self, firing: Firing) -> Acted:
        drawn = self._blueprint.sketch(firing)
        address = await self._access.address(drawn, marks.name(drawn, firing.digest))
        drawn = await self._blueprint.complete(drawn, firing)
        body, notes = self._body(drawn, firing, address), words(drawn.notes)
        for _ in range(TRIES):
            try:
                await self._access.create(address, body)
            except NameTaken:
                if await self._is_there(address, firing):
                    return address, Fired("duplicate", str(address), notes)
                continue
            return address, Fired("fired", str(address), notes)
        raise Failed(f"{address} is made and deleted again and again")

    def _body(self, drawn: Drawn, firing: Firing, address: Address) -> bytes:
        metadata: dict[str, Any] = marks.placed(drawn, address.namespace)
        metadata["name"] = address.name
        return drawn.body(marks.annotated(marks.labelled(metadata, self._labels, firing.now), firing))

    async def _is_there(self, address: Address, firing: Firing) -> bool:
        found = await self._access.get(address)
        if found is None or marks.is_ours(found, firing):
            return found is not None
        if (found.get("metadata") or {}).get("deletionTimestamp"):
            raise Failed(f"{address} is somebody else's and is being deleted")
        raise Rejected("name_taken", f"{address} exists already and is not of this firing")
