"""What several triggers hold in common while the sensor runs: sessions and connections, opened when first needed.

A trigger may be made anew for each event (`template`), so it owns nothing that has to be closed: it asks for it here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakValueDictionary

MOST = 256
"""How many things are held. Events may lead to ever new ones: beyond this, what was asked for longest ago is closed."""
HeldT = TypeVar("HeldT")


class Shared:
    """Opens each thing once, under its key; `async with` closes all of them, that of the last `get` first."""

    def __init__(self) -> None:
        self._held: dict[Hashable, tuple[Any, AsyncExitStack]] = {}
        # A lock is there as long as somebody holds it or waits for it.
        self._opening: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def get(self, key: Hashable, open_: Callable[[AsyncExitStack], Awaitable[HeldT]]) -> HeldT:
        """Give what stands under the key. `open_` makes it, and tells the stack how it is closed; its errors are raised."""
        if key not in self._held:
            async with self._opening.setdefault(key, asyncio.Lock()):
                if key not in self._held:
                    self._held[key] = await _opened(open_)
        held = self._held[key] = self._held.pop(key)
        if len(self._held) > MOST:
            oldest = next(iter(self._held))
            await self.drop(oldest, self._held[oldest][0])
        found: HeldT = held[0]
        return found

    async def drop(self, key: Hashable, thing: object) -> None:
        """Close what is of no more use, if it still stands under the key; the next `get` opens it anew."""
        held = self._held.get(key)
        if held is not None and held[0] is thing:
            del self._held[key]
            await held[1].aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with AsyncExitStack() as stack:
            for _, own in self._held.values():
                stack.push_async_callback(own.aclose)
            self._held.clear()


async def _opened(open_: Callable[[AsyncExitStack], Awaitable[HeldT]]) -> tuple[HeldT, AsyncExitStack]:
    async with AsyncExitStack() as stack:
        return await open_(stack), stack.pop_all()
