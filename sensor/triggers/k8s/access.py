"""The cluster as one trigger asks it: every question is about an object at its address."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from common.errors import Failed
from sensor.ports import Cluster, Missing, Reach, Target
from sensor.triggers.k8s.object import Drawn

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an object stands. `asked` is the namespace as given, `namespace` is empty for kinds that have none."""

    target: Target
    asked: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.target.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.target.kind} {self.name}"


class Access:
    """A cluster and the trigger's own reach there. Raises as `sensor.ports.Cluster` does.

    With one exception: what is missing because of what an event says must not stop the trigger for all others (`Failed`).
    """

    def __init__(self, cluster: Cluster, reach: Reach | None, namespace: str) -> None:
        self.reach = reach
        self._cluster = cluster
        self._namespace = namespace

    async def address(self, drawn: Drawn, name: str) -> Address:
        """Work out where an object stands; without a namespace of its own it is the sensor's."""
        asked = str(drawn.metadata.get("namespace") or self._namespace)
        namespaced = await self._own(drawn.target, asked, self._cluster.namespaced(drawn.target))
        return Address(drawn.target, asked, asked if namespaced else "", name)

    async def create(self, at: Address, body: bytes) -> None:
        """Create it. Raises `NameTaken`."""
        await self._own(at.target, at.asked, self._cluster.create(at.target, at.namespace, body))

    async def get(self, at: Address) -> Mapping[str, Any] | None:
        """Get it, or None."""
        return await self._own(at.target, at.asked, self._cluster.get(at.target, at.namespace, at.name))

    async def update(self, at: Address, body: bytes) -> None:
        """Put something in its place. An object that has gone meanwhile is an attempt (`Failed`)."""
        await _there(at, self._cluster.update(at.target, at.namespace, at.name, body))

    async def patch(self, at: Address, body: bytes, strategy: str) -> None:
        """Change it. An object that is not there is an attempt (`Failed`)."""
        await _there(at, self._cluster.patch(at.target, at.namespace, at.name, body, strategy))

    async def delete(self, at: Address) -> bool:
        """Delete it; gives False where it was not there."""
        return await self._own(at.target, at.asked, self._cluster.delete(at.target, at.namespace, at.name))

    async def _own(self, target: Target, namespace: str, call: Awaitable[ResultT]) -> ResultT:
        try:
            return await call
        except Missing as error:
            if self.reach and (target, namespace) == (self.reach.target, self.reach.namespace):
                raise
            raise Failed(str(error)) from error


async def _there(at: Address, call: Awaitable[None]) -> None:
    try:
        await call
    except Missing as error:
        raise Failed(f"{at} is not there: {error}") from error
