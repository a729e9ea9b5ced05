"""`transform`: an event's data made anew by a jq program or a Lua script, before the filters look at it. With both, jq counts.

The program runs elsewhere, behind `run`: here is only what becomes of the event. Data that the event does not have is not made.
"""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from common.cloudevent import JSON, CloudEvent


@dataclass(frozen=True, slots=True)
class Transform:
    """How to make the data anew; with neither it stays as it is."""

    jq: str = ""
    script: str = ""


class RunProgram(Protocol):
    """Whatever runs programs in processes of their own."""

    async def __call__(self, language: Literal["jq", "lua"], program: str, data: bytes) -> bytes:
        """Give the new data: JSON, keys sorted. Raises `ValueError` where the program fails."""


async def apply(transform: Transform | None, event: CloudEvent, run: RunProgram) -> CloudEvent:
    """Give the event with its new data, which is JSON whatever it was. Raises what `run` raises."""
    if transform is None or event.data is None or not (transform.jq or transform.script):
        return event
    if transform.jq:
        data = await run("jq", transform.jq, event.data)
    else:
        data = await run("lua", transform.script, event.data)
    return replace(event, data=data, datacontenttype=JSON)
