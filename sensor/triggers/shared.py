"""What several triggers hold in common while the sensor runs: sessions and connections, opened when first needed.

A trigger may be made anew for each event (`template`), so it owns nothing that has to be closed: it asks for it here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

HeldT = TypeVar("HeldT")


class Shared:
    """Opens each thing once, under its key; `async with` closes all of them, the last one first."""

    def __init__(self) -> None:
        self._held: dict[Hashable, Any] = {}
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()

    async def get(self, key: Hashable, open_: Callable[[AsyncExitStack], Awaitable[HeldT]]) -> HeldT:
        """Give what stands under the key. `open_` makes it, and tells the stack how it is closed; its errors are raised."""
        if key not in self._held:
            async with self._opening:
                if key not in self._held:
                    self._held[key] = await open_(self._stack)
        found: HeldT = self._held[key]
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)
