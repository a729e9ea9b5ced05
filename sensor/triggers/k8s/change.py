"""Change an object that is there; where there is none, it is created.

At least once: a change leaves no trace of its firing. As in Argo Events what is created here carries no labels of the sensor
(its fault F55, kept); it does carry our annotations, by which a repetition knows it.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from common.errors import Failed
from sensor.ports import Fired, Firing, NameTaken, Preview
from sensor.triggers.entries import words
from sensor.triggers.k8s import marks
from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.k8s.create import TRIES
from sensor.triggers.k8s.object import Drawn, Source
from sensor.triggers.k8s.policy import Acted, Policy


class Change(Protocol):
    """One way to change an object. `verb` is that of RBAC; `creates`: it makes the object by itself where there is none."""

    @property
    def verb(self) -> str:
        """What it is called."""

    @property
    def creates(self) -> bool:
        """Whether there is no need to look for the object first."""

    async def make(self, access: Access, at: Address, old: Mapping[str, Any], body: bytes) -> None:
        """Change it by the document's object, `body`. Raises `Failed` where somebody else changed or deleted it meanwhile."""

    def shown(self, body: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any object
        """Give what a preview tells of the request."""


class Changing:
    """Changes one object a firing; see `sensor.ports.Trigger`."""

    needs_cluster = True

    def __init__(self, source: Source, access: Access, policy: Policy, change: Change) -> None:
        self.reach = access.reach
        self._source = source
        self._access = access
        self._policy = policy
        self._change = change

    async def fire(self, firing: Firing) -> Fired:
        """Change the object, or create it."""
        return await self._policy.after(firing, lambda: self._act(firing))

    async def find(self, firing: Firing) -> Fired | None:
        """Look whether this firing created the object."""
        found = await self._policy.found(firing)
        if found is not None:
            return found
        drawn, address = await self._drawn(firing)
        if not marks.is_ours(await self._access.get(address), firing):
            return None
        await self._policy.met(address)
        return Fired("duplicate", str(address), words(drawn.notes))

    async def preview(self, firing: Firing) -> Preview:
        """Give what is sent, as far as that does not depend on the object that is there."""
        drawn, address = await self._drawn(firing)
        body = orjson.loads(drawn.body(marks.placed(drawn, address.namespace)))
        request = {"verb": self._change.verb, "namespace": address.namespace, "name": address.name}
        return Preview(f"{self._change.verb} {address}", {**request, **self._change.shown(body)}, words(drawn.notes))

    async def _drawn(self, firing: Firing) -> tuple[Drawn, Address]:
        drawn = self._source.draw(firing.events)
        return drawn, await self._access.address(drawn, drawn.name())

    async def _act(self, firing: Firing) -> Acted:
        drawn, address = await self._drawn(firing)
        metadata, notes = marks.placed(drawn, address.namespace), words(drawn.notes)
        for _ in range(TRIES):
            old = None if self._change.creates else await self._access.get(address)
            if marks.is_ours(old, firing):
                return address, Fired("duplicate", str(address), notes)
            if old is not None or self._change.creates:
                await self._change.make(self._access, address, old or {}, drawn.body(metadata))
                return address, Fired("fired", f"{self._change.verb} {address}", notes)
            try:
                await self._access.create(address, drawn.body(marks.annotated(metadata, firing)))
            except NameTaken:
                # Somebody else was faster: there is something to change after all.
                continue
            return address, Fired("fired", f"create {address}", notes)
        raise Failed(f"{address} is made and deleted again and again")
