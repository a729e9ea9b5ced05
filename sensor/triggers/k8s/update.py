"""Update: the document's object is laid over the one that is there, which is put back whole.

The version that was read goes along, so a change that somebody else made in between is a conflict: an attempt.
"""

from collections.abc import Mapping
from typing import Any

from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.k8s.merge import merged


class Update:
    """See `sensor.triggers.k8s.change.Change`."""

    verb = "update"
    creates = False

    async def make(self, access: Access, at: Address, old: Mapping[str, Any], body: bytes) -> None:
        """Put the merged object in its place."""
        await access.update(at, merged(old, body))

    def shown(self, body: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any object
        """Give what is laid over the object that is there."""
        return {"object": body, "needs": "the object that is there: this is laid over it, or created where there is none"}
