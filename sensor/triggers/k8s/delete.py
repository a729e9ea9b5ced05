"""Delete an object. One that is not there is as good as deleted; there is nothing that a policy could wait for."""

from sensor.ports import Fired, Firing, Preview
from sensor.triggers.entries import words
from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.k8s.object import Drawn, Source


class Deleting:
    """Deletes one object a firing, at least once; see `sensor.ports.Trigger`."""

    needs_cluster = True

    def __init__(self, source: Source, access: Access) -> None:
        self.reach = access.reach
        self._source = source
        self._access = access

    async def fire(self, firing: Firing) -> Fired:
        """Delete the object."""
        drawn, address = await self._drawn(firing)
        was_there = await self._access.delete(address)
        return Fired("fired", f"{address}, deleted" if was_there else f"{address}, not there", words(drawn.notes))

    async def find(self, _: Firing) -> Fired | None:
        """Know nothing: whether this firing deleted what is not there, nobody can tell."""
        return None

    async def preview(self, firing: Firing) -> Preview:
        """Give the object that would be deleted."""
        drawn, address = await self._drawn(firing)
        request = {"verb": "delete", "namespace": address.namespace, "name": address.name}
        return Preview(f"delete {address}", request, words(drawn.notes))

    async def _drawn(self, firing: Firing) -> tuple[Drawn, Address]:
        drawn = self._source.draw(firing.events)
        return drawn, await self._access.address(drawn, drawn.name())
