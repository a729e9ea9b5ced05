"""Patch: the document's object is the patch.

Mended (fault F20 of Argo Events): `application/apply-patch+yaml` is server-side apply, which creates by itself; a JSON patch is
a list, which the source of a trigger cannot be, so it is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import ConfigurationError
from sensor.ports import APPLY
from sensor.triggers.k8s.access import Access, Address

MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON = "application/json-patch+json"


def strategy(given: str, place: str) -> str:
    """Read a document's `patchStrategy`. Raises `ConfigurationError`."""
    if given == JSON:
        raise ConfigurationError(f"{place}: {given} is a list of changes, and the source of a trigger is an object")
    if given not in {"", MERGE, STRATEGIC, APPLY}:
        raise ConfigurationError(f"{place}: {given!r} is none of {MERGE}, {STRATEGIC} and {APPLY}")
    return given or MERGE


@dataclass(frozen=True, slots=True)
class Patch:
    """See `sensor.triggers.k8s.change.Change`."""

    strategy: str

    @property
    def verb(self) -> str:
        """What it is called."""
        return "patch"

    @property
    def creates(self) -> bool:
        """Whether it makes the object by itself."""
        return self.strategy == APPLY

    async def make(self, access: Access, at: Address, _: Mapping[str, Any], body: bytes) -> None:
        """Send the patch."""
        await access.patch(at, body, self.strategy)

    def shown(self, body: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any object
        """Give the patch."""
        needs = {} if self.creates else {"needs": "the object that is there: where there is none, this is created"}
        return {"patchStrategy": self.strategy, "patch": body, **needs}
