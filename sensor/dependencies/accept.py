"""What a dependency makes of an event: its transform first, then its filters, in Argo Events' order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from common import errors
from common.cloudevent import CloudEvent
from sensor.dependencies import transform
from sensor.dependencies.filters import Errored, Prepared, Rejected
from sensor.dependencies.transform import Transform


class Scripts(Protocol):
    """Whatever runs the scripts of users, in processes of their own."""

    async def run(self, language: Literal["jq", "lua"], program: str, data: bytes) -> bytes:
        """Make the data of an event anew. Raises `ValueError`, or `Rejected` where the script took too much."""

    async def accepts(self, script: str, data: bytes) -> bool:
        """Say whether a Lua filter lets the data pass. Raises as `run` does."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a dependency asks of its events, made ready."""

    transform: Transform | None = None
    filters: Prepared | None = None

    @property
    def languages(self) -> Iterator[Literal["jq", "lua"]]:
        """The languages of its scripts."""
        if self.transform and self.transform.jq:
            yield "jq"
        if (self.transform and self.transform.script) or (self.filters and self.filters.given.script):
            yield "lua"


ANYTHING = Wish()
"""The wish of a dependency that takes each event as it is."""


async def accept(wish: Wish, event: CloudEvent, scripts: Scripts) -> CloudEvent | Rejected:
    """Give the event as the dependency has it, or the filter that does not want it.

    Raises `common.errors.Rejected` where a transform or a filter fails: Argo Events drops such an event with a line in its
    log (fault F3); here nothing is lost over a script that cannot decide.
    """
    try:
        transformed = await transform.apply(wish.transform, event, scripts.run)
    except ValueError as error:
        raise errors.Rejected("transform_error", str(error)) from error
    if wish.filters is None:
        return transformed
    verdict = await wish.filters.judge(transformed, scripts.accepts)
    if isinstance(verdict, Errored):
        raise errors.Rejected("filter_error", verdict.error)
    return verdict if isinstance(verdict, Rejected) else transformed
