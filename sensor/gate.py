"""Gates in front of a target: open while it answers; closed while it does not, but for one probe at a time.

Two kinds share this file. A *breaker* stands before a target that is away or overloaded (`Unavailable`), shared by all
triggers that need it; a *stop* stands before one trigger whose target refuses it (`Refused`). Either way nothing new is
fetched, what is in hand is kept and tried again in place, and no attempt is counted, however long it lasts.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from common import backoff
from common.errors import Failed, Refused, Rejected, ServiceError, Unavailable
from common.service import first

BREAKER_FIRST, BREAKER_CAP = 0.25, 10.0
"""Seconds between two probes of a target that is away."""
STOP_FIRST, STOP_CAP = 1.0, 15.0
"""Seconds between two probes of a target that refuses."""
LONGEST_AFTER = 300.0
"""Seconds of Retry-After that are believed."""

ResultT = TypeVar("ResultT")


class Stopping(ServiceError):
    """The service stops while the gate is closed: what is in hand goes back to the bus."""


class Gate:
    """Open, or closed with a reason. `on_change` hears the reason, or None when it opens."""

    def __init__(self, *, first_pause: float, cap: float, stop: asyncio.Event, on_change: Callable[[str | None], None]) -> None:
        self.why: str | None = None
        self.since = 0.0
        self._first = first_pause
        self._cap = cap
        self._stop = stop
        self._on_change = on_change
        self._failures = 0
        self._next = 0.0
        self._probing = False
        self._changed = asyncio.Event()

    @classmethod
    def breaker(cls, stop: asyncio.Event, on_change: Callable[[str | None], None]) -> "Gate":
        """Make a gate before a target that may be away."""
        return cls(first_pause=BREAKER_FIRST, cap=BREAKER_CAP, stop=stop, on_change=on_change)

    @classmethod
    def stop(cls, stop: asyncio.Event, on_change: Callable[[str | None], None]) -> "Gate":
        """Make a gate before a trigger that may be refused."""
        return cls(first_pause=STOP_FIRST, cap=STOP_CAP, stop=stop, on_change=on_change)

    @property
    def is_open(self) -> bool:
        """Whether everybody passes."""
        return self.why is None

    async def enter(self) -> bool:
        """Pass, or wait for it; gives True to the one who passes as the probe. Raises `Stopping`."""
        while self.why is not None:
            if self._stop.is_set():
                raise Stopping(self.why)
            pause = self._next - asyncio.get_running_loop().time()
            if pause <= 0 and not self._probing:
                self._probing = True
                return True
            await first(self._changed.wait(), self._stop.wait(), timeout=pause if pause > 0 else None)
        return False

    def passed(self) -> None:
        """Tell that the target answered: the gate opens."""
        if self.why is None:
            return
        self.why = None
        self._failures = 0
        self._probing = False
        self._tell()
        self._on_change(None)

    def failed(self, why: str, *, probe: bool, after: float | None = None) -> None:
        """Tell that it did not. Only the first failure and those of probes make the pause longer."""
        if self.why is not None and not probe:
            return
        if self.why is None:
            self.since = time.time()
        self.why = why
        self._failures += 1
        self._probing = False
        pause = backoff.delay(self._failures, first=self._first, cap=self._cap, jitter=random.random())  # noqa: S311
        self._next = asyncio.get_running_loop().time() + max(pause, min(after or 0.0, LONGEST_AFTER))
        self._tell()
        self._on_change(why)

    def let_go(self, *, probe: bool) -> None:
        """Tell that the probe came to no answer: the next one may try."""
        if probe:
            self._probing = False
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Gates:
    """The gates of one trigger: its own, and its target's if it has one in common with others."""

    def __init__(self, own: Gate, target: Gate | None) -> None:
        self.own = own
        self.target = target

    @property
    def are_open(self) -> bool:
        """Whether it makes sense to fetch."""
        return self.own.is_open and (self.target is None or self.target.is_open)

    async def run(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Make the call, again and again while it fails for no fault of the event's. Raises what is about the event."""
        while True:
            turn = _Turn(self, own=await self.own.enter())
            inside = _TURN.set(turn)
            try:
                turn.target = await self.target.enter() if self.target else False
                result = await call()
            except Unavailable as error:
                self._unavailable(error, turn)
                continue
            except Refused as error:
                self._answered()
                self.own.failed(str(error), probe=turn.own)
                continue
            except (Failed, Rejected):
                turn.answered()
                raise
            except BaseException:
                self.own.let_go(probe=turn.own)
                if self.target:
                    self.target.let_go(probe=turn.target)
                raise
            finally:
                _TURN.reset(inside)
            turn.answered()
            return result

    def _answered(self) -> None:
        if self.target:
            self.target.passed()

    def _unavailable(self, error: Unavailable, turn: "_Turn") -> None:
        if self.target:
            self.target.failed(str(error), probe=turn.target, after=error.after)
            self.own.let_go(probe=turn.own)
        else:
            self.own.failed(str(error), probe=turn.own, after=error.after)


@dataclass(slots=True)
class _Turn:
    """One call behind the gates: whether it is the probe of either."""

    gates: Gates
    own: bool = False
    target: bool = False

    def answered(self) -> None:
        """Open the gates; the call is no probe any more."""
        self.own = self.target = False
        if self.gates.target:
            self.gates.target.passed()
        self.gates.own.passed()


_TURN: ContextVar[_Turn | None] = ContextVar("turn", default=None)


def answered() -> None:
    """Tell the gates, from inside of a call, that the target has answered, although the call goes on: nobody waits for it."""
    turn = _TURN.get()
    if turn is not None:
        turn.answered()
